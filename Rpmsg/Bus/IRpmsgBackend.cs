using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>What carries the messages of some channels: the seam behind which virtio is. Used on the host processor.</summary>
/// <remarks>Source: Linux drivers/rpmsg/rpmsg_internal.h, struct rpmsg_device_ops, struct rpmsg_endpoint_ops.</remarks>
public interface IRpmsgBackend
{
    /// <summary>The longest payload, bytes. Kernel: rpmsg_get_mtu.</summary>
    int MtuBytes { get; }

    /// <summary>Creates a channel and lets a driver bind to it before this returns. Kernel: rpmsg_create_channel.</summary>
    /// <returns>The channel; null when it is there already, or could not be added.</returns>
    ValueTask<RpmsgDevice?> CreateChannelAsync(RpmsgChannelInfo info);

    /// <summary>Takes a channel away, its driver first. Kernel: rpmsg_release_channel.</summary>
    /// <returns>Ok; EINVAL when no channel matches.</returns>
    ValueTask<Errno> ReleaseChannelAsync(RpmsgChannelInfo info);

    /// <summary>Creates an endpoint. Kernel: rpmsg_create_ept.</summary>
    /// <param name="device">The channel that it belongs to.</param>
    /// <param name="handler">What to do with messages.</param>
    /// <param name="address">Its address; Any for the lowest free one from 1024 on.</param>
    /// <returns>The endpoint; null when the address is taken.</returns>
    RpmsgEndpoint? CreateEndpoint(RpmsgDevice device, RpmsgMessageHandler handler, RpmsgAddress address);

    /// <summary>Makes an endpoint unfindable, waits for its handler, and silences it. Kernel: rpmsg_destroy_ept.</summary>
    /// <exception cref="InvalidOperationException">Called from that very handler: the kernel would sleep for ever.</exception>
    ValueTask DestroyEndpointAsync(RpmsgEndpoint endpoint);

    /// <summary>Tells the remote of a channel that wants that. Kernel: rpmsg_device_ops.announce_create.</summary>
    /// <returns>Ok, also when nothing is to be told; or why the message could not be sent.</returns>
    ValueTask<Errno> AnnounceCreateAsync(RpmsgDevice device);

    /// <summary>Tells the remote that such a channel goes. Kernel: rpmsg_device_ops.announce_destroy.</summary>
    /// <inheritdoc cref="AnnounceCreateAsync"/>
    ValueTask<Errno> AnnounceDestroyAsync(RpmsgDevice device);

    /// <summary>Sends a copy, or does not. Kernel: rpmsg_trysend_offchannel.</summary>
    /// <returns>
    /// Ok; EINVAL for an address that is Any; EMSGSIZE; ENOMEM when no buffer is free; ENOSPC or EIO when the ring refuses; ENODEV when the
    /// device is gone.
    /// </returns>
    Errno TrySend(RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> payload);

    /// <summary>Sends a copy; waits up to 15 s for a buffer. Kernel: rpmsg_send_offchannel.</summary>
    /// <returns>As <see cref="TrySend"/>, with ERESTARTSYS instead of ENOMEM.</returns>
    ValueTask<Errno> SendAsync(RpmsgEndpoint endpoint, RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> payload);

    /// <summary>Takes a buffer to write a message into, in place.</summary>
    /// <returns>Ok; ENOMEM when none is free; ENODEV when the device is gone.</returns>
    Errno TryReserve(RpmsgEndpoint endpoint, out RpmsgTxBuffer buffer);

    /// <summary>Takes a buffer; waits up to 15 s for one.</summary>
    /// <returns>Ok; ERESTARTSYS after 15 s; ENODEV when the device went away meanwhile.</returns>
    ValueTask<(Errno Errno, RpmsgTxBuffer Buffer)> ReserveAsync(RpmsgEndpoint endpoint);

    /// <summary>Sends a buffer that was written in place. See
    /// <see cref="RpmsgTxBuffer.Commit(RpmsgAddress, RpmsgAddress, int)"/>.</summary>
    Errno Commit(in RpmsgTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes);

    /// <summary>Gives a buffer back unsent. See <see cref="RpmsgTxBuffer.Dispose"/>.</summary>
    void Cancel(in RpmsgTxBuffer buffer);

    /// <summary>Asks the remote to stop sending, or to go on. Kernel: rpmsg_set_flow_control (v6.6).</summary>
    /// <param name="endpoint">Ours.</param>
    /// <param name="pause">Whether to stop.</param>
    /// <param name="destination">The remote's endpoint.</param>
    /// <returns>Ok; EOPNOTSUPP where the backend has no flow control, as virtio.</returns>
    Errno SetFlowControl(RpmsgEndpoint endpoint, bool pause, RpmsgAddress destination) => Errno.EOPNOTSUPP;

    /// <summary>What can be done without waiting, as far as sending goes. Kernel: rpmsg_poll.</summary>
    /// <returns>None where the backend does not say, as virtio.</returns>
    PollEvents Poll(RpmsgEndpoint endpoint) => PollEvents.None;

    /// <summary>Where the payload of a buffer to send goes.</summary>
    Span<byte> PayloadOf(scoped in RpmsgTxBuffer buffer);

    /// <summary>The payload of a received message.</summary>
    ReadOnlySpan<byte> PayloadOf(scoped in RpmsgMessage message);

    /// <summary>Where the payload of a buffer to send goes, as memory that can be kept.</summary>
    Memory<byte> MemoryOf(in RpmsgTxBuffer buffer);

    /// <summary>The payload of a received message, as memory that can be kept while the message is held.</summary>
    ReadOnlyMemory<byte> MemoryOf(in RpmsgMessage message);

    /// <summary>Keeps a received message's buffer beyond its handler.</summary>
    void Hold(in RpmsgMessage message);

    /// <summary>Gives up one hold; the last lends the buffer to the remote again.</summary>
    void Release(in RpmsgMessage message);
}
