using System;

namespace RemoteprocEmu.Rpmsg.Wire;

/// <summary>Feature bits of the virtio device 7, "rpmsg". The virtio specification lists the device and says nothing more of it.</summary>
/// <remarks>Source: Linux include/uapi/linux/virtio_ids.h, VIRTIO_ID_RPMSG; drivers/rpmsg/virtio_rpmsg_bus.c, VIRTIO_RPMSG_F_NS.</remarks>
[Flags]
public enum RpmsgFeatures : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>VIRTIO_RPMSG_F_NS, bit 0: the remote announces its channels.</summary>
    NameService = 1,

    /// <summary>VIRTIO_RPMSG_F_BUFSZ, bit 1: the configuration space says how large the buffers are, see
    /// <see cref="RpmsgConfig"/>. Posted in 2026, in no kernel yet.</summary>
    BufferSizes = 2,
}
