using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>/dev/rpmsg_ctrl0 and on: makes endpoints and channels.</summary>
/// <remarks>Source: Linux drivers/rpmsg/rpmsg_ctrl.c, struct rpmsg_ctrldev.</remarks>
internal sealed class RpmsgCtrlNode(RpmsgCtrlModule owner, RpmsgCharModule character, Device device, RpmsgDevice service)
    : DeviceNode(device.Kernel, device.Name, owner, device)
{
    private readonly Mutex _lock = new(service.Kernel.Scheduler, $"{device.Name} ctrl_lock");
    private bool _isGone;

    private KernelLog Log => Kernel.Log;

    /// <summary>The service goes, and every endpoint that was made here. Kernel: rpmsg_ctrldev_remove.</summary>
    public async ValueTask DestroyAsync()
    {
        await _lock.LockAsync();
        _isGone = true;
        foreach (Device child in (Device[])[.. Device!.Children])
        {
            if (child is RpmsgEndpointDevice endpoint) await endpoint.Node.DestroyAsync();
        }

        _lock.Unlock();
        _ = Kernel.Nodes.Remove(this);
        await Device!.UnregisterAsync();
    }

    /// <inheritdoc/>
    protected override ValueTask<Errno> OpenAsync(DeviceFile file)
    {
        Device!.Get();
        return new ValueTask<Errno>(Errno.Ok);
    }

    /// <inheritdoc/>
    protected override ValueTask ReleaseAsync(DeviceFile file)
    {
        Device!.Put();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async ValueTask<Errno> IoctlAsync(DeviceFile file, uint command, ulong argument, Memory<byte> memory)
    {
        if (!RpmsgEndpointInfo.TryRead(memory.Span, out RpmsgEndpointInfo info)) return Errno.EFAULT; // before the command is looked at
        await _lock.LockAsync();
        Errno errno = _isGone ? Errno.ENODEV : await RunAsync(command, info.Channel); // gone: the kernel uses freed memory
        _lock.Unlock();
        return errno;
    }

    private async ValueTask<Errno> RunAsync(uint command, RpmsgChannelInfo info)
    {
        switch (command)
        {
            case RpmsgIoctl.CreateEndpoint:
                return (await character.CreateEndpointAsync(Device!, service, info)).Errno;
            case RpmsgIoctl.CreateChannel:
                if (await service.CreateChannelAsync(info) is not null) return Errno.Ok;
                Log.Error(Device!, $"failed to create {info.Name} channel");
                return Errno.ENXIO;
            case RpmsgIoctl.ReleaseChannel:
                if (service.Is(info)) return Errno.EDEADLK; // its own: the kernel waits for ever for the lock that this call has
                Errno errno = await service.ReleaseChannelAsync(info);
                if (errno != Errno.Ok) Log.Error(Device!, $"failed to release {info.Name} channel ({errno.Kernel()})");
                return errno;
            default:
                return Errno.EINVAL;
        }
    }
}
