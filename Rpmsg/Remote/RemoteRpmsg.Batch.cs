using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <content>Messages by the batch: taken from the ring together, delivered one by one, given back together.</content>
public sealed partial class RemoteRpmsg
{
    /// <summary>Buffers of a ring that are in hand at a time: what is published in one go.</summary>
    internal const int BatchMax = 32;

    private const int NoHead = -1;

    private readonly VringTaken[] _received = new VringTaken[BatchMax];
    private readonly VringReturned[] _delivered = new VringReturned[BatchMax];
    private readonly VringTaken[] _hand = new VringTaken[BatchMax]; // buffers to send with that were taken and not used yet
    private readonly VringReturned[] _committed = new VringReturned[BatchMax];
    private bool _holdsChanged; // a handler has held its message
    private int _handledHead = NoHead; // whose message a handler has now
    private bool _isBatchOpen;
    private int _handNext;
    private int _handCount;
    private int _handMax;

    /// <summary>
    /// Whether the driver's side polls all the time and is never rung: no fence is paid and no flag looked at. A driver that sleeps is
    /// lost.
    /// </summary>
    public bool PeerPolls { get; set; }

    /// <summary>Receives what has come, and gives the messages for polled endpoints to <paramref name="handler"/>; the others go to their
    /// own handlers.</summary>
    /// <param name="handler">Called without an indirection; it keeps what it counts.</param>
    /// <param name="max">Messages at most; one ring full at most.</param>
    /// <param name="count">Messages that came, whoever got them.</param>
    /// <returns>As <see cref="Poll()"/>.</returns>
    public RemoteStatus Poll<THandler>(ref THandler handler, int max, out int count)
        where THandler : struct, IRemoteMessageHandler
    {
        count = 0;
        if (_draining) throw new InvalidOperationException("a message handler must not poll");
        if (!Refresh()) return RemoteStatus.NoDriver;
        if (Names.IsDue) Announce();
        _draining = true;
        try
        {
            _receive.DisarmKick();
            int most = Math.Min(max, _receive.QueueSize);
            int batch = KicksPerMessage ? 1 : BatchMax;
            while (count < most)
            {
                Span<VringTaken> room = _received.AsSpan(0, Math.Min(most - count, batch));
                if (_receive.TryTake(room, out int taken) != RemoteStatus.Ok) break;
                Deliver(ref handler, taken);
                if (KicksPerMessage) PublishAndKick(_receive);
                count += taken;
            }
        }
        finally
        {
            _draining = false;
            _handledHead = NoHead;
        }

        PublishAndKick(_receive);
        PublishAndKick(_send);
        bool moreWaits = _receive.ArmKick();
        _wantsKick = !moreWaits && !_receive.Polls;
        if (_receive.IsBroken) return RemoteStatus.QueueBroken;
        return moreWaits ? RemoteStatus.MoreWaits : RemoteStatus.Ok;
    }

    /// <summary>Asks the driver for no kicks when it sends, and has polls no longer ask for them: somebody polls all the time. For a driver
    /// that comes later from the first poll on.</summary>
    public void StopKicks()
    {
        _receive.Polls = true;
        _receive.DisarmKick();
    }

    /// <summary>Asks for kicks again, and so does each poll that leaves nothing.</summary>
    /// <returns>True when something has come already: poll, for no kick may come.</returns>
    public bool StartKicks()
    {
        _receive.Polls = false;
        bool moreWaits = _receive.ArmKick();
        _wantsKick = !moreWaits;
        return moreWaits;
    }

    /// <summary>Begins to send messages from one address to another, by the batch and in place.</summary>
    /// <param name="source">The sender's address.</param>
    /// <param name="destination">The receiver's.</param>
    /// <param name="max">Buffers in hand at a time, at most: who knows that there are few messages takes no more than those. 1 and up; the
    /// most that is taken is 32.</param>
    /// <returns>The batch, to be disposed: what was committed is published then. One at a time.</returns>
    /// <exception cref="ArgumentException">An address is Any.</exception>
    /// <exception cref="InvalidOperationException">Another batch is open.</exception>
    public RemoteSendBatch BeginBatch(RpmsgAddress source, RpmsgAddress destination, int max = BatchMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        if (source.IsAny || destination.IsAny) throw new ArgumentException("a message has a source and a destination");
        if (_isBatchOpen) throw new InvalidOperationException("another batch is open");
        _isBatchOpen = true;
        _handMax = Math.Min(max, BatchMax);
        if (!Refresh()) _handNext = _handCount = 0; // an old driver's buffers have no place in a new driver's ring
        RpmsgHeader header = new(source, destination, 0);
        return new RemoteSendBatch(this, _hand, _committed, header, _handNext, _handCount);
    }

    /// <summary>Gives what was committed to the ring, and takes new buffers into the hand.</summary>
    /// <param name="next">The hand's next buffer by now: its end.</param>
    /// <returns>Buffers in hand now; 0 when there are none.</returns>
    internal int Refill(int next)
    {
        Pass(next);
        _handNext = _handCount = 0;
        if (!IsLinked) return 0;
        RemoteStatus status = _send.TryTake(_hand.AsSpan(0, _handMax), out int count);
        if (status == RemoteStatus.NoBuffer && !_draining)
        {
            PublishAndKick(_send); // what the driver has not seen, it cannot lend again
            if (!_send.ArmKick()) return 0;
            _ = _send.TryTake(_hand.AsSpan(0, _handMax), out count); // an offer slipped in
            if (count > 0) _send.DisarmKick();
        }

        return _handCount = count;
    }

    /// <summary>Ends a batch and publishes; what was not committed stays in hand for the next one.</summary>
    internal void EndBatch(int next)
    {
        _isBatchOpen = false;
        Pass(next);
        if (!_draining || KicksPerMessage) PublishAndKick(_send);
    }

    /// <summary>Takes a single buffer to send with, from the hand first.</summary>
    private RemoteStatus TakeToSend(out ushort head)
    {
        if (_handNext == _handCount || _isBatchOpen) return _send.TryTake(out head);
        ref readonly VringTaken buffer = ref _hand[_handNext++];
        head = buffer.Head;
        _send.Own(buffer, holders: 1);
        return RemoteStatus.Ok;
    }

    internal RemoteRxBuffer Hold(int place, RpmsgHeader header)
    {
        _holdsChanged = true;
        ref readonly VringTaken buffer = ref _received[place];
        if (_receive.IsOwned(buffer.Head)) _receive.Hold(buffer.Head);
        else _receive.Own(buffer, holders: 2); // the handler, and who asks
        return new RemoteRxBuffer(this, buffer.Head, _receive.Serial(buffer.Head), header);
    }

    private void Pass(int next)
    {
        if (next == _handNext) return;
        SentCount += next - _handNext;
        _send.Return(_committed.AsSpan(_handNext, next - _handNext));
        _handNext = next;
    }

    /// <summary>Hands a batch of messages to their endpoints, in order, and their buffers back to the driver.</summary>
    private void Deliver<THandler>(ref THandler handler, int count)
        where THandler : struct, IRemoteMessageHandler
    {
        ReceivedCount += count;
        int returned = 0;
        try
        {
            returned = DeliverAll(ref handler, count);
        }
        catch
        {
            returned = ReturnUnheld(count);
            throw;
        }
        finally
        {
            _receive.Return(_delivered.AsSpan(0, returned));
        }
    }

    private int DeliverAll<THandler>(ref THandler handler, int count)
        where THandler : struct, IRemoteMessageHandler
    {
        bool returnsWhole = _receive.ReturnsWholeBuffers;
        ref VringTaken buffers = ref MemoryMarshal.GetArrayDataReference(_received);
        ref VringReturned delivered = ref MemoryMarshal.GetArrayDataReference(_delivered);
        int returned = 0;
        for (int i = 0; i < count; i++) // SAFETY: count is at most the length of both arrays
        {
            ref VringTaken buffer = ref Unsafe.Add(ref buffers, i);
            _receive.NoteUse(buffer.Head);
            _handledHead = buffer.Head;
            ReadOnlySpan<byte> bytes = HostBytes.At(buffer.Start, (int)buffer.LengthBytes);
            RpmsgHeader header = Unsafe.As<byte, RpmsgHeader>(ref MemoryMarshal.GetReference(bytes)); // one copy, checked and used
            int lengthBytes = header.LengthBytes;
            if ((uint)lengthBytes > buffer.LengthBytes - RpmsgHeader.SizeBytes)
            {
                MalformedCount++;
            }
            else
            {
                ReadOnlySpan<byte> payload = HostBytes.At(buffer.Start + RpmsgHeader.SizeBytes, lengthBytes);
                RemoteMessage message = new(this, i, header, payload);
                if (_endpoints.Find(header.Destination) is { IsPolled: true } endpoint)
                {
                    if (endpoint.Destination.IsAny) endpoint.Destination = header.Source;
                    handler.OnMessage(endpoint, message);
                }
                else
                {
                    Dispatch(message);
                }
            }

            if (_holdsChanged && !IsFree(buffer.Head)) continue;
            uint writtenBytes = returnsWhole ? buffer.LengthBytes : 0;
            Unsafe.Add(ref delivered, returned++) = new VringReturned(buffer.Head, writtenBytes);
        }

        return returned;
    }

    /// <summary>After a handler that has held its message: whether nobody holds it any more.</summary>
    private bool IsFree(ushort head)
    {
        _holdsChanged = false;
        if (!_receive.Drop(head)) return false;
        _receive.Disown(head);
        return true;
    }

    /// <summary>A handler has thrown: its batch goes back but for what is held.</summary>
    private int ReturnUnheld(int count)
    {
        int returned = 0;
        foreach (VringTaken buffer in _received.AsSpan(0, count))
        {
            bool isFree = !_receive.IsOwned(buffer.Head) || (buffer.Head == _handledHead && IsFree(buffer.Head));
            if (isFree) _delivered[returned++] = new VringReturned(buffer.Head, 0);
        }

        return returned;
    }

    private void Dispatch(in RemoteMessage message)
    {
        RpmsgHeader header = message.Header;
        if (_endpoints.Find(header.Destination) is { } endpoint)
        {
            if (endpoint.Destination.IsAny) endpoint.Destination = header.Source;
            endpoint.Handler(endpoint, message);
        }
        else if (header.Destination == RpmsgAddress.NameService)
        {
            if (!Names.TryTake(message.Payload)) MalformedCount++;
        }
        else
        {
            NoRecipientCount++;
        }
    }

    /// <summary>Nobody polls: every message goes to its endpoint's own handler.</summary>
    private readonly struct Unpolled : IRemoteMessageHandler
    {
        public void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message) => endpoint.Handler(endpoint, message);
    }
}
