using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>Bits of <see cref="PackedDescriptor.Flags"/>.</summary>
/// <remarks>Source: VIRTIO 1.3, 2.8.1 to 2.8.7; Linux include/uapi/linux/virtio_ring.h, VRING_DESC_F_*, VRING_PACKED_DESC_F_*.</remarks>
[Flags]
public enum PackedDescriptorFlags : ushort
{
    /// <summary>A readable buffer that ends its chain.</summary>
    None = 0,

    /// <summary>The chain continues in the next slot. Means nothing in a used descriptor, nor in an indirect table.</summary>
    Next = 1,

    /// <summary>The device writes this buffer; in a used descriptor: it has written something.</summary>
    Write = 2,

    /// <summary>The buffer is itself a descriptor table. Means nothing inside such a table.</summary>
    Indirect = 4,

    /// <summary>Available: equal to the driver's wrap counter. Used: equal to the device's.</summary>
    Avail = 1 << 7,

    /// <summary>Available: not equal to the driver's wrap counter. Used: equal to the device's.</summary>
    Used = 1 << 15,
}
