using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>An address that receives, and from which one sends. Source: Linux include/linux/rpmsg.h, struct rpmsg_endpoint.</summary>
public sealed class RpmsgEndpoint
{
    /// <summary>Creates an endpoint; for backends.</summary>
    /// <param name="device">The channel that it belongs to.</param>
    /// <param name="handler">What to do with messages.</param>
    /// <param name="address">Its address; not Any.</param>
    public RpmsgEndpoint(RpmsgDevice device, RpmsgMessageHandler handler, RpmsgAddress address)
    {
        ArgumentNullException.ThrowIfNull(device);
        Device = device;
        Handler = handler;
        Address = address;
        HandlerLock = new WaitQueue(device.Kernel.Scheduler, $"{device.Name} ept {address} cb_lock", WaitQueueKind.Mutex);
    }

    /// <summary>The channel that it belongs to.</summary>
    public RpmsgDevice Device { get; }

    /// <summary>Its address.</summary>
    public RpmsgAddress Address { get; }

    /// <summary>The longest payload that can be sent, bytes. Kernel: rpmsg_get_mtu.</summary>
    public int MtuBytes => Device.Backend.MtuBytes;

    /// <summary>
    /// Whether its messages go to whoever polls the vdev with a handler of his own; see
    /// <see cref="VirtioBackend.RpmsgFastPath.Poll{THandler}(ref THandler, int)"/>. Others still come to the endpoint's own handler.
    /// </summary>
    public bool IsPolled { get; set; }

    /// <summary>What to do with messages; null once it is destroyed.</summary>
    internal RpmsgMessageHandler? Handler { get; set; }

    /// <summary>Whether it was made unfindable.</summary>
    internal bool IsDestroyed { get; set; }

    /// <summary>The task in whose handler it is; null when it is in none. Kernel: cb_lock's holder.</summary>
    internal KernelTask? HandledBy { get; set; }

    /// <summary>Where a destroyer waits for the handler. Kernel: cb_lock's waiters.</summary>
    internal WaitQueue HandlerLock { get; }

    /// <summary>Sends a copy to the channel's destination, or does not. Kernel: rpmsg_trysend.</summary>
    /// <inheritdoc cref="IRpmsgBackend.TrySend"/>
    public Errno TrySend(ReadOnlySpan<byte> payload) => Device.Backend.TrySend(this, Address, Device.Destination, payload);

    /// <summary>Sends a copy to a destination, or does not. Kernel: rpmsg_trysendto.</summary>
    /// <inheritdoc cref="IRpmsgBackend.TrySend"/>
    public Errno TrySendTo(RpmsgAddress destination, ReadOnlySpan<byte> payload) =>
        Device.Backend.TrySend(this, Address, destination, payload);

    /// <summary>Sends a copy in any address's name, or does not. Kernel: rpmsg_trysend_offchannel.</summary>
    /// <inheritdoc cref="IRpmsgBackend.TrySend"/>
    public Errno TrySendOffchannel(RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> payload) =>
        Device.Backend.TrySend(this, source, destination, payload);

    /// <summary>Sends a copy to the channel's destination. Kernel: rpmsg_send.</summary>
    /// <inheritdoc cref="IRpmsgBackend.SendAsync"/>
    public ValueTask<Errno> SendAsync(ReadOnlyMemory<byte> payload) => Device.Backend.SendAsync(this, Address, Device.Destination, payload);

    /// <summary>Sends a copy to a destination. Kernel: rpmsg_sendto.</summary>
    /// <inheritdoc cref="IRpmsgBackend.SendAsync"/>
    public ValueTask<Errno> SendToAsync(RpmsgAddress destination, ReadOnlyMemory<byte> payload) =>
        Device.Backend.SendAsync(this, Address, destination, payload);

    /// <summary>Sends a copy in any address's name. Kernel: rpmsg_send_offchannel.</summary>
    /// <inheritdoc cref="IRpmsgBackend.SendAsync"/>
    public ValueTask<Errno> SendOffchannelAsync(RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> payload) =>
        Device.Backend.SendAsync(this, source, destination, payload);

    /// <summary>What to do when the remote restricts the flow; null for nothing. Called by backends that have flow control.</summary>
    public RpmsgFlowHandler? FlowHandler { get; set; }

    /// <inheritdoc cref="IRpmsgBackend.SetFlowControl"/>
    public Errno SetFlowControl(bool pause, RpmsgAddress destination) => Device.Backend.SetFlowControl(this, pause, destination);

    /// <inheritdoc cref="IRpmsgBackend.Poll"/>
    public PollEvents Poll() => Device.Backend.Poll(this);

    /// <inheritdoc cref="IRpmsgBackend.TryReserve"/>
    public Errno TryReserve(out RpmsgTxBuffer buffer) => Device.Backend.TryReserve(this, out buffer);

    /// <inheritdoc cref="IRpmsgBackend.ReserveAsync"/>
    public ValueTask<(Errno Errno, RpmsgTxBuffer Buffer)> ReserveAsync() => Device.Backend.ReserveAsync(this);

    /// <summary>Destroys it. Kernel: rpmsg_destroy_ept.</summary>
    /// <inheritdoc cref="IRpmsgBackend.DestroyEndpointAsync"/>
    public ValueTask DestroyAsync() => Device.Backend.DestroyEndpointAsync(this);
}
