using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>A device of class rpmsg behind a /dev/rpmsg*. It keeps its number until the last who has it open lets go.</summary>
/// <remarks>Source: Linux drivers/rpmsg/rpmsg_char.c, rpmsg_chrdev_eptdev_alloc, rpmsg_chrdev_eptdev_add.</remarks>
internal sealed class RpmsgEndpointDevice : Device
{
    private readonly IdAllocator _ids;
    private readonly int _id;

    private RpmsgEndpointDevice(
        RpmsgCharModule module, IdAllocator ids, int id, Device parent, RpmsgDevice channel, RpmsgChannelInfo info, RpmsgEndpoint? endpoint)
        : base(parent.Kernel, $"rpmsg{id}", parent, bus: null, className: "rpmsg")
    {
        _ids = ids;
        _id = id;
        Node = new RpmsgEndpointNode(this, module, channel, info, endpoint);
    }

    /// <summary>Its node in /dev.</summary>
    public RpmsgEndpointNode Node { get; }

    /// <summary>Makes a device and its node.</summary>
    /// <param name="module">rpmsg_char.</param>
    /// <param name="ids">Its numbers.</param>
    /// <param name="parent">A control device, or a channel.</param>
    /// <param name="channel">The channel that its endpoints belong to.</param>
    /// <param name="info">The endpoint's address, and where it sends to.</param>
    /// <param name="endpoint">The channel's own endpoint, to be used instead of a new one; null for a new one.</param>
    /// <returns>Ok and the device; or why there is none.</returns>
    public static async ValueTask<(Errno Errno, RpmsgEndpointDevice? Device)> CreateAsync(
        RpmsgCharModule module, IdAllocator ids, Device parent, RpmsgDevice channel, RpmsgChannelInfo info, RpmsgEndpoint? endpoint = null)
    {
        RpmsgEndpointDevice device = new(module, ids, ids.Take(), parent, channel, info, endpoint);
        Errno errno = await device.AddAsync();
        if (errno != Errno.Ok)
        {
            device.Put();
            return (errno, null);
        }

        Invariant.Check(channel.Kernel.Nodes.Add(device.Node) == Errno.Ok, "a number is given out once");
        return (errno, device);
    }

    /// <inheritdoc/>
    protected override void Release() => _ids.Release(_id);
}
