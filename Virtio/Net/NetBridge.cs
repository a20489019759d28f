using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>Joins interfaces: a frame that comes in at one goes out at all others. A bridge that learns no addresses: a hub.</summary>
/// <remarks>On the host processor only. Nothing is kept: a frame that a full ring does not take is dropped there, and counted.</remarks>
public sealed class NetBridge
{
    private readonly List<NetDevice> _ports = [];

    /// <summary>The interfaces that it joins.</summary>
    public IReadOnlyList<NetDevice> Ports => _ports;

    /// <summary>Frames sent on, counted once a port.</summary>
    public long ForwardedCount { get; private set; }

    /// <summary>Frames that a port did not take.</summary>
    public long DroppedCount { get; private set; }

    /// <summary>Joins an interface: takes its frames from here on, and opens it.</summary>
    /// <returns>As <see cref="NetDevice.Open"/>; EBUSY when somebody takes its frames already.</returns>
    public Errno Add(NetDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.Received is not null) return Errno.EBUSY;
        _ports.Add(device);
        device.Received = Forward;
        return device.Open();
    }

    /// <summary>Lets an interface go. No effect on one that it does not join.</summary>
    public void Remove(NetDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (_ports.Remove(device)) device.Received = null;
    }

    private void Forward(NetDevice from, ReadOnlySpan<byte> frame)
    {
        foreach (NetDevice port in _ports)
        {
            if (port == from) continue;
            if (port.TrySend(frame) == Errno.Ok) ForwardedCount++;
            else DroppedCount++;
        }
    }
}
