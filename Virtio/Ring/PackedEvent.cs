using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>How each half of a packed queue tells the other when it wants to be notified. Pure rules; touches no memory.</summary>
/// <remarks>
/// <code>
/// bits     field   of the 32-bit word, which is read and written whole
///  0..14   offset  under <see cref="Descriptor"/>: the slot that shall be announced
/// 15       wrap    and its wrap counter
/// 16..17   flags   0 always, 1 never, 2 at that slot (only with VIRTIO_RING_F_EVENT_IDX), 3 reserved
/// 18..31   -       reserved, 0
/// </code>
/// Zeroed memory asks for everything. Source: VIRTIO 1.3, 2.8.10 and 2.8.14; Linux include/uapi/linux/virtio_ring.h,
/// struct vring_packed_desc_event; drivers/virtio/virtio_ring.c, virtqueue_kick_prepare_packed.
/// </remarks>
public static class PackedEvent
{
    /// <summary>Flags: notify always. RING_EVENT_FLAGS_ENABLE.</summary>
    public const ushort Enable = 0;

    /// <summary>Flags: notify never. RING_EVENT_FLAGS_DISABLE.</summary>
    public const ushort Disable = 1;

    /// <summary>Flags: notify at one descriptor. RING_EVENT_FLAGS_DESC.</summary>
    public const ushort Descriptor = 2;

    /// <summary>The wrap counter within the offset field.</summary>
    public const ushort WrapBit = 1 << 15;

    private const int FlagsShift = 16;
    private const ushort FlagsMask = 3;

    /// <summary>Makes the word.</summary>
    /// <param name="offset">Slot and wrap bit; 0 unless <paramref name="flags"/> is <see cref="Descriptor"/>.</param>
    /// <param name="flags">One of the three.</param>
    public static uint Word(ushort offset, ushort flags) => offset | ((uint)flags << FlagsShift);

    /// <summary>Whether what was published since the last decision is to be announced.</summary>
    /// <param name="word">The other half's word; any value will do, it only decides whether to notify.</param>
    /// <param name="eventIndex">Whether VIRTIO_RING_F_EVENT_IDX was negotiated.</param>
    /// <param name="nextSlot">The slot behind the last published one, below the queue size.</param>
    /// <param name="wrap">Its wrap counter.</param>
    /// <param name="published">Slots published since the last decision.</param>
    /// <param name="queueSize">Slots of the ring.</param>
    /// <returns>True also for flags that make no sense: a notification too many is harmless.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWanted(uint word, bool eventIndex, int nextSlot, bool wrap, long published, int queueSize)
    {
        int flags = (int)(word >> FlagsShift) & FlagsMask;
        if (flags == Disable) return false;
        if (flags != Descriptor || !eventIndex) return true;

        int slot = (int)word & (WrapBit - 1);
        if (slot >= queueSize) return false; // a slot that is never published
        bool eventWrap = ((int)word & WrapBit) != 0;
        int back = nextSlot - slot + (eventWrap == wrap ? 0 : queueSize); // published so many slots ago: -size < back < 2 sizes
        if (back <= 0) back += 2 * queueSize; // not in this turn: two turns before, with the same counter
        return back <= published;
    }
}
