using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>How each half tells the other when it wants to be notified. Pure rules; touches no memory.</summary>
/// <remarks>
/// Without event indices, one bit in the flags word of one's own ring. With them (VIRTIO_RING_F_EVENT_IDX, bit 29) the flags stay 0
/// and the word behind one's own ring names the entry of the other ring that shall be announced.
/// Source: VIRTIO 1.3, 2.7.7 and 2.7.10; Linux include/uapi/linux/virtio_ring.h, VRING_*_F_NO_*, vring_need_event.
/// </remarks>
public static class VringNotification
{
    /// <summary>Flags of the available ring: the driver wants no interrupt.</summary>
    public const ushort AvailNoInterrupt = 1;

    /// <summary>Flags of the used ring: the device wants no kick.</summary>
    public const ushort UsedNoNotify = 1;

    /// <summary>Whether publishing the entries from <paramref name="oldIndex"/> up to <paramref name="newIndex"/> passed the
    /// event.</summary>
    /// <param name="eventIndex">The entry to be announced.</param>
    /// <param name="newIndex">The index now: one past the last published entry.</param>
    /// <param name="oldIndex">The index at the last decision.</param>
    /// <returns>True when <paramref name="eventIndex"/> is one of the entries published since, all counted modulo 65536.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool NeedEvent(ushort eventIndex, ushort newIndex, ushort oldIndex) =>
        (ushort)(newIndex - eventIndex - 1) < (ushort)(newIndex - oldIndex);
}
