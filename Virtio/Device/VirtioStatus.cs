using System;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>The device status byte: how far driver and device have come with each other. Bits are only added, except by a reset to
/// 0.</summary>
/// <remarks>
/// Over remoteproc, where VERSION_1 cannot be negotiated, one sees 0, 1, 3, 7; 0x83 or 0x87 after a failed probe; 0 and then 1 after a
/// remove.
/// Source: VIRTIO 1.3, 2.1; Linux include/uapi/linux/virtio_config.h, VIRTIO_CONFIG_S_*.
/// </remarks>
[Flags]
public enum VirtioStatus : byte
{
    /// <summary>Reset.</summary>
    None = 0,

    /// <summary>ACKNOWLEDGE: the driver's side has seen the device.</summary>
    Acknowledge = 1,

    /// <summary>DRIVER: there is a driver for it.</summary>
    Driver = 2,

    /// <summary>DRIVER_OK: the driver is ready; from now on the device may use its queues.</summary>
    DriverOk = 4,

    /// <summary>FEATURES_OK: the features are settled. Only with VERSION_1.</summary>
    FeaturesOk = 8,

    /// <summary>NEEDS_RESET: set by the device, which cannot go on.</summary>
    NeedsReset = 64,

    /// <summary>FAILED: the driver has given up on the device.</summary>
    Failed = 128,
}
