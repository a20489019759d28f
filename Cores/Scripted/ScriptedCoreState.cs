namespace RemoteprocEmu.Cores.Scripted;

/// <summary>Whether a core runs, and for whom.</summary>
public enum ScriptedCoreState
{
    /// <summary>Held in reset: it touches nothing.</summary>
    InReset,

    /// <summary>Runs, and no host listens: its rings go nowhere.</summary>
    RunningAlone,

    /// <summary>Runs, started by or attached to a host.</summary>
    Running,
}
