using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>Bits of <see cref="VringDescriptor.Flags"/>.</summary>
/// <remarks>Source: VIRTIO 1.3, 2.7.5; Linux include/uapi/linux/virtio_ring.h, VRING_DESC_F_*.</remarks>
[Flags]
public enum VringDescriptorFlags : ushort
{
    /// <summary>A readable buffer that ends its chain.</summary>
    None = 0,

    /// <summary>The chain continues at <see cref="VringDescriptor.Next"/>.</summary>
    Next = 1,

    /// <summary>The device writes this buffer; without it, the device reads it.</summary>
    Write = 2,

    /// <summary>The buffer is itself a descriptor table.</summary>
    Indirect = 4,
}
