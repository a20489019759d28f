using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The driver of virtio device 7: an rpmsg bus behind two queues.</summary>
/// <remarks>
/// <code>
/// probe                                         remove
///  1 state                                       1 device reset: the remote is not waited for
///  2 find_vqs: input receives, output sends      2 every channel and service, in order of addition
///  3 buffers                                     3 (endpoints: gone with their channels)
///  4 receive buffers posted, not kicked          4 del_vqs: the rings' memory is the transport's
///  5 send interrupts off                         5 buffers freed
///  6 rpmsg_ctrl, and rpmsg_ns under F_NS         6 state
///  7 kick decided, DRIVER_OK, kick
/// </code>
/// Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, rpmsg_probe, rpmsg_remove.
/// </remarks>
internal sealed class VirtioRpmsgDriver(VirtioRpmsgBusModule module, RpmsgBus bus) : VirtioDriver(VirtioRpmsgBusModule.ModuleName, module)
{
    private static readonly NameSeries s_buffers = new("", " buffers");
    private static readonly VirtioDeviceId[] Ids = [new(VirtioDeviceId.Rpmsg)];

    /// <inheritdoc/>
    public override IReadOnlyList<VirtioDeviceId> IdTable => Ids;

    /// <inheritdoc/>
    public override ulong FeatureMask =>
        (ulong)(module.KnowsBufferSizes ? RpmsgFeatures.NameService | RpmsgFeatures.BufferSizes : RpmsgFeatures.NameService);

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(VirtioDevice device)
    {
        bool isBigEndian = module.HostIsBigEndian && !device.HasFeature(VirtioFeatures.Version1); // virtio_is_little_endian
        VirtioRpmsg vrp = new(bus, device, isBigEndian) { Tap = module.Tap, Ledger = module.Ledger };
        (Errno errno, Virtqueue?[] queues) = await device.FindVqsAsync(
            new VirtqueueRequest("input", vrp.OnReceiveInterruptAsync),
            new VirtqueueRequest("output", vrp.OnSendInterruptAsync));
        if (errno != Errno.Ok) return errno;
        Virtqueue rvq = queues[0]!;
        Virtqueue svq = queues[1]!;
        MessageBuffers? buffers = null;
        errno = PlanBuffers(device, rvq, svq, out BufferPlan plan);
        if (errno == Errno.Ok) errno = MessageBuffers.TryAllocate(device.Config.Dma, s_buffers[device.Name], plan, out buffers);
        if (errno != Errno.Ok)
        {
            await device.Config.DelVqsAsync(device);
            return errno;
        }

        vrp.Begin(rvq, svq, buffers!);
        vrp.Receiver.PostAll();
        svq.DisableCb();
        await device.Kernel.Scheduler.Point("rpmsg_probe: buffers posted");
        errno = await RegisterServicesAsync(device, vrp);
        if (errno != Errno.Ok)
        {
            await vrp.UnregisterAllAsync();
            await device.Config.DelVqsAsync(device);
            vrp.End();
            return errno;
        }

        device.DriverData = vrp;
        bool wantsKick = rvq.KickPrepare();
        device.Ready();
        await device.Kernel.Scheduler.Point("rpmsg_probe: DRIVER_OK");
        if (wantsKick) _ = rvq.Notify(); // a queue that cannot be kicked is broken, and says so at its next use
        device.Kernel.Log.Info(device, "rpmsg host is online");
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(VirtioDevice device)
    {
        VirtioRpmsg vrp = (VirtioRpmsg)device.DriverData!;
        device.Reset();
        await device.Kernel.Scheduler.Point("rpmsg_remove: reset");
        await vrp.UnregisterAllAsync();
        await device.Config.DelVqsAsync(device);
        vrp.End();
    }

    private Errno PlanBuffers(VirtioDevice device, Virtqueue rvq, Virtqueue svq, out BufferPlan plan)
    {
        if ((device.Features & (ulong)RpmsgFeatures.BufferSizes) != 0)
        {
            Span<byte> bytes = stackalloc byte[RpmsgConfig.LengthBytes];
            bytes.Clear(); // a space that is too short is one with version 0
            _ = device.TryReadConfig(0, bytes);
            return BufferPlan.TryMake(rvq.Size, svq.Size, MemoryMarshal.Read<RpmsgConfig>(bytes), out plan);
        }

        if (rvq.Size != svq.Size) // the kernel's WARN_ON: buffers are counted by the receiving ring alone
            device.Kernel.Log.Write(LogLevel.Warning, $"WARNING: {Name} {device.Name}: vrings of {rvq.Size} and {svq.Size}, rpmsg_probe");
        plan = BufferPlan.Of(rvq.Size);
        return Errno.Ok;
    }

    private static async ValueTask<Errno> RegisterServicesAsync(VirtioDevice device, VirtioRpmsg vrp)
    {
        Errno errno = await vrp.RegisterServiceAsync("rpmsg_ctrl", new RpmsgAddress(0));
        if (errno != Errno.Ok || (device.Features & (ulong)RpmsgFeatures.NameService) == 0) return errno;
        return await vrp.RegisterServiceAsync(RpmsgNsModule.ModuleName, RpmsgAddress.NameService);
    }
}
