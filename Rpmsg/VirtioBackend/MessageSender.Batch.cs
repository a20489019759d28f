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
    private readonly VringReclaimed[] _reserved = new VringReclaimed[RpmsgFastPath.BatchMax]; // tokens: who fills says how long
    private readonly VringBuffer[] _committed = new VringBuffer[RpmsgFastPath.BatchMax];
    private int _reservedCount;
    private int _reservedMax;
    private bool _isBatchOpen;
    private bool _peerPolls;

    /// <summary>Begins a batch; one at a time.</summary>
    public RpmsgSendBatch BeginBatch(RpmsgAddress source, RpmsgAddress destination, bool peerPolls, int max)
    {
        if (_isBatchOpen) throw new InvalidOperationException("another batch is open");
        _isBatchOpen = true;
        _peerPolls = peerPolls;
        _reservedMax = max;
        _shared.Write();
        RpmsgHeader header = new(source, destination, 0);
        return new RpmsgSendBatch(this, _reserved, _committed, _isBigEndian ? header.ReverseBytes() : header, _isBigEndian, _buffers);
    }

    /// <summary>Gives what was committed to the ring, and takes new buffers.</summary>
    /// <param name="committed">How many of the buffers in hand were committed: the first so many, and by now all.</param>
    /// <returns>Buffers in hand now; 0 when there are none.</returns>
    public int Refill(int committed)
    {
        _reservedCount = 0;
        if (_buffers.IsFreed) return 0;
        Pass(committed);
        Span<VringReclaimed> room = _reserved.AsSpan(0, _reservedMax);
        int count = 0;
        while (count < room.Length && _unsentCount > 0) room[count++] = new VringReclaimed(_unsent[--_unsentCount], 0);
        while (count < room.Length && _lastSbuf < _buffers.TxCount) room[count++] = new VringReclaimed(_lastSbuf++, 0);
        if (count == 0) count = _queue.GetBufs(room);
        return _reservedCount = count;
    }

    /// <summary>Ends a batch: publishes, kicks if the remote wants that, and puts back what was not committed.</summary>
    public void EndBatch(int committed)
    {
        _isBatchOpen = false;
        if (_buffers.IsFreed) return;
        Pass(committed);
        for (int i = _reservedCount - 1; i >= committed; i--) _unsent[_unsentCount++] = _reserved[i].Token; // a stack: first out, first
        if (_sleepers > 0 && _unsentCount > 0) _sendq.WakeAll();
        _reservedCount = 0;
        if (!_peerPolls) _ = _queue.Kick(); // a queue that cannot be kicked is broken, and says so at the next send
    }

    private void Pass(int committed)
    {
        if (committed == 0) return;
        ReadOnlySpan<VringBuffer> messages = _committed.AsSpan(0, committed);
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
