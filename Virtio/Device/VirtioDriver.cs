using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>A driver for virtio devices. Source: include/linux/virtio.h, struct virtio_driver.</summary>
/// <param name="name">Its name in sysfs and in front of its log lines.</param>
/// <param name="owner">The module whose code it is; null when built in.</param>
public abstract class VirtioDriver(string name, KernelModule? owner) : Driver(name, owner)
{
    /// <summary>The devices it is for.</summary>
    public abstract IReadOnlyList<VirtioDeviceId> IdTable { get; }

    /// <summary>The bits of its device type that it knows, as a mask. Transport bits are added by the bus.</summary>
    public virtual ulong FeatureMask => 0;

    /// <summary>The same for a device that does not offer VERSION_1, where that differs. Kernel: feature_table_legacy.</summary>
    public virtual ulong LegacyFeatureMask => FeatureMask;

    /// <summary>Looks at the settled features before the probe, and may clear some. Kernel: virtio_driver.validate.</summary>
    /// <returns>Ok, or why the probe must fail.</returns>
    public virtual Errno Validate(VirtioDevice device) => Errno.Ok;

    /// <summary>Binds. It finds its queues, and calls <see cref="VirtioDevice.Ready"/> unless the bus shall. Kernel:
    /// virtio_driver.probe.</summary>
    /// <returns>Ok, or why not; on an error it holds nothing and has no queues.</returns>
    public abstract ValueTask<Errno> ProbeAsync(VirtioDevice device);

    /// <summary>After a good probe, with DRIVER_OK set. Kernel: virtio_driver.scan.</summary>
    public virtual ValueTask ScanAsync(VirtioDevice device) => ValueTask.CompletedTask;

    /// <summary>The device has changed its configuration space. Only over a transport that tells. Kernel: virtio_driver.config_changed.
    /// </summary>
    public virtual void ConfigChanged(VirtioDevice device) { }

    /// <summary>Lets go: resets the device and deletes its queues. Cannot fail. Kernel: virtio_driver.remove.</summary>
    public abstract ValueTask RemoveAsync(VirtioDevice device);

    /// <inheritdoc/>
    public sealed override ValueTask<Errno> ProbeAsync(DriverModel.Devices.Device device) => ProbeAsync((VirtioDevice)device);

    /// <inheritdoc/>
    public sealed override ValueTask RemoveAsync(DriverModel.Devices.Device device) => RemoveAsync((VirtioDevice)device);
}
