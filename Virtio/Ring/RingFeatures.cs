using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>What the halves of a queue have agreed on, as far as a ring is concerned.</summary>
/// <remarks>Kept as plain bits in each half's state: a branch that always goes the same way costs less than a second copy of the
/// code.</remarks>
[Flags]
public enum RingFeatures : byte
{
    /// <summary>Direct descriptors, notification by flags, any order.</summary>
    None = 0,

    /// <summary>VIRTIO_RING_F_EVENT_IDX, bit 29: notifications are suppressed by index.</summary>
    EventIndex = 1,

    /// <summary>VIRTIO_F_IN_ORDER, bit 35: chains come back in the order in which they were offered, several to one used entry.</summary>
    InOrder = 2,

    /// <summary>VIRTIO_RING_F_INDIRECT_DESC, bit 28: a descriptor may be a table of descriptors.</summary>
    Indirect = 4,
}
