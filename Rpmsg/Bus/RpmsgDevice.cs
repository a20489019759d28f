using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>A channel: a service name and the two addresses at its ends. In sysfs: <c>virtio0.rpmsg-client-sample.-1.1024</c>.</summary>
/// <remarks>Source: Linux include/linux/rpmsg.h, struct rpmsg_device; drivers/rpmsg/rpmsg_core.c.</remarks>
public sealed class RpmsgDevice : Device
{
    private string? _driverOverride;

    /// <summary>Creates a channel that nobody sees yet.</summary>
    /// <param name="bus">The rpmsg bus.</param>
    /// <param name="parent">The device that carries it: a virtio device.</param>
    /// <param name="backend">What carries its messages.</param>
    /// <param name="info">Its name, up to 31 characters, and addresses. The name in sysfs keeps the addresses of this moment, signed, so
    /// that Any is -1.</param>
    public RpmsgDevice(RpmsgBus bus, Device parent, IRpmsgBackend backend, RpmsgChannelInfo info)
        : base(parent.Kernel, $"{parent.Name}.{info.Name}.{(int)info.Source.Value}.{(int)info.Destination.Value}", parent, bus)
    {
        RpmsgName.Check(info.Name);
        Backend = backend;
        Id = info.Name;
        Source = info.Source;
        Destination = info.Destination;
    }

    /// <summary>The service.</summary>
    public string Id { get; }

    /// <summary>Our side. Any until a driver binds; then, and after it has gone, the address of its endpoint.</summary>
    public RpmsgAddress Source { get; internal set; }

    /// <summary>The remote's side; Any while nobody is known there.</summary>
    public RpmsgAddress Destination { get; internal set; }

    /// <summary>Whether the remote is told when a driver binds and unbinds: the channel was made here, with an address of its
    /// own.</summary>
    public bool IsAnnounced { get; internal init; }

    /// <summary>Whether numbers in its messages are big-endian. Kernel: !rpdev->little_endian.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>The one driver that it is for, whatever its name says; null for whoever matches.</summary>
    public string? DriverOverride
    {
        get => _driverOverride;
        init => _driverOverride = value;
    }

    /// <summary>The <c>compatible</c> of its device tree node; null for none. Over virtio no channel has one.</summary>
    public string? Compatible { get; init; }

    /// <summary>What carries its messages.</summary>
    public IRpmsgBackend Backend { get; }

    /// <summary>The default endpoint, while a driver with a handler is bound. Kernel: rpdev->ept.</summary>
    public RpmsgEndpoint? Endpoint { get; internal set; }

    /// <summary>As in sysfs: <c>rpmsg:rpmsg-client-sample</c>.</summary>
    public string ModAlias => $"rpmsg:{Id}";

    /// <summary>Whether somebody takes it off the bus already.</summary>
    internal bool IsGoing { get; set; }

    /// <summary>Says which driver it is for from now on; who is bound stays bound. In sysfs: a write to <c>driver_override</c>.</summary>
    /// <param name="text">The driver's name, up to a newline; nothing for whoever matches.</param>
    public async ValueTask StoreDriverOverrideAsync(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string name = end < 0 ? text : text[..end];
        await Lock.LockAsync();
        _driverOverride = name.Length > 0 ? name : null;
        Lock.Unlock();
    }

    /// <inheritdoc cref="IRpmsgBackend.CreateChannelAsync"/>
    public ValueTask<RpmsgDevice?> CreateChannelAsync(RpmsgChannelInfo info) => Backend.CreateChannelAsync(info);

    /// <inheritdoc cref="IRpmsgBackend.ReleaseChannelAsync"/>
    public ValueTask<Errno> ReleaseChannelAsync(RpmsgChannelInfo info) => Backend.ReleaseChannelAsync(info);

    /// <summary>Creates a further endpoint of this channel. Kernel: rpmsg_create_ept.</summary>
    /// <param name="handler">What to do with messages.</param>
    /// <param name="address">Its address; Any for the lowest free one from 1024 on.</param>
    /// <returns>The endpoint; null when the address is taken.</returns>
    public RpmsgEndpoint? CreateEndpoint(RpmsgMessageHandler handler, RpmsgAddress address)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Backend.CreateEndpoint(this, handler, address);
    }

    /// <summary>Whether this is the channel meant. Any stands for every address. Kernel: rpmsg_device_match.</summary>
    internal bool Is(in RpmsgChannelInfo info) =>
        (info.Source.IsAny || info.Source == Source) &&
        (info.Destination.IsAny || info.Destination == Destination) &&
        string.Equals(info.Name, Id, StringComparison.Ordinal);
}
