using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Something that may go wrong: a search tries both.</summary>
/// <param name="Site">The named step that may fail, or <see cref="LoseKick"/> or <see cref="DelayKick"/>.</param>
/// <param name="TimesMax">How often.</param>
/// <param name="Errno">What it fails with.</param>
public sealed record ScenarioFault(string Site, int TimesMax, Errno Errno)
{
    /// <summary>A kick of the host's does not reach the processor.</summary>
    public const string LoseKick = "lose_kick";

    /// <summary>A kick of the host's reaches the processor 1 ms late.</summary>
    public const string DelayKick = "delay_kick";
}
