using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_chrdev: a /dev/rpmsg* for each channel named rpmsg-raw. Source: Linux drivers/rpmsg/rpmsg_char.c.</summary>
internal sealed class RpmsgCharDriver(RpmsgCharModule module) : RpmsgDriver("rpmsg_chrdev", module, ["rpmsg-raw", "rpmsg_chrdev"])
{
    /// <inheritdoc/>
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        RpmsgChannelInfo info = new(device.Id, device.Source, device.Destination);
        (Errno errno, RpmsgEndpointDevice? endpointDevice) = await module.CreateEndpointAsync(device, device, info, device.Endpoint);
        device.DriverData = endpointDevice?.Node;
        return errno;
    }

    /// <inheritdoc/>
    public override async ValueTask RemoveAsync(RpmsgDevice device)
    {
        foreach (Device child in (Device[])[.. device.Children])
        {
            if (child is RpmsgEndpointDevice endpoint) await endpoint.Node.DestroyAsync();
        }
    }

    private static ValueTask OnMessageAsync(RpmsgMessage message) =>
        message.Endpoint.Device.DriverData is RpmsgEndpointNode node // before its probe the kernel would fault
            ? node.OnMessageAsync(message)
            : ValueTask.CompletedTask;
}
