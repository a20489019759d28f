namespace RemoteprocEmu.Interop.Native;

/// <summary>What a call of <see cref="DescriptorSocket"/> came to.</summary>
public enum SocketStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Nothing is there to receive, or no room to send.</summary>
    WouldBlock,

    /// <summary>The peer has gone.</summary>
    Closed,

    /// <summary>Something else; see <see cref="DescriptorSocket.LastErrno"/>.</summary>
    Failed,
}
