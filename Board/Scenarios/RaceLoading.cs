namespace RemoteprocEmu.Board.Scenarios;

/// <summary>When the vdevs' driver is loaded, in a <see cref="RaceScenario"/>.</summary>
public enum RaceLoading
{
    /// <summary>Before the processor's driver.</summary>
    First,
    /// <summary>After the processor's driver, once everything is quiet.</summary>
    Later,
    /// <summary>While the processor's driver is loaded.</summary>
    Together,
}
