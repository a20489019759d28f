namespace RemoteprocEmu.Rpmsg.Ownership;

/// <summary>What can be wrong with who has a message buffer.</summary>
public enum BufferRule
{
    /// <summary>It was sent, or given back, and is sent or given back again.</summary>
    DoubleRelease,

    /// <summary>It was sent, or given back, and its payload is looked at.</summary>
    UseAfterRelease,

    /// <summary>Its endpoint is gone, and it was neither sent nor given back: the ring has a buffer less.</summary>
    Forgotten,
}
