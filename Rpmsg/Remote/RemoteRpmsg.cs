using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>The remote half of an rpmsg vdev, as firmware authors know it from OpenAMP's device role.</summary>
/// <remarks>
/// <code>
/// RemoteRpmsg rpmsg = new(scheduler, memory, vdev, kick);
/// _ = rpmsg.TryCreateEndpoint("echo", RpmsgAddress.Any, static (endpoint, in message) => _ = endpoint.TrySend(message.Payload), out _);
/// _ = await rpmsg.WaitForDriverAsync();
/// while (true)
/// {
///     while (rpmsg.Poll() == RemoteStatus.MoreWaits) { }
///     _ = await doorbell.WaitAsync();
/// }
/// </code>
/// vring 0 is where it sends: it takes buffers that the driver lent, and returns them full. vring 1 is where it receives. Nothing here
/// waits (but <see cref="WaitForDriverAsync"/> and <see cref="SendAsync"/>) and nothing allocates per message. One task at a time.
/// <para>A driver that resets the device is noticed at the next call, by the status byte or by a ring that was made anew; positions, held
/// buffers and peers are forgotten then, and the endpoints announce themselves to the next driver.</para>
/// <para>The driver is not trusted: whatever is wrong with a ring stops that ring alone, with a <see cref="RemoteQueueFault"/>.</para>
/// Source: open-amp lib/rpmsg/rpmsg_virtio.c, rpmsg.c.
/// </remarks>
/// <param name="scheduler">Whose time its waits take.</param>
/// <param name="memory">Memory, as the remote reaches it.</param>
/// <param name="vdev">The vdev's entry in the resource table.</param>
/// <param name="kick">Rings the host with a vring's notifyid.</param>
public sealed partial class RemoteRpmsg(Scheduler scheduler, RemoteMemory memory, IRemoteVdev vdev, Action<int> kick) : IRemoteDevice
{
    internal const long PollNs = 1_000_000; // open-amp polls the status, and a full ring, each millisecond

    private readonly RemoteQueue _send = new(scheduler, memory, vringIndex: 0, buffersAreWritable: true);
    private readonly RemoteQueue _receive = new(scheduler, memory, vringIndex: 1, buffersAreWritable: false);
    private readonly RemoteEndpointTable _endpoints = new();
    private ulong _features;
    private long _resetsSeen;
    private bool _draining;
    private bool _wantsKick; // the last drain has found the ring empty
    private long _sentBefore; // the driver came
    private long _receivedBefore;

    /// <summary>Whose time its waits take.</summary>
    public Scheduler Scheduler { get; } = scheduler;

    /// <summary>Place of the vdev in the table, for reports.</summary>
    public int VdevIndex
    {
        get => _send.VdevIndex;
        init => _send.VdevIndex = _receive.VdevIndex = value;
    }

    /// <summary>Whether a used length is the buffer's, as with OpenAMP, whose host lends the buffer again with that length.</summary>
    public bool ReturnsWholeBuffers { init => _send.ReturnsWholeBuffers = _receive.ReturnsWholeBuffers = value; }

    /// <summary>Whether it is polled all the time: it asks for no kicks then.</summary>
    public bool Polls { init => _send.Polls = _receive.Polls = value; }

    /// <summary>
    /// Whether each message is shown to the driver, and each buffer given back, with a kick of its own, as OpenAMP does; otherwise once for
    /// all that a poll finds.
    /// </summary>
    public bool KicksPerMessage { get; init; }

    /// <summary>Whether a driver was there when last looked.</summary>
    public bool IsLinked { get; private set; }

    /// <summary>Drivers seen so far: goes up with each DRIVER_OK that follows a reset.</summary>
    public long LinkCount { get; private set; }

    /// <summary>Why the ring on which it sends is stopped.</summary>
    public RemoteQueueFault SendFault => _send.Fault;

    /// <summary>Why the ring on which it receives is stopped.</summary>
    public RemoteQueueFault ReceiveFault => _receive.Fault;

    /// <summary>Messages sent.</summary>
    public long SentCount { get; private set; }

    /// <summary>Messages received, whether anybody was there for them or not.</summary>
    public long ReceivedCount { get; private set; }

    /// <summary>Messages received for an address where no endpoint is; dropped in silence, as OpenAMP does.</summary>
    public long NoRecipientCount { get; private set; }

    /// <summary>Messages dropped whose header claims more than the buffer holds, or that are no proper name service message.</summary>
    public long MalformedCount { get; private set; }

    /// <summary>Times that the host was rung.</summary>
    public long KickCount { get; private set; }

    /// <summary>Called with each channel that the host announces (true) or takes back (false), after an endpoint of that name was
    /// bound to it. OpenAMP: ns_bind_cb, ns_unbind_cb.</summary>
    public Action<string, RpmsgAddress, bool>? HostAnnounced
    {
        get => Names.HostAnnounced;
        set => Names.HostAnnounced = value;
    }

    private RemoteNameService Names => field ??= new RemoteNameService(this, _endpoints);

    private bool HasNameService => ((RpmsgFeatures)(uint)_features & RpmsgFeatures.NameService) != 0;

    /// <summary>Waits for DRIVER_OK, looking each millisecond. OpenAMP: rpmsg_virtio_wait_remote_ready.</summary>
    /// <param name="timeoutNs">Bound, ns.</param>
    /// <returns>True when a driver is there; false when the time ran out.</returns>
    public async ValueTask<bool> WaitForDriverAsync(long timeoutNs = Platform.Tasks.Scheduler.Forever)
    {
        long beginNs = Scheduler.NowNs;
        while (!Refresh())
        {
            if (Scheduler.NowNs - beginNs >= timeoutNs) return false;
            await Scheduler.DelayAsync(PollNs);
        }

        return true;
    }

    /// <summary>Creates an endpoint. If it has a name and no peer, the driver is told of it, now or when one comes. OpenAMP:
    /// rpmsg_create_ept.</summary>
    /// <param name="name">Service name, up to 31 characters; empty for none.</param>
    /// <param name="address">Its address; <see cref="RpmsgAddress.Any"/> for the next free one of 1024 to 1151.</param>
    /// <param name="handler">What to do with messages.</param>
    /// <param name="endpoint">The endpoint; null unless Ok.</param>
    /// <param name="destination">The peer; null for ANY: whoever writes first.</param>
    /// <returns>Ok, AddressTaken or NoAddress.</returns>
    public RemoteStatus TryCreateEndpoint(string name, RpmsgAddress address, RemoteMessageHandler handler, out RemoteEndpoint? endpoint,
        RpmsgAddress? destination = null)
    {
        RpmsgName.Check(name);
        ArgumentNullException.ThrowIfNull(handler);
        endpoint = null;
        if (address.IsAny) address = _endpoints.Choose();
        if (address.IsAny) return RemoteStatus.NoAddress;
        if (_endpoints.Find(address) is not null) return RemoteStatus.AddressTaken;
        endpoint = new RemoteEndpoint(this, name, address, destination ?? RpmsgAddress.Any, handler);
        _endpoints.Add(endpoint);
        if (!endpoint.WantsAnnouncement) return RemoteStatus.Ok;
        Names.IsDue = true;
        if (Refresh()) Announce();
        return RemoteStatus.Ok;
    }

    /// <summary>Destroys an endpoint, and tells the driver if it had been told of it. OpenAMP: rpmsg_destroy_ept.</summary>
    /// <param name="endpoint">One of its own.</param>
    /// <param name="evenUntold">Whether it goes also when the driver cannot be told.</param>
    /// <returns>Ok; or NoBuffer: the driver cannot be told now, and nothing has changed unless that was to be.</returns>
    public RemoteStatus DestroyEndpoint(RemoteEndpoint endpoint, bool evenUntold = false)
    {
        if (endpoint.IsDestroyed || endpoint.Remote != this)
            throw new InvalidOperationException($"endpoint {endpoint.Address} is not here");
        if (Refresh() && endpoint.IsAnnounced)
        {
            RemoteStatus status = TrySendNameService(endpoint.Name, endpoint.Address, NameServiceFlags.Destroy);
            if (status == RemoteStatus.NoBuffer && !evenUntold) return status;
        }

        endpoint.IsDestroyed = true;
        _endpoints.Remove(endpoint);
        return RemoteStatus.Ok;
    }

    /// <summary>Announces, or takes back, a channel, whether there is an endpoint or not. OpenAMP: rpmsg_send_ns_message.</summary>
    /// <param name="name">Service name, up to 31 characters.</param>
    /// <param name="address">The address announced.</param>
    /// <param name="flags">Create or destroy.</param>
    /// <returns>As <see cref="TrySend"/>.</returns>
    public RemoteStatus TrySendNameService(string name, RpmsgAddress address, NameServiceFlags flags)
    {
        NameServiceMessage message = new(new RpmsgName(name), address, flags);
        return TrySend(address, RpmsgAddress.NameService, MemoryMarshal.AsBytes(new ReadOnlySpan<NameServiceMessage>(in message)));
    }

    /// <summary>What has passed since the driver came.</summary>
    /// <returns>False when no driver is there, or a ring does not work: then nobody can tell.</returns>
    public bool TryGetTraffic(out RemoteTraffic traffic)
    {
        traffic = default;
        if (!IsLinked || _send.IsBroken || _receive.IsBroken || !vdev.IsDriverOk) return false;
        traffic = new RemoteTraffic(SentCount - _sentBefore, ReceivedCount - _receivedBefore, _receive.OfferedCount, _wantsKick);
        return true;
    }

    /// <summary>Looks at the status, announces what is to be announced, and receives what has come, at most one ring full.</summary>
    /// <returns>Ok, MoreWaits, NoDriver, or QueueBroken when it can no longer receive.</returns>
    public RemoteStatus Poll()
    {
        Unpolled handler = default;
        return Poll(ref handler, int.MaxValue, out _);
    }

    bool IRemoteDevice.PollOnce() => Poll() == RemoteStatus.MoreWaits;

    /// <summary>Sends a copy.</summary>
    /// <param name="source">The sender's address.</param>
    /// <param name="destination">The receiver's.</param>
    /// <param name="payload">What to send; may be empty.</param>
    /// <param name="more">True to leave it unseen until the next send without it, or <see cref="Flush"/>. In a handler it is always
    /// so.</param>
    /// <returns>Ok, NoDriver, NoBuffer, TooLong, NoDestination or QueueBroken.</returns>
    public RemoteStatus TrySend(RpmsgAddress source, RpmsgAddress destination, ReadOnlySpan<byte> payload, bool more = false)
    {
        if (destination.IsAny || source.IsAny) return RemoteStatus.NoDestination;
        RemoteStatus status = TryReserve(out RemoteTxBuffer buffer);
        if (status != RemoteStatus.Ok) return status;
        Span<byte> room = buffer.Payload;
        if (payload.Length > room.Length)
        {
            Release(buffer);
            return _send.IsBroken ? RemoteStatus.QueueBroken : RemoteStatus.TooLong;
        }

        payload.CopyTo(room);
        return CommitToRing(buffer, source, destination, payload.Length, more);
    }

    /// <summary>Sends a copy; waits up to 15 s for a buffer, looking each millisecond. OpenAMP: rpmsg_send_offchannel_raw with
    /// wait.</summary>
    /// <returns>As <see cref="TrySend"/>; NoBuffer or NoDriver when the 15 s were not enough.</returns>
    public async ValueTask<RemoteStatus> SendAsync(RpmsgAddress source, RpmsgAddress destination, ReadOnlyMemory<byte> payload)
    {
        long beginNs = Scheduler.NowNs;
        while (true)
        {
            RemoteStatus status = TrySend(source, destination, payload.Span);
            if (status is not (RemoteStatus.NoBuffer or RemoteStatus.NoDriver)) return status;
            if (Scheduler.NowNs - beginNs >= RpmsgLimits.SendTimeoutNs) return status;
            await Scheduler.DelayAsync(PollNs);
        }
    }

    /// <summary>Takes a buffer to write a message into, in place. OpenAMP: rpmsg_get_tx_payload_buffer.</summary>
    /// <param name="buffer">The buffer, unless not Ok: to be given to <see cref="Commit"/> or
    /// <see cref="Release(RemoteTxBuffer)"/>.</param>
    /// <returns>Ok, NoDriver, NoBuffer or QueueBroken.</returns>
    public RemoteStatus TryReserve(out RemoteTxBuffer buffer)
    {
        buffer = default;
        if (!Refresh()) return RemoteStatus.NoDriver;
        RemoteStatus status = TakeToSend(out ushort head);
        if (status == RemoteStatus.NoBuffer)
        {
            PublishAndKick(_send); // what the driver has not seen, it cannot lend again
            if (!_send.ArmKick()) return status;
            status = _send.TryTake(out head); // an offer slipped in
        }

        if (status != RemoteStatus.Ok) return status;
        _send.DisarmKick();
        buffer = new RemoteTxBuffer(this, head, _send.Serial(head));
        return RemoteStatus.Ok;
    }

    /// <summary>Sends a buffer that was written in place. OpenAMP: rpmsg_send_offchannel_nocopy.</summary>
    /// <param name="buffer">From <see cref="TryReserve"/>; the driver's from here on.</param>
    /// <param name="source">The sender's address.</param>
    /// <param name="destination">The receiver's.</param>
    /// <param name="lengthBytes">How much of its payload was written.</param>
    /// <param name="more">As in <see cref="TrySend"/>.</param>
    /// <returns>Ok; Stale when the device was reset; QueueBroken; NoDestination or TooLong with the buffer still the caller's.</returns>
    public RemoteStatus Commit(RemoteTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes, bool more = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        if (destination.IsAny || source.IsAny) return RemoteStatus.NoDestination;
        CheckOwner(buffer.Remote);
        _ = Refresh(); // time may have passed since it was taken: an old buffer has no place in a new driver's ring
        return CommitToRing(buffer, source, destination, lengthBytes, more);
    }

    /// <summary>Puts a buffer back unsent: the next <see cref="TryReserve"/> gives it out again. OpenAMP:
    /// rpmsg_release_tx_buffer.</summary>
    public void Release(RemoteTxBuffer buffer)
    {
        CheckOwner(buffer.Remote);
        if (_send.Check(buffer.Head, buffer.Serial) == RemoteStatus.Ok) _send.Reclaim(buffer.Head);
    }

    /// <summary>Gives up one hold on a received message; the last gives the buffer back to the driver. OpenAMP:
    /// rpmsg_release_rx_buffer.</summary>
    public void Release(RemoteRxBuffer buffer)
    {
        CheckOwner(buffer.Remote);
        _ = Refresh(); // as in Commit
        if (_receive.Check(buffer.Head, buffer.Serial) != RemoteStatus.Ok) return; // reset since: the driver has taken it back itself
        if (buffer.Head == _handledHead && _receive.HolderCount(buffer.Head) == 1) // the one that is left is the handler's own
            throw new InvalidOperationException("the buffer was given back already");
        if (!_receive.Drop(buffer.Head)) return;
        _receive.Return(buffer.Head, 0);
        if (!_draining) PublishAndKick(_receive);
    }

    /// <summary>Shows the driver what was sent with <c>more</c>, and rings it if it wants that.</summary>
    public void Flush() => PublishAndKick(_send);

    private void CheckOwner(RemoteRpmsg? owner)
    {
        if (owner != this) throw new InvalidOperationException("the buffer is not of this vdev");
    }

    internal Span<byte> ReservedPayload(RemoteTxBuffer buffer)
    {
        if (_send.Check(buffer.Head, buffer.Serial) != RemoteStatus.Ok) return [];
        return _send.TryBytes(buffer.Head, out Span<byte> bytes) ? PayloadRoom(bytes) : [];
    }

    internal ReadOnlySpan<byte> HeldPayload(RemoteRxBuffer buffer)
    {
        if (_receive.Check(buffer.Head, buffer.Serial) != RemoteStatus.Ok) return [];
        return _receive.TryBytes(buffer.Head, out Span<byte> bytes) ? bytes.Slice(RpmsgHeader.SizeBytes, buffer.Header.LengthBytes) : [];
    }

    private static Span<byte> PayloadRoom(Span<byte> bytes) => // a queue takes no buffer that is shorter than a header
        bytes.Slice(RpmsgHeader.SizeBytes, Math.Min(bytes.Length - RpmsgHeader.SizeBytes, ushort.MaxValue));

    private RemoteStatus CommitToRing(RemoteTxBuffer buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes, bool more)
    {
        if (_send.Check(buffer.Head, buffer.Serial) != RemoteStatus.Ok) return RemoteStatus.Stale;
        if (!_send.TryBytes(buffer.Head, out Span<byte> bytes)) return RemoteStatus.QueueBroken;
        if (lengthBytes > PayloadRoom(bytes).Length) return RemoteStatus.TooLong;
        RpmsgHeader header = new(source, destination, (ushort)lengthBytes);
        MemoryMarshal.Write(bytes, in header);
        _send.Return(buffer.Head, (uint)(RpmsgHeader.SizeBytes + lengthBytes));
        SentCount++;
        if (!more && (!_draining || KicksPerMessage)) PublishAndKick(_send);
        return RemoteStatus.Ok;
    }

    /// <summary>Looks whether a driver is there, and whether it is still the same one; once a batch is enough.</summary>
    private bool Refresh()
    {
        if (_draining) return true;
        bool isDriverOk = vdev.IsDriverOk;
        if (IsLinked && (!isDriverOk || vdev.ResetCount != _resetsSeen || _send.WasMadeAnew() || _receive.WasMadeAnew())) Unlink();
        if (isDriverOk && !IsLinked) Link();
        return isDriverOk;
    }

    private void Link()
    {
        _features = vdev.DriverFeatures;
        _resetsSeen = vdev.ResetCount;
        RingFeatures ringFeatures = VirtioFeatures.ForRing(_features);
        _send.Begin(vdev.GetVring(0), ringFeatures);
        _receive.Begin(vdev.GetVring(1), ringFeatures);
        _send.DisarmKick(); // returned buffers are looked for when one is needed
        Names.IsDue = true;
        LinkCount++;
        IsLinked = true;
        _wantsKick = false;
        _sentBefore = SentCount;
        _receivedBefore = ReceivedCount;
    }

    private void Unlink()
    {
        IsLinked = false;
        _send.End();
        _receive.End();
        _handNext = _handCount = 0;
        foreach (RemoteEndpoint endpoint in _endpoints.All) endpoint.OnLinkDown();
    }

    private void Announce()
    {
        if (HasNameService) Names.Announce();
        else Names.IsDue = false;
    }

    private void PublishAndKick(RemoteQueue queue)
    {
        if (PeerPolls)
        {
            queue.PublishInSilence();
            return;
        }

        if (!queue.Publish()) return;
        KickCount++;
        kick(queue.NotifyId);
    }
}
