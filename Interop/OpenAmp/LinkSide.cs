namespace RemoteprocEmu.Interop.OpenAmp;

/// <summary>Which end of the socket a process of a link has; the roles have nothing to do with it.</summary>
public enum LinkSide
{
    /// <summary>Writes the resource table, then listens, and accepts one peer.</summary>
    Server,

    /// <summary>Connects, and finds the table in the shared memory.</summary>
    Client,
}
