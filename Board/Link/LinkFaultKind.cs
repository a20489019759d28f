namespace RemoteprocEmu.Board.Link;

/// <summary>Whose fault a <see cref="LinkFault"/> is.</summary>
public enum LinkFaultKind
{
    /// <summary>Ours to arrange: a path too long, no room, somebody else is there.</summary>
    Place,

    /// <summary>The peer's: its table lies, or it sends what is no kick.</summary>
    Peer,

    /// <summary>Nobody's: no peer has come in time.</summary>
    NoPeer,

    /// <summary>The user's wish: it was interrupted.</summary>
    Interrupted,
}
