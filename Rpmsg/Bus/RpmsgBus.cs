using System;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>Channels and the drivers that are for them.</summary>
/// <remarks>
/// <code>
/// bind                                              unbind
/// 1 default endpoint, if the driver has a handler   3 tell the remote, if the channel is announced
/// 2 the driver's probe                              2 the driver's remove
/// 3 tell the remote, if the channel is announced    1 default endpoint destroyed
/// </code>
/// Source: Linux drivers/rpmsg/rpmsg_core.c, rpmsg_dev_match, rpmsg_dev_probe, rpmsg_dev_remove.
/// </remarks>
public sealed class RpmsgBus(Kernel kernel) : DriverModel.Devices.Bus(kernel, "rpmsg")
{
    /// <inheritdoc/>
    protected override bool Match(Device device, Driver driver)
    {
        RpmsgDevice channel = (RpmsgDevice)device;
        if (channel.DriverOverride is { } name) return string.Equals(name, driver.Name, StringComparison.Ordinal);
        RpmsgDriver rpmsgDriver = (RpmsgDriver)driver;
        foreach (string id in rpmsgDriver.IdTable)
        {
            if (id.Length == 0) break; // an empty name ends the kernel's table: a channel without a name matches nobody
            if (string.Equals(id, channel.Id, StringComparison.Ordinal)) return true;
        }

        return channel.Compatible is { } compatible && rpmsgDriver.OfMatchTable.Contains(compatible);
    }

    /// <inheritdoc/>
    protected override async ValueTask<Errno> ProbeAsync(Device device, Driver driver)
    {
        RpmsgDevice channel = (RpmsgDevice)device;
        RpmsgDriver rpmsgDriver = (RpmsgDriver)driver;
        if (rpmsgDriver.Handler is { } handler)
        {
            channel.Endpoint = channel.CreateEndpoint(handler, channel.Source);
            if (channel.Endpoint is null)
            {
                Kernel.Log.Error(device, "failed to create endpoint");
                return Errno.ENOMEM;
            }

            channel.Source = channel.Endpoint.Address;
            channel.Endpoint.FlowHandler = rpmsgDriver.FlowHandler;
        }

        bool wantsAnnouncement = channel.Endpoint is not null; // a driver that makes its own endpoint is not announced
        Errno errno = await rpmsgDriver.ProbeAsync(channel);
        if (errno != Errno.Ok)
        {
            Kernel.Log.Error(device, $"rpmsg_dev_probe: failed: {errno.Kernel()}");
        }
        else if (wantsAnnouncement)
        {
            errno = await channel.Backend.AnnounceCreateAsync(channel);
            if (errno == Errno.Ok) return errno;
            Kernel.Log.Error(device, "failed to announce creation");
            await rpmsgDriver.RemoveAsync(channel);
        }

        if (errno != Errno.Ok) await DestroyEndpointAsync(channel);
        return errno;
    }

    /// <inheritdoc/>
    protected override async ValueTask RemoveAsync(Device device, Driver driver)
    {
        RpmsgDevice channel = (RpmsgDevice)device;
        _ = await channel.Backend.AnnounceDestroyAsync(channel); // logged where it failed; the driver goes all the same
        await ((RpmsgDriver)driver).RemoveAsync(channel);
        await DestroyEndpointAsync(channel);
    }

    private static async ValueTask DestroyEndpointAsync(RpmsgDevice channel)
    {
        if (channel.Endpoint is not { } endpoint) return;
        await endpoint.DestroyAsync();
        channel.Endpoint = null;
    }
}
