namespace RemoteprocEmu.Rpmsg.Pipes;

/// <summary>How an endpoint is a pipe.</summary>
public sealed record RpmsgPipeOptions
{
    /// <summary>
    /// True: each read gives one message, alone and whole, an empty one too, and each flush sends all that was written since the last as
    /// one; more than one message holds is refused. False: the bytes of all messages are one stream, and a flush sends as many messages as
    /// it takes. A flush of nothing sends nothing.
    /// </summary>
    public bool KeepsMessages { get; init; }

    /// <summary>
    /// Unread bytes at which the handler no longer returns, so that nothing of the vdev is received until the reader has caught up; 0 for
    /// never. Unread messages stay in their vring buffers either way, so a reader that does nothing stops the remote at the latest when it
    /// has no buffer left.
    /// </summary>
    public int PauseReceiveBytes { get; init; }

    /// <summary>Unread bytes at which the handler returns again; below <see cref="PauseReceiveBytes"/>.</summary>
    public int ResumeReceiveBytes { get; init; }
}
