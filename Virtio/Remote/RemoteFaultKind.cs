namespace RemoteprocEmu.Virtio.Remote;

/// <summary>What the host did to a ring so that the remote stopped it.</summary>
public enum RemoteFaultKind : byte
{
    /// <summary>Nothing: the ring works, or is not set up yet.</summary>
    None,

    /// <summary>DRIVER_OK was set while the entry's da was still ANY. Value: the da.</summary>
    RingUnset,

    /// <summary>Part of the ring has no memory behind it. Value: the da.</summary>
    RingUnmapped,

    /// <summary>The ring does not begin at a multiple of 16 bytes. Value: the da.</summary>
    RingMisaligned,

    /// <summary>The entry's num or align makes no ring. Value: the num.</summary>
    RingGeometry,

    /// <summary>The driver half broke the protocol; <see cref="RemoteQueueFault.Ring"/> says how. Value: what gave it away.</summary>
    RingProtocol,

    /// <summary>A descriptor points at no memory. Value: its address.</summary>
    BufferUnmapped,

    /// <summary>A buffer does not hold a header. Value: its length, bytes.</summary>
    BufferTooSmall,

    /// <summary>A buffer to send with is not writable, or a message lies in one that is. Value: its address.</summary>
    BufferDirection,

    /// <summary>The driver offered a buffer that it had lent already. Value: its head.</summary>
    BufferTwice,
}
