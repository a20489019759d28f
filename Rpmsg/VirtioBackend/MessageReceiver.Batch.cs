using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <content>Messages by the batch: got from the ring together, delivered one by one, their buffers lent again together.</content>
internal sealed partial class MessageReceiver
{
    private readonly nint _rxStart;
    private readonly VringReclaimed[] _got = new VringReclaimed[RpmsgFastPath.BatchMax];
    private readonly VringBuffer[] _lent = new VringBuffer[RpmsgFastPath.BatchMax];
    private Queue<RpmsgMessage>? _unpolled; // messages that came while somebody polled, for endpoints that nobody polls
    private bool _isHandlingUnpolled;
    private int _polledBuffer = NoBuffer; // the one whose message a polling handler has now

    /// <summary>The endpoint whose message a polling handler has now; Any when none has.</summary>
    public RpmsgAddress PolledAddress { get; private set; } = RpmsgAddress.Any;

    /// <summary>Receives what has come; the messages for polled endpoints go to <paramref name="handler"/>.</summary>
    /// <param name="handler">The handler.</param>
    /// <param name="max">Messages at most.</param>
    /// <param name="peerPolls">Whether the remote is never kicked.</param>
    /// <returns>Messages that came.</returns>
    public int Poll<THandler>(ref THandler handler, int max, bool peerPolls)
        where THandler : struct, IRpmsgBatchHandler
    {
        if (_draining || _buffers.IsFreed) return 0; // a handler waits: its messages come first
        _draining = true;
        int total = 0;
        try
        {
            while (total < max && !_buffers.IsFreed)
            {
                int count = _queue.GetBufs(_got.AsSpan(0, Math.Min(max - total, RpmsgFastPath.BatchMax)));
                if (count == 0) break;
                total += count;
                Deliver(ref handler, count);
            }
        }
        finally
        {
            PolledAddress = RpmsgAddress.Any;
            _polledBuffer = NoBuffer;
            _draining = false;
            if (!peerPolls) KickReposted();
            _repostedCount = 0;
        }

        return total;
    }

    /// <summary>Asks for no interrupts.</summary>
    public void StopInterrupts() => _queue.DisableCb();

    /// <summary>Asks for interrupts again.</summary>
    /// <returns>True when something has come already.</returns>
    public bool StartInterrupts() => !_queue.EnableCb();

    /// <summary>The message that a polling handler has gets a number of its own, by which it can be held; the handler is its first
    /// holder.</summary>
    public long Enter(int buffer)
    {
        if (_serials[buffer] != 0) return _serials[buffer];
        _holders[buffer] = 1;
        return _serials[buffer] = ++_lastSerial;
    }

    private void Deliver<THandler>(ref THandler handler, int count)
        where THandler : struct, IRpmsgBatchHandler
    {
        ReceivedCount += count;
        _endpoints.BeginFinding();
        bool isSeen = Tap is not null || Device.Kernel.Scheduler.Trace.IsOn || Device.Kernel.Scheduler.Watch is not null;
        int lent = 0;
        try
        {
            lent = DeliverAll(ref handler, count, isSeen);
        }
        catch
        {
            lent = LendUnheld(count);
            throw;
        }
        finally
        {
            if (!_buffers.IsFreed) Lend(lent);
        }
    }

    private int DeliverAll<THandler>(ref THandler handler, int count, bool isSeen)
        where THandler : struct, IRpmsgBatchHandler
    {
        // SAFETY: count is at most the length of both arrays; a token is a number that we gave to the ring, which it gives back once.
        ref VringReclaimed got = ref MemoryMarshal.GetArrayDataReference(_got);
        ref VringBuffer lent = ref MemoryMarshal.GetArrayDataReference(_lent);
        uint rxBytes = (uint)_buffers.RxBytes;
        ulong rxAddress = _buffers.RxAddress(0).Value;
        nint rxStart = _rxStart;
        long serial = _lastSerial;
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            VringReclaimed one = Unsafe.Add(ref got, i);
            int buffer = one.Token;
            nint start = rxStart + (nint)(rxBytes * (uint)buffer);
            RpmsgHeader header = HostBytes.RefAt<RpmsgHeader>(start); // one copy, checked and used
            if (_isBigEndian) header = header.ReverseBytes();
            uint claimedBytes = RpmsgHeader.SizeBytes + (uint)header.LengthBytes;
            if (claimedBytes > one.WrittenBytes || one.WrittenBytes > rxBytes)
            {
                Refuse(start, one.WrittenBytes, header);
                continue; // lost with its buffer, as in the kernel
            }

            RpmsgEndpoint? endpoint = _endpoints.FindNext(header.Destination);
            PolledAddress = header.Destination;
            _polledBuffer = buffer;
            if (isSeen) Note(start, header, endpoint);
            nint payload = start + RpmsgHeader.SizeBytes;
            if (endpoint is { IsPolled: true })
                handler.OnMessage(new RpmsgBatchMessage(this, endpoint, header.Source, payload, header.LengthBytes, buffer));
            else
                DispatchUnpolled(endpoint, header, buffer);

            if (serial != _lastSerial)
            {
                serial = _lastSerial;
                if (!IsUnheld(buffer)) continue;
            }

            Unsafe.Add(ref lent, kept++) = new VringBuffer(rxAddress + (rxBytes * (ulong)buffer), rxBytes, buffer);
        }

        return kept;
    }

    /// <summary>After a handler that has held messages: whether nobody holds this one.</summary>
    private bool IsUnheld(int buffer)
    {
        if (--_holders[buffer] > 0) return false;
        _serials[buffer] = 0;
        return true;
    }

    private int LendUnheld(int count)
    {
        int kept = 0;
        foreach (VringReclaimed one in _got.AsSpan(0, count))
        {
            bool isUnheld = _serials[one.Token] == 0 || (one.Token == _polledBuffer && IsUnheld(one.Token));
            if (isUnheld)
                _lent[kept++] = new VringBuffer(_buffers.RxAddress(one.Token).Value, (uint)_buffers.RxBytes, one.Token);
        }

        return kept;
    }

    private void Lend(int count)
    {
        if (count == 0) return;
        int lent = _queue.AddBufs(_lent.AsSpan(0, count), writable: true);
        _repostedCount += lent;
        if (lent < count) Log.Error(Device, $"failed to add {count - lent} virtqueue buffers");
    }

    private void Refuse(nint start, uint usedBytes, in RpmsgHeader header)
    {
        Tap?.Passed(Device, isToHost: true, HostBytes.At(start, (int)Math.Min(usedBytes, (uint)_buffers.RxBytes)));
        _refusedCount++;
        Log.Warning(Device, $"inbound msg too big: ({usedBytes}, {header.LengthBytes})");
    }

    private void Note(nint start, in RpmsgHeader header, RpmsgEndpoint? endpoint)
    {
        Tap?.Passed(Device, isToHost: true, HostBytes.At(start, RpmsgHeader.SizeBytes + header.LengthBytes));
        NoteMessage(header);
        if (endpoint is not null) NoteHandler(endpoint);
    }

    /// <summary>A message for an endpoint that nobody polls: its own handler may wait, so it has it in a task, and the message is held
    /// meanwhile.</summary>
    private void DispatchUnpolled(RpmsgEndpoint? endpoint, in RpmsgHeader header, int buffer)
    {
        if (endpoint is null)
        {
            Log.WarningRateLimited(Device, "rpmsg_recv_single", "msg received with no recipient");
            return;
        }

        _unpolled ??= new Queue<RpmsgMessage>(_holders.Length);
        RpmsgMessage message = new(endpoint, header.Source, header.LengthBytes, buffer, Enter(buffer));
        Hold(buffer, message.Serial);
        _unpolled.Enqueue(message);
        if (_isHandlingUnpolled) return;
        _isHandlingUnpolled = true;
        _ = Device.Kernel.Scheduler.Spawn($"{Device.Name} rpmsg_recv_done", HandleUnpolledAsync);
    }

    /// <summary>One after the other, as without polling.</summary>
    private async ValueTask HandleUnpolledAsync()
    {
        while (_unpolled!.TryDequeue(out RpmsgMessage message))
        {
            RpmsgEndpoint endpoint = message.Endpoint;
            if (endpoint.Handler is { } handler && !endpoint.IsDestroyed)
            {
                endpoint.HandledBy = Device.Kernel.Scheduler.Current;
                await handler(message);
                endpoint.HandledBy = null;
                if (endpoint.IsDestroyed) endpoint.HandlerLock.WakeAll();
            }

            Release(message.Buffer, message.Serial);
        }

        _isHandlingUnpolled = false;
    }
}
