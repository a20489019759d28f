using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.Remote;

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

/// <summary>Why a ring is stopped.</summary>
/// <param name="VringIndex">0 for the ring on which the remote sends, 1 for the one on which it receives.</param>
/// <param name="Kind">The rule that was broken.</param>
/// <param name="Ring">The ring's own word for it, under <see cref="RemoteFaultKind.RingProtocol"/>; otherwise Ok.</param>
/// <param name="Value">The number that gave it away; see the kind.</param>
public readonly record struct RemoteQueueFault(int VringIndex, RemoteFaultKind Kind, RingStatus Ring, ulong Value)
{
    /// <summary>One line for a log: <c>vring1: HeadOutOfRange 0x4d</c>.</summary>
    public override string ToString() =>
        $"vring{VringIndex}: {(Kind == RemoteFaultKind.RingProtocol ? Ring.ToString() : Kind.ToString())} 0x{Value:x}";
}
