using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>The virtio bus: where transports register devices and drivers find them by id, with the status protocol around each
/// probe.</summary>
/// <remarks>
/// <code>
/// status  when                                        by
/// 0       registered: reset                           RegisterDeviceAsync
/// 1       registered, or its driver has gone          RegisterDeviceAsync, RemoveAsync
/// 3       a driver takes it                           ProbeAsync
/// 7       the driver is ready                         the driver, or ProbeAsync
/// 83, 87  the probe failed before or after that       ProbeAsync; the device stays, without a driver
/// </code>
/// With VERSION_1, which remoteproc cannot offer, FEATURES_OK (8) joins after 3.
/// Source: drivers/virtio/virtio.c.
/// </remarks>
/// <param name="kernel">Where.</param>
public sealed class VirtioBus(Kernel kernel) : Bus(kernel, "virtio")
{
    private readonly IdAllocator _indices = new();
    private bool _warnedOfStatus;

    /// <summary>Resets a device, acknowledges it, and lets a driver probe it before this returns. Kernel: register_virtio_device.</summary>
    /// <returns>
    /// Ok, also when no driver takes it or a probe fails; or why it was not added: its status is then FAILED, its index free, and the
    /// caller drops
    /// its reference.
    /// </returns>
    public async ValueTask<Errno> RegisterDeviceAsync(VirtioDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Errno errno = Kernel.Faults.At("register_virtio_device");
        if (errno == Errno.Ok)
        {
            device.Reset(); // whatever an earlier driver left
            device.AddStatus(VirtioStatus.Acknowledge);
            await Kernel.Scheduler.Point("virtio: ACKNOWLEDGE");
            errno = await device.AddAsync();
        }

        if (errno == Errno.Ok) return Errno.Ok;
        device.ReleaseIndex();
        device.AddStatus(VirtioStatus.Failed);
        return errno;
    }

    /// <summary>Unbinds a device's driver, takes the device off the bus and drops its creator's reference. Kernel:
    /// unregister_virtio_device.</summary>
    public async ValueTask UnregisterDeviceAsync(VirtioDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        Invariant.Check(device.Bus == this, "a device leaves the bus it is on");
        await device.DeleteAsync();
        device.ReleaseIndex();
        device.Put();
    }

    /// <summary>By id. Kernel: virtio_dev_match.</summary>
    protected override bool Match(DriverModel.Devices.Device device, Driver driver)
    {
        VirtioDeviceId id = ((VirtioDevice)device).Id;
        foreach (VirtioDeviceId entry in ((VirtioDriver)driver).IdTable)
        {
            if (entry.Takes(id)) return true;
        }

        return false;
    }

    /// <summary>The status protocol and the driver's probe. Kernel: virtio_dev_probe.</summary>
    protected override async ValueTask<Errno> ProbeAsync(DriverModel.Devices.Device device, Driver driver)
    {
        VirtioDevice virtioDevice = (VirtioDevice)device;
        VirtioDriver virtioDriver = (VirtioDriver)driver;
        virtioDevice.AddStatus(VirtioStatus.Driver);
        await Kernel.Scheduler.Point("virtio: DRIVER");
        Errno errno = NegotiateFeatures(virtioDevice, virtioDriver);
        if (errno == Errno.Ok) errno = await virtioDriver.ProbeAsync(virtioDevice);
        if (errno != Errno.Ok)
        {
            virtioDevice.AddStatus(VirtioStatus.Failed);
            return errno;
        }

        if ((virtioDevice.Status & VirtioStatus.DriverOk) == 0) virtioDevice.Ready();
        await Kernel.Scheduler.Point("virtio: DRIVER_OK");
        await virtioDriver.ScanAsync(virtioDevice);
        virtioDevice.EnableConfigChanges();
        return Errno.Ok;
    }

    /// <summary>The driver's remove, then the acknowledgement that the device is still there. Kernel: virtio_dev_remove.</summary>
    protected override async ValueTask RemoveAsync(DriverModel.Devices.Device device, Driver driver)
    {
        VirtioDevice virtioDevice = (VirtioDevice)device;
        virtioDevice.DisableConfigChanges();
        await ((VirtioDriver)driver).RemoveAsync(virtioDevice);
        VirtioStatus left = virtioDevice.Status;
        if (left != VirtioStatus.None && !_warnedOfStatus) // WARN_ON_ONCE
        {
            _warnedOfStatus = true;
            Kernel.Log.Warning(device, $"the driver left status 0x{(byte)left:x}: it did not reset the device");
        }

        virtioDevice.AddStatus(VirtioStatus.Acknowledge);
        await Kernel.Scheduler.Point("virtio: removed");
    }

    /// <inheritdoc/>
    protected override void Rewind() => _warnedOfStatus = false;

    internal int TakeIndex() => _indices.Take();

    internal void ReleaseIndex(int index) => _indices.Release(index);

    private Errno NegotiateFeatures(VirtioDevice device, VirtioDriver driver)
    {
        ulong offered = device.Config.GetFeatures();
        bool isModern = (offered & VirtioFeatures.Mask(VirtioFeatures.Version1)) != 0;
        ulong known = isModern ? driver.FeatureMask : driver.LegacyFeatureMask;
        device.Features = offered & (known | VirtioFeatures.TransportMask); // of the latter the transport clears some
        Errno errno = Finalize(device);
        if (errno != Errno.Ok) return errno;

        ulong settled = device.Features;
        errno = driver.Validate(device);
        if (errno == Errno.Ok && device.Features != settled) errno = Finalize(device);
        return errno == Errno.Ok ? ConfirmFeatures(device) : errno;
    }

    private static Errno Finalize(VirtioDevice device)
    {
        ulong features = device.Features;
        Errno errno = device.Config.FinalizeFeatures(ref features);
        device.Features = features;
        return errno;
    }

    /// <summary>Kernel: virtio_features_ok. A legacy device is not asked.</summary>
    private Errno ConfirmFeatures(VirtioDevice device)
    {
        if (!device.HasFeature(VirtioFeatures.Version1)) return Errno.Ok;
        device.AddStatus(VirtioStatus.FeaturesOk);
        if ((device.Status & VirtioStatus.FeaturesOk) != 0) return Errno.Ok;
        Kernel.Log.Error(device, $"virtio: device refuses features: {(byte)device.Status:x}");
        return Errno.ENODEV;
    }
}
