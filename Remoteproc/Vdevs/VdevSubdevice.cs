using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Subdevices;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>Makes a virtio device of a vdev when the processor has started, and takes it away before it stops.</summary>
/// <remarks>Source: remoteproc_virtio.c, rproc_vdev_do_start, rproc_add_virtio_dev, rproc_vdev_do_stop, rproc_remove_virtio_dev.</remarks>
internal sealed class VdevSubdevice(RprocVdev vdev) : Subdevice($"vdev{vdev.Index}")
{
    /// <inheritdoc/>
    public override async ValueTask<Errno> StartAsync()
    {
        Rproc rproc = vdev.Rproc;
        if (rproc.Ops.Kick is null)
        {
            rproc.Log.Error(vdev, $".kick method not defined for {rproc.RprocName}");
            return Errno.EINVAL;
        }

        VirtioBus bus = rproc.Module.VirtioBus;
        VirtioDevice device = new(bus, vdev.Transport, new VirtioDeviceId(vdev.DeviceId), vdev);
        Errno errno = await bus.RegisterDeviceAsync(device);
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(vdev, $"failed to register vdev: {errno.Kernel()}");
            device.Put();
            return errno;
        }

        vdev.VirtioDevice = device;
        rproc.Log.Info(vdev, $"registered {device.Name} (type {vdev.DeviceId})");
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override async ValueTask StopAsync(bool crashed)
    {
        if (vdev.VirtioDevice is not { } device) return;
        vdev.VirtioDevice = null;
        await vdev.Rproc.Module.VirtioBus.UnregisterDeviceAsync(device);
    }
}
