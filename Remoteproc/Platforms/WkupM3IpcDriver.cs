using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>The wkup_m3_ipc driver: waits for the processor's driver, takes a handle, and boots by a thread of its own.</summary>
/// <remarks>Source: drivers/soc/ti/wkup_m3_ipc.c, wkup_m3_ipc_probe and wkup_m3_ipc_remove.</remarks>
public sealed class WkupM3IpcDriver(RemoteprocModule remoteproc, KernelModule? owner) : Driver("wkup_m3_ipc", owner)
{
    /// <summary>The consumer of a device that this driver is bound to; null otherwise.</summary>
    public static WkupM3Ipc? ConsumerOf(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.DriverData as WkupM3Ipc;
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> ProbeAsync(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return new ValueTask<Errno>(Probe(device));
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(Device device)
    {
        WkupM3Ipc ipc = ConsumerOf(device)!;
        await ipc.StopAsync();
        RemoteprocModule.Put(ipc.Rproc);
    }

    private Errno Probe(Device device)
    {
        if ((device as PlatformDevice)?.PlatformData is not WkupM3IpcPlatform platform || platform.RprocHandle is null) return Errno.ENODEV;
        Rproc? rproc = remoteproc.GetByPhandle(platform.RprocHandle);
        if (rproc is null) return Errno.EPROBE_DEFER;
        WkupM3Ipc ipc = new(device, platform, rproc);
        device.DriverData = ipc;
        ipc.Start();
        return Errno.Ok;
    }
}
