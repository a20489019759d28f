namespace RemoteprocEmu.Virtio.Device;

/// <summary>What a virtio device is. In a driver's table, <see cref="Any"/> stands for every value.</summary>
/// <param name="Device">The device type.</param>
/// <param name="Vendor">Its maker; remoteproc leaves it 0.</param>
/// <remarks>Source: VIRTIO 1.3, 5; Linux include/uapi/linux/virtio_ids.h; include/linux/mod_devicetable.h, struct
/// virtio_device_id.</remarks>
public readonly record struct VirtioDeviceId(uint Device, uint Vendor = VirtioDeviceId.Any)
{
    /// <summary>VIRTIO_DEV_ANY_ID.</summary>
    public const uint Any = 0xffff_ffff;

    /// <summary>VIRTIO_ID_NET.</summary>
    public const uint Net = 1;

    /// <summary>VIRTIO_ID_CONSOLE.</summary>
    public const uint Console = 3;

    /// <summary>VIRTIO_ID_RPMSG.</summary>
    public const uint Rpmsg = 7;

    /// <summary>VIRTIO_ID_RPROC_SERIAL.</summary>
    public const uint RprocSerial = 11;

    /// <summary>VIRTIO_ID_SCMI.</summary>
    public const uint Scmi = 32;

    /// <summary>Whether this entry of a driver's table takes a device. Kernel: virtio_id_match.</summary>
    public bool Takes(VirtioDeviceId device) =>
        (Device == Any || Device == device.Device) && (Vendor == Any || Vendor == device.Vendor);
}
