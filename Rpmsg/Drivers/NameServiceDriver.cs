using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_ns: makes the channels that the remote announces, and takes away those that it takes back.</summary>
/// <remarks>
/// Bound by override to the service at address 53. It runs in the receive interrupt, and so do the probe and remove of the channels'
/// drivers. Source: Linux drivers/rpmsg/rpmsg_ns.c.
/// </remarks>
internal sealed class NameServiceDriver(KernelModule owner) : RpmsgDriver(RpmsgNsModule.ModuleName, owner, [])
{
    /// <inheritdoc/>
    public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        device.Endpoint = device.CreateEndpoint(OnMessageAsync, RpmsgAddress.NameService);
        if (device.Endpoint is not null) return new ValueTask<Errno>(Errno.Ok);
        device.Kernel.Log.Error(device, "failed to create the ns ept");
        return new ValueTask<Errno>(Errno.ENOMEM);
    }

    private static async ValueTask OnMessageAsync(RpmsgMessage message)
    {
        RpmsgDevice service = message.Endpoint.Device;
        Device parent = service.Parent!; // a channel has one: its virtio device
        KernelLog log = service.Kernel.Log;
        if (message.LengthBytes != NameServiceMessage.SizeBytes)
        {
            log.Error(parent, $"malformed ns msg ({message.LengthBytes})");
            return;
        }

        NameServiceMessage announcement = MemoryMarshal.Read<NameServiceMessage>(message.Payload); // one copy
        if (service.IsBigEndian) announcement = announcement.ReverseBytes();
        RpmsgChannelInfo info = new(announcement.Name.ToString(), RpmsgAddress.Any, announcement.Address);
        log.Info(parent, $"{(announcement.IsDestroy ? "destroy" : "creat")}ing channel {info.Name} addr {info.Destination}");
        if (announcement.IsDestroy)
        {
            Errno errno = await service.ReleaseChannelAsync(info);
            if (errno != Errno.Ok) log.Error(parent, $"rpmsg_destroy_channel failed: {errno.Kernel()}");
        }
        else if (await service.CreateChannelAsync(info) is null)
        {
            log.Error(parent, "rpmsg_create_channel failed");
        }
    }
}
