using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Remote;

/// <summary>Why a ring is stopped.</summary>
/// <param name="VringIndex">0 for the ring on which the remote sends, 1 for the one on which it receives.</param>
/// <param name="Kind">The rule that was broken.</param>
/// <param name="Ring">The ring's own word for it, under <see cref="RemoteFaultKind.RingProtocol"/>; otherwise Ok.</param>
/// <param name="Value">The number that gave it away; see the kind.</param>
public readonly record struct RemoteQueueFault(int VringIndex, RemoteFaultKind Kind, RingStatus Ring, ulong Value)
{
    /// <summary>Whether an address led to no memory, or to none that can hold a ring; otherwise the driver broke the protocol.</summary>
    public bool IsAboutMemory => Kind is RemoteFaultKind.RingUnset or RemoteFaultKind.RingUnmapped or RemoteFaultKind.RingMisaligned or
        RemoteFaultKind.RingGeometry or RemoteFaultKind.BufferUnmapped;

    /// <summary>One line for a log: <c>vring1: HeadOutOfRange 0x4d</c>.</summary>
    public override string ToString() =>
        $"vring{VringIndex}: {(Kind == RemoteFaultKind.RingProtocol ? Ring.ToString() : Kind.ToString())} 0x{Value:x}";
}
