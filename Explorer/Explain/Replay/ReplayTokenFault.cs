namespace RemoteprocEmu.Explorer.Explain.Replay;

/// <summary>Why a token is not replayed.</summary>
public enum ReplayTokenFault
{
    /// <summary>It does not begin as a token does, or has not its four parts.</summary>
    NotAToken,
    /// <summary>It is written in a form that this build does not read.</summary>
    Format,
    /// <summary>A character was lost or changed on the way.</summary>
    Damaged,
    /// <summary>Another version of the product wrote it.</summary>
    ProductVersion,
    /// <summary>It is for another scenario.</summary>
    Scenario,
    /// <summary>It is for another era.</summary>
    Era,
    /// <summary>Scenario text, image or options are not what they were.</summary>
    Configuration,
    /// <summary>The replay was another run.</summary>
    TraceHash,
}
