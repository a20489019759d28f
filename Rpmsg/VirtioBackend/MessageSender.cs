using System;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The sending half of one vdev: who has which buffer, and who waits for one.</summary>
/// <remarks>
/// A buffer is free (never used, or put back unsent), taken, or in the ring. Interrupts on this queue are off but while somebody sleeps.
/// On the host processor only: between two awaits nothing else moves, which is what the kernel's tx_lock is for.
/// Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, get_a_tx_buf, rpmsg_upref_sleepers, rpmsg_downref_sleepers, rpmsg_send_offchannel_raw.
/// </remarks>
internal sealed partial class MessageSender
{
    private static readonly NameSeries s_sendqs = new("", " sendq");
    private static readonly NameSeries s_locks = new("", " tx_lock");

    private readonly Virtqueue _queue;
    private readonly MessageBuffers _buffers;
    private readonly WaitQueue _sendq;
    private readonly bool _isBigEndian;
    private readonly SharedState _shared;
    private readonly long[] _serials; // by buffer: which taking it is; 0 while nobody has it
    private readonly int[] _unsent;   // buffers put back unsent, a stack: no ring knows a way back for them
    private int _unsentCount;
    private int _lastSbuf;            // buffers that were used at all
    private int _sleepers;
    private long _sentCount;
    private long _lastSerial;

    public MessageSender(Virtqueue queue, MessageBuffers buffers, bool isBigEndian)
    {
        _isBigEndian = isBigEndian;
        _queue = queue;
        _buffers = buffers;
        _sendq = new WaitQueue(queue.Device.Kernel.Scheduler, s_sendqs[queue.Device.Name]);
        _shared = SharedState.Of(queue.Device.Kernel.Scheduler, s_locks[queue.Device.Name]);
        _serials = new long[buffers.TxCount];
        _unsent = new int[buffers.TxCount];
    }

    public IRpmsgTap? Tap { get; init; }

    /// <summary>Why <see cref="TryTake"/> gave none.</summary>
    public Errno WhyNone => _buffers.IsFreed ? Errno.ENODEV : Errno.ENOMEM;

    /// <summary>Takes a buffer. Kernel: get_a_tx_buf.</summary>
    /// <returns>False when none is free.</returns>
    public bool TryTake(out int buffer)
    {
        _shared.Write();
        if (_buffers.IsFreed)
        {
            buffer = 0;
            return false;
        }

        if (_handNext < _handCount && !_isBatchOpen) buffer = _hand[_handNext++].Token;
        else if (_unsentCount > 0) buffer = _unsent[--_unsentCount];
        else if (_lastSbuf < _buffers.TxCount) buffer = _lastSbuf++;
        else if (!_queue.GetBuf(out buffer, out _)) return false; // the used length of a buffer that was only read says nothing
        _serials[buffer] = ++_lastSerial;
        return true;
    }

    /// <summary>Takes a buffer; sleeps up to 15 s for one.</summary>
    /// <param name="channel">Who wants to send, for the log.</param>
    /// <returns>Ok, ERESTARTSYS after 15 s, ENODEV when the device went away meanwhile.</returns>
    public async ValueTask<(Errno Errno, int Buffer)> TakeAsync(RpmsgDevice channel)
    {
        if (TryTake(out int buffer)) return (Errno.Ok, buffer);
        Sleeper sleeper = new(this);
        bool interruptible = true;
        while (!_buffers.IsFreed)
        {
            if (_sleepers++ == 0) _ = _queue.EnableCb(); // what has come back already is found by the first look
            WaitResult result = await _sendq.WaitAsync(
                sleeper, static sleeper => sleeper.IsOver(), RpmsgLimits.SendTimeoutNs, interruptible);
            if (--_sleepers == 0 && !_buffers.IsFreed) _queue.DisableCb();
            if (result == WaitResult.TimedOut)
            {
                channel.Kernel.Log.Error(channel, "timeout waiting for a tx buffer");
                return (Errno.ERESTARTSYS, 0);
            }

            if (sleeper.Buffer >= 0) return (Errno.Ok, sleeper.Buffer);
            interruptible = false; // a signal is no error: another 15 s begin. The kernel would spin while it is pending.
        }

        return (Errno.ENODEV, 0);
    }

    /// <summary>Something has come back. Kernel: rpmsg_xmit_done.</summary>
    public ValueTask OnInterruptAsync()
    {
        _sendq.WakeAll();
        return ValueTask.CompletedTask;
    }

    /// <summary>Of its queue.</summary>
    public string Name => _queue.ToString();

    public long Serial(int buffer) => _serials[buffer];

    /// <summary>The whole of a taken buffer, header included; empty when the device is gone.</summary>
    public Span<byte> Bytes(int buffer, long serial)
    {
        if (_buffers.IsFreed) return [];
        if (_serials[buffer] != serial) throw new InvalidOperationException("the buffer was sent or given back already");
        return _buffers.Tx(buffer);
    }

    /// <summary>Writes the header, puts the buffer into the ring, and kicks if the remote wants that.</summary>
    /// <param name="channel">Whose message it is, for the log.</param>
    /// <param name="buffer">A taken buffer.</param>
    /// <param name="source">Not Any.</param>
    /// <param name="destination">Not Any.</param>
    /// <param name="lengthBytes">Of the payload; fits.</param>
    /// <returns>Ok; ENOSPC or EIO, and the buffer is lost.</returns>
    public Errno Send(RpmsgDevice channel, int buffer, RpmsgAddress source, RpmsgAddress destination, int lengthBytes)
    {
        RpmsgHeader header = new(source, destination, (ushort)lengthBytes);
        if (_isBigEndian) header = header.ReverseBytes();
        Span<byte> bytes = _buffers.Tx(buffer);
        MemoryMarshal.Write(bytes, in header);
        Tap?.Passed(_queue.Device, isToHost: false, bytes[..(RpmsgHeader.SizeBytes + lengthBytes)]);
        _serials[buffer] = 0;
        Errno errno = _queue.AddOutbuf(_buffers.TxAddress(buffer), (uint)(RpmsgHeader.SizeBytes + lengthBytes), buffer);
        if (errno == Errno.Ok)
        {
            _sentCount++;
            _ = _queue.Kick(); // a queue that cannot be kicked is broken, and says so at the next send
            return Errno.Ok;
        }

        // The buffer is lost for ever, as in the kernel.
        channel.Kernel.Log.Error(channel, $"virtqueue_add_outbuf failed: {errno.Kernel()}");
        return errno;
    }

    /// <summary>Puts a taken buffer back, if it still is this taking.</summary>
    public void Cancel(int buffer, long serial)
    {
        if (_buffers.IsFreed || _serials[buffer] != serial) return;
        _serials[buffer] = 0;
        _unsent[_unsentCount++] = buffer;
        _sendq.WakeAll();
    }

    public BufferCensus Count()
    {
        int held = 0;
        foreach (long serial in _serials) held += serial == 0 ? 0 : 1;
        int free = _buffers.TxCount - _lastSbuf + _unsentCount + _handCount - _handNext;
        return new BufferCensus(_queue.ToString(), _queue.IsBroken, _buffers.TxCount, free, held, _queue.Size - _queue.FreeCount,
            Refused: 0, _sentCount, _queue.UsedCount, IsDraining: false);
    }

    /// <summary>The buffers are freed: nobody waits for them any more.</summary>
    public void Abandon() => _sendq.WakeAll();

    private sealed class Sleeper(MessageSender sender)
    {
        public int Buffer { get; private set; } = -1;

        public bool IsOver()
        {
            if (sender.TryTake(out int buffer)) Buffer = buffer;
            return Buffer >= 0 || sender._buffers.IsFreed;
        }
    }
}
