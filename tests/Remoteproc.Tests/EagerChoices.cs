using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>
/// Whoever became able to run last runs first: a processor executes its first instruction as soon as it is let out of reset.
/// </summary>
internal sealed class EagerChoices : IChoices
{
    public int Pick(int bound) => bound - 1;
}
