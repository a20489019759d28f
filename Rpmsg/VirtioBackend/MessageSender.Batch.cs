using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <content>Messages by the batch: buffers got from the ring together, written in place, put into the ring together.</content>
internal sealed partial class MessageSender
{
    private readonly VringReclaimed[] _hand = new VringReclaimed[RpmsgFastPath.BatchMax]; // free buffers that were got and not used yet
    private readonly VringBuffer[] _committed = new VringBuffer[RpmsgFastPath.BatchMax];
    private int _handNext;
    private int _handCount;
    private int _handMax;
    private bool _isBatchOpen;
    private bool _peerPolls;

    /// <summary>Begins a batch; one at a time.</summary>
    public RpmsgSendBatch BeginBatch(RpmsgAddress source, RpmsgAddress destination, bool peerPolls, int max)
    {
        if (_isBatchOpen) throw new InvalidOperationException("another batch is open");
        _isBatchOpen = true;
        _peerPolls = peerPolls;
        _handMax = max;
        _shared.Write();
        RpmsgHeader header = new(source, destination, 0);
        return new RpmsgSendBatch(this, _hand, _committed, _isBigEndian ? header.ReverseBytes() : header, _isBigEndian, _buffers,
            _handNext, _buffers.IsFreed ? _handNext : _handCount);
    }

    /// <summary>Gives what was committed to the ring, and takes new buffers into the hand.</summary>
    /// <param name="next">The hand's next buffer by now: its end.</param>
    /// <returns>Buffers in hand now; 0 when there are none.</returns>
    public int Refill(int next)
    {
        if (_buffers.IsFreed) return 0;
        Pass(next);
        Span<VringReclaimed> room = _hand.AsSpan(0, _handMax);
        int count = 0;
        while (count < room.Length && _unsentCount > 0) room[count++] = new VringReclaimed(_unsent[--_unsentCount], 0);
        while (count < room.Length && _lastSbuf < _buffers.TxCount) room[count++] = new VringReclaimed(_lastSbuf++, 0);
        if (count == 0) count = _queue.GetBufs(room);
        _handNext = 0;
        return _handCount = count;
    }

    /// <summary>Ends a batch: publishes, and kicks if the remote wants that; what was not committed stays in hand for the next
    /// one.</summary>
    public void EndBatch(int next)
    {
        _isBatchOpen = false;
        if (_buffers.IsFreed) return;
        Pass(next);
        if (_sleepers > 0 && _handNext < _handCount) _sendq.WakeAll();
        if (!_peerPolls) _ = _queue.Kick(); // a queue that cannot be kicked is broken, and says so at the next send
    }

    private void Pass(int next)
    {
        int committed = next - _handNext;
        if (committed == 0) return;
        ReadOnlySpan<VringBuffer> messages = _committed.AsSpan(_handNext, committed);
        _handNext = next;
        if (Tap is not null || _queue.Device.Kernel.Scheduler.Trace.IsOn) Note(messages);
        int sent = _queue.AddBufs(messages, writable: false);
        _sentCount += sent;
        if (sent == committed) return;

        // The buffers are lost for ever, as in the kernel.
        Errno errno = _queue.IsBroken ? Errno.EIO : Errno.ENOSPC;
        _queue.Device.Kernel.Log.Error(_queue.Device, $"virtqueue_add_outbuf failed: {errno.Kernel()}");
    }

    private void Note(ReadOnlySpan<VringBuffer> messages)
    {
        Tracer trace = _queue.Device.Kernel.Scheduler.Trace;
        foreach (VringBuffer message in messages)
        {
            Span<byte> bytes = _buffers.Tx(message.Token)[..(int)message.LengthBytes];
            RpmsgHeader header = HostBytes.RefAt<RpmsgHeader>(HostBytes.StartOf(bytes));
            if (_isBigEndian) header = header.ReverseBytes();
            Tap?.Passed(_queue.Device, isToHost: false, bytes);
            ulong addresses = ((ulong)header.Source.Value << 32) | header.Destination.Value;
            if (trace.IsOn) trace.Emit(TraceKind.Message, _queue.Device.Name, addresses, (ulong)header.LengthBytes);
        }
    }
}
