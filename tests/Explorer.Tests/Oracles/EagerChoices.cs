using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>Whoever became able to run last runs first: a processor executes its first instruction at once.</summary>
internal sealed class EagerChoices : IChoices
{
    public int Pick(int bound) => bound - 1;
}
