using System;
using System.Threading.Tasks;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote.Profiles;

/// <summary>The remote half with OpenAMP's function set: its lengths and error values, for firmware that relies on them.</summary>
/// <remarks>
/// <code>
/// here                        open-amp
/// CreateEndpoint              rpmsg_create_ept, with the unbind callback; the bind callback is <see cref="RemoteRpmsg.HostAnnounced"/>
/// DestroyEndpoint             rpmsg_destroy_ept
/// Send, SendTo, SendOffchannel, and their Try forms    rpmsg_send, sendto, send_offchannel; rpmsg_trysend...
/// GetTxPayloadBuffer          rpmsg_get_tx_payload_buffer
/// SendNocopy                  rpmsg_send_nocopy, sendto_nocopy, send_offchannel_nocopy
/// ReleaseTxBuffer             rpmsg_release_tx_buffer
/// message.Hold, ReleaseRxBuffer    rpmsg_hold_rx_buffer, rpmsg_release_rx_buffer
/// </code>
/// A payload that is too long is cut off, and the shorter length returned. A send waits 15 s, looking each millisecond; it returns the
/// bytes sent, or one of <see cref="OpenAmpStatus"/>. The rings below are those of <see cref="RemoteRpmsg"/>.
/// Source: open-amp lib/rpmsg/rpmsg.c, rpmsg_virtio.c.
/// </remarks>
/// <param name="rpmsg">The remote half.</param>
public sealed class OpenAmpRpmsg(RemoteRpmsg rpmsg)
{
    private const uint DynamicEnd = 1024 + 128; // RPMSG_RESERVED_ADDRESSES + RPMSG_ADDR_BMP_SIZE

    /// <summary>The remote half.</summary>
    public RemoteRpmsg Rpmsg { get; } = rpmsg;

    /// <summary>Creates an endpoint and announces it, if it has a name and no destination.</summary>
    /// <param name="name">Service name; empty for none.</param>
    /// <param name="source">Its address; Any for the next free one of 1024 to 1151.</param>
    /// <param name="destination">The peer's; Any for whoever writes first.</param>
    /// <param name="callback">What to do with messages.</param>
    /// <param name="unbind">Called when the host takes the peer back; null for nothing. OpenAMP: ns_unbind_cb.</param>
    /// <param name="endpoint">The endpoint; null unless Success.</param>
    /// <returns>Success; Addr when the address is taken or none is left; Param for one that is beyond the dynamic ones.</returns>
    public int CreateEndpoint(string name, RpmsgAddress source, RpmsgAddress destination, RemoteMessageHandler callback,
        Action<RemoteEndpoint>? unbind, out RemoteEndpoint? endpoint)
    {
        endpoint = null;
        if (!source.IsAny && source.Value >= DynamicEnd) return OpenAmpStatus.Param;
        RemoteStatus status = Rpmsg.TryCreateEndpoint(name, source, callback, out endpoint, destination);
        if (endpoint is not null) endpoint.Unbound = unbind;
        return OpenAmpStatus.Of(status);
    }

    /// <summary>Destroys an endpoint; the host is told if it can be. OpenAMP ignores that it cannot.</summary>
    public void DestroyEndpoint(RemoteEndpoint endpoint) => Rpmsg.DestroyEndpoint(endpoint, evenUntold: true);

    /// <summary>Sends a copy to the endpoint's peer; waits up to 15 s.</summary>
    /// <returns>Bytes sent, or an error.</returns>
    public ValueTask<int> SendAsync(RemoteEndpoint endpoint, ReadOnlyMemory<byte> data) =>
        SendOffchannelAsync(endpoint.Address, endpoint.Destination, data);

    /// <summary>Sends a copy; waits up to 15 s.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public ValueTask<int> SendToAsync(RemoteEndpoint endpoint, RpmsgAddress destination, ReadOnlyMemory<byte> data) =>
        SendOffchannelAsync(endpoint.Address, destination, data);

    /// <summary>Sends a copy in any address's name; waits up to 15 s.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public async ValueTask<int> SendOffchannelAsync(RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> data)
    {
        if (destination.IsAny) return OpenAmpStatus.Param;
        (int lengthBytes, RemoteTxBuffer buffer) = await GetTxPayloadBufferAsync();
        return lengthBytes < 0 ? lengthBytes : Fill(buffer, source, destination, data.Span);
    }

    /// <summary>Sends a copy to the endpoint's peer, or does not.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public int TrySend(RemoteEndpoint endpoint, ReadOnlySpan<byte> data) =>
        TrySendOffchannel(endpoint.Address, endpoint.Destination, data);

    /// <summary>Sends a copy, or does not.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public int TrySendTo(RemoteEndpoint endpoint, RpmsgAddress destination, ReadOnlySpan<byte> data) =>
        TrySendOffchannel(endpoint.Address, destination, data);

    /// <summary>Sends a copy in any address's name, or does not.</summary>
    /// <inheritdoc cref="SendAsync"/>
    public int TrySendOffchannel(RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> data)
    {
        if (destination.IsAny) return OpenAmpStatus.Param;
        int lengthBytes = TryGetTxPayloadBuffer(out RemoteTxBuffer buffer);
        return lengthBytes < 0 ? lengthBytes : Fill(buffer, source, destination, data);
    }

    /// <summary>Takes a buffer to write into, if there is one.</summary>
    /// <param name="buffer">The buffer, unless an error is returned.</param>
    /// <returns>Bytes that fit, or an error. OpenAMP: a null pointer for any error.</returns>
    public int TryGetTxPayloadBuffer(out RemoteTxBuffer buffer)
    {
        RemoteStatus status = Rpmsg.TryReserve(out buffer);
        if (status == RemoteStatus.NoDriver) return OpenAmpStatus.NoBuff; // get_tx_payload_buffer looks at the status as at a buffer
        return status == RemoteStatus.Ok ? buffer.Payload.Length : OpenAmpStatus.Of(status);
    }

    /// <summary>Takes a buffer to write into; waits up to 15 s for one, looking each millisecond.</summary>
    /// <returns>Bytes that fit and the buffer; or an error.</returns>
    public async ValueTask<(int LengthBytes, RemoteTxBuffer Buffer)> GetTxPayloadBufferAsync()
    {
        for (long waitedNs = 0; ; waitedNs += RemoteRpmsg.PollNs)
        {
            int lengthBytes = TryGetTxPayloadBuffer(out RemoteTxBuffer buffer);
            if (lengthBytes != OpenAmpStatus.NoBuff || waitedNs >= RpmsgLimits.SendTimeoutNs) return (lengthBytes, buffer);
            await Rpmsg.Scheduler.DelayAsync(RemoteRpmsg.PollNs);
        }
    }

    /// <summary>Sends a buffer that was written in place, to the endpoint's peer.</summary>
    /// <returns>Bytes sent; BuffSize, Param with the buffer still the caller's; Perm for one that a reset has taken away.</returns>
    public int SendNocopy(RemoteTxBuffer buffer, RemoteEndpoint endpoint, int lengthBytes) =>
        SendNocopy(buffer, endpoint.Address, endpoint.Destination, lengthBytes);

    /// <summary>Sends a buffer that was written in place.</summary>
    /// <inheritdoc cref="SendNocopy(RemoteTxBuffer, RemoteEndpoint, int)"/>
    public int SendNocopy(RemoteTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes)
    {
        if (destination.IsAny || lengthBytes < 0) return OpenAmpStatus.Param;
        RemoteStatus status = Rpmsg.Commit(buffer, source, destination, lengthBytes);
        return status == RemoteStatus.Ok ? lengthBytes : OpenAmpStatus.Of(status);
    }

    /// <summary>Puts a buffer back unsent: the next to be given out.</summary>
    public void ReleaseTxBuffer(RemoteTxBuffer buffer) => Rpmsg.Release(buffer);

    /// <summary>Gives a held message back.</summary>
    public void ReleaseRxBuffer(RemoteRxBuffer buffer) => Rpmsg.Release(buffer);

    private int Fill(RemoteTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> data)
    {
        Span<byte> room = buffer.Payload;
        data = data[..Math.Min(data.Length, room.Length)]; // OpenAMP cuts off, and says so by the length it returns
        data.CopyTo(room);
        return SendNocopy(buffer, source, destination, data.Length);
    }
}
