using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote.Profiles;

/// <summary>The remote half with rpmsg-lite's function set: its link-up handshake, its return values, no name service by itself.</summary>
/// <remarks>
/// <code>
/// here              rpmsg-lite
/// OnKick            the interrupt: rpmsg_lite_tx_callback for the ring on which it sends
/// IsLinkUp          rpmsg_lite_is_link_up
/// WaitForLinkUp     rpmsg_lite_wait_for_link_up
/// CreateEndpoint    rpmsg_lite_create_ept
/// Announce          rpmsg_ns_announce
/// Send              rpmsg_lite_send
/// AllocTxBuffer     rpmsg_lite_alloc_tx_buffer
/// SendNocopy        rpmsg_lite_send_nocopy
/// message.Hold, ReleaseRxBuffer    a callback that returns RL_HOLD, rpmsg_lite_release_rx_buffer
/// </code>
/// The link is up with the host's first kick of the ring on which the remote sends (vring 0): Linux gives it when it has posted its buffers
/// and said DRIVER_OK. rpmsg-lite looks at no status, and so never sees the link go down: nor does <see cref="IsLinkUp"/>. The rings below
/// are those of <see cref="RemoteRpmsg"/>, which does see a reset; a send during one is NoMem.
/// Source: rpmsg-lite lib/rpmsg_lite/rpmsg_lite.c.
/// </remarks>
/// <param name="rpmsg">The remote half.</param>
/// <param name="sendNotifyId">The notifyid of vring 0.</param>
public sealed class RpmsgLite(RemoteRpmsg rpmsg, int sendNotifyId)
{
    private readonly WaitQueue _linkUp = new(rpmsg.Scheduler, $"vdev{rpmsg.VdevIndex} link");

    /// <summary>The remote half.</summary>
    public RemoteRpmsg Rpmsg { get; } = rpmsg;

    /// <summary>Whether the host has ever kicked the ring on which the remote sends.</summary>
    public bool IsLinkUp { get; private set; }

    /// <summary>The host has kicked.</summary>
    /// <param name="notifyId">About which ring.</param>
    public void OnKick(int notifyId)
    {
        if (notifyId != sendNotifyId) return;
        IsLinkUp = true;
        _linkUp.WakeAll();
    }

    /// <summary>Waits for the link.</summary>
    /// <param name="timeoutNs">Bound, ns; 0 to look once.</param>
    /// <returns>Whether it is up.</returns>
    public async ValueTask<bool> WaitForLinkUpAsync(long timeoutNs = Scheduler.Forever) =>
        await _linkUp.WaitAsync(this, static lite => lite.IsLinkUp, timeoutNs) == WaitResult.Ok;

    /// <summary>Creates an endpoint; nobody is told of it. rpmsg-lite: a null pointer for an address that is taken.</summary>
    /// <param name="address">Its address; Any for the next free one.</param>
    /// <param name="callback">What to do with messages; one that is kept is held.</param>
    public RemoteEndpoint? CreateEndpoint(RpmsgAddress address, RemoteMessageHandler callback) =>
        Rpmsg.TryCreateEndpoint("", address, callback, out RemoteEndpoint? endpoint) == RemoteStatus.Ok ? endpoint : null;

    /// <summary>Tells the host of an endpoint, or takes it back.</summary>
    /// <returns>Success; NotReady without a link; NoMem without a buffer.</returns>
    public int Announce(RemoteEndpoint endpoint, string name, NameServiceFlags flags) =>
        IsLinkUp ? Of(Rpmsg.TrySendNameService(name, endpoint.Address, flags)) : RpmsgLiteStatus.NotReady;

    /// <summary>Sends a copy.</summary>
    /// <param name="endpoint">The sender.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="data">What; longer than a buffer is refused.</param>
    /// <param name="timeoutNs">How long to wait for a buffer, looking each millisecond; 0 for not at all.</param>
    /// <returns>Success; NotReady without a link; BuffSize; NoMem when no buffer was free in time.</returns>
    public async ValueTask<int> SendAsync(RemoteEndpoint endpoint, RpmsgAddress destination, ReadOnlyMemory<byte> data, long timeoutNs)
    {
        if (!IsLinkUp) return RpmsgLiteStatus.NotReady;
        for (long waitedNs = 0; ; waitedNs += RemoteRpmsg.PollNs)
        {
            int status = Of(Rpmsg.TrySend(endpoint.Address, destination, data.Span));
            if (status != RpmsgLiteStatus.NoMem || waitedNs >= timeoutNs) return status;
            await Rpmsg.Scheduler.DelayAsync(RemoteRpmsg.PollNs);
        }
    }

    /// <summary>Takes a buffer to write into, if there is one.</summary>
    /// <param name="buffer">The buffer, when there is one.</param>
    /// <returns>Bytes that fit; 0 without a link or a buffer. rpmsg-lite: a null pointer.</returns>
    public int TryAllocTxBuffer(out RemoteTxBuffer buffer)
    {
        buffer = default;
        return IsLinkUp && Rpmsg.TryReserve(out buffer) == RemoteStatus.Ok ? buffer.Payload.Length : 0;
    }

    /// <summary>Sends a buffer that was written in place.</summary>
    /// <returns>Success; BuffSize or Param with the buffer still the caller's.</returns>
    public int SendNocopy(RemoteTxBuffer buffer, RemoteEndpoint endpoint, RpmsgAddress destination, int lengthBytes) =>
        Of(Rpmsg.Commit(buffer, endpoint.Address, destination, lengthBytes));

    /// <summary>Gives a held message back.</summary>
    public void ReleaseRxBuffer(RemoteRxBuffer buffer) => Rpmsg.Release(buffer);

    private static int Of(RemoteStatus status) => status switch
    {
        RemoteStatus.Ok or RemoteStatus.MoreWaits => RpmsgLiteStatus.Success,
        RemoteStatus.TooLong => RpmsgLiteStatus.BuffSize,
        RemoteStatus.NoDestination => RpmsgLiteStatus.Param,
        _ => RpmsgLiteStatus.NoMem,
    };
}
