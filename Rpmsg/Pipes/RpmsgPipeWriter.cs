using System;
using System.Buffers;
using System.IO;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Pipes;

/// <summary>The writing half of a pipe.</summary>
/// <remarks>
/// What is written goes into one reserved buffer, which is sent when it is full, or at a flush. While there is none, and for what is longer
/// than a message, it spills into an array; from there it is copied into buffers at the flush.
/// </remarks>
internal sealed class RpmsgPipeWriter : PipeWriter
{
    private readonly RpmsgEndpoint _endpoint;
    private readonly bool _keepsMessages;
    private readonly Scheduler _scheduler;
    private readonly WaitQueue _changed; // a flush sleeps here
    private readonly ArrayBufferWriter<byte> _spilled = new();
    private RpmsgTxBuffer _buffer;
    private Memory<byte> _room;    // the buffer's payload; empty without one
    private int _writtenBytes;     // into the buffer
    private int _spilledSentBytes; // of the array, by a flush that had to wait
    private Memory<byte> _given;   // by the last GetMemory, less what was advanced over
    private bool _isGivenOfBuffer;
    private bool _isReserving;     // a task of ours waits for a buffer
    private Errno _whyNone;        // what that came to; Ok while nothing is known
    private Errno _failure;        // of a message sent before its flush
    private bool _isCompleted;
    private bool _isDetached;
    private bool _isCancelRequested;
    private bool _isFlushing;

    public RpmsgPipeWriter(RpmsgEndpoint endpoint, RpmsgPipeOptions options)
    {
        _endpoint = endpoint;
        _keepsMessages = options.KeepsMessages;
        _scheduler = endpoint.Device.Kernel.Scheduler;
        _changed = new WaitQueue(_scheduler, $"{endpoint.Device.Name} pipe output");
    }

    public long CopiedBytes { get; private set; }

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _writtenBytes + SpilledBytes;

    private int SpilledBytes => _spilled.WrittenCount - _spilledSentBytes;

    private bool HasBuffer => !_room.IsEmpty;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int wanted = Math.Max(1, sizeHint);
        if (_keepsMessages && UnflushedBytes + wanted > _endpoint.MtuBytes) ThrowTooLong(UnflushedBytes + wanted);
        _isGivenOfBuffer = SpilledBytes == 0 && TryMakeRoom(wanted); // what has spilled comes first
        return _given = _isGivenOfBuffer ? _room[_writtenBytes..] : _spilled.GetMemory(wanted);
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        if ((uint)bytes > (uint)_given.Length)
            throw new ArgumentOutOfRangeException(nameof(bytes), $"{bytes} bytes written of {_given.Length} that were given out");
        if (_keepsMessages && UnflushedBytes + bytes > _endpoint.MtuBytes) ThrowTooLong(UnflushedBytes + bytes);
        _given = _given[bytes..];
        if (_isGivenOfBuffer && HasBuffer) _writtenBytes += bytes; // the device may have gone meanwhile, and the buffer with it
        else if (!_isGivenOfBuffer) _spilled.Advance(bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfCompleted();
        if (_isFlushing) throw new InvalidOperationException("one task flushes at a time");
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        if (TryFlush(out FlushResult result)) return new ValueTask<FlushResult>(result);
        return WaitAndFlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush()
    {
        _isCancelRequested = true;
        _changed.WakeAll();
    }

    /// <summary>Sends what it can without waiting; what finds no buffer is lost: <see cref="CompleteAsync"/> waits for one.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted) return;
        if (exception is null && !_isDetached) _ = TrySendWritten();
        _isCompleted = true;
        GiveBack();
        _changed.WakeAll();
    }

    public override async ValueTask CompleteAsync(Exception? exception = null)
    {
        if (!_isCompleted && exception is null && UnflushedBytes > 0) _ = await FlushAsync();
        Complete(exception);
    }

    /// <summary>The device goes: nothing is sent any more.</summary>
    public void Detach()
    {
        _isDetached = true;
        GiveBack();
        _changed.WakeAll();
    }

    /// <summary>Sends all, and sees to a buffer for what comes next, if that goes without waiting.</summary>
    /// <returns>Whether the flush is over.</returns>
    private bool TryFlush(out FlushResult result)
    {
        bool isCanceled = _isCancelRequested;
        _isCancelRequested = false;
        bool isOver = isCanceled || _isDetached || (TrySendWritten() && (HasBuffer || TryReserve()));
        if (_failure != Errno.Ok)
        {
            Errno failure = _failure;
            _failure = Errno.Ok;
            throw new IOException($"{_endpoint.Device.Name}: a message was not sent: {failure.Name()}");
        }

        result = new FlushResult(isCanceled, isCompleted: _isDetached);
        return isOver || _isDetached;
    }

    private async ValueTask<FlushResult> WaitAndFlushAsync(CancellationToken cancellationToken)
    {
        _isFlushing = true;
        try
        {
            while (true)
            {
                await WaitForBufferAsync(cancellationToken);
                if (TryFlush(out FlushResult result)) return result;
                if (!HasBuffer) cancellationToken.ThrowIfCancellationRequested();
                Errno errno = _whyNone;
                _whyNone = Errno.Ok;
                if (errno == Errno.Ok) continue;
                if (UnflushedBytes == 0) return result; // all is sent; the next flush has to find a buffer
                throw new IOException($"{_endpoint.Device.Name}: timeout waiting for a tx buffer: {errno.Name()}");
            }
        }
        finally
        {
            _isFlushing = false;
        }
    }

    private async ValueTask WaitForBufferAsync(CancellationToken cancellationToken)
    {
        if (!_isReserving)
        {
            _isReserving = true;
            _whyNone = Errno.Ok;
            _ = _scheduler.Spawn("rpmsg pipe", ReserveAsync); // a task of its own, so that a flush can be given up
        }

        using (cancellationToken.UnsafeRegister(static queue => ((WaitQueue)queue!).WakeAll(), _changed))
        {
            _ = await _changed.WaitAsync((Writer: this, Token: cancellationToken), static state =>
                state.Writer.HasBuffer || !state.Writer._isReserving || state.Writer._isCancelRequested || state.Writer._isDetached ||
                state.Token.IsCancellationRequested);
        }
    }

    private async ValueTask ReserveAsync()
    {
        (Errno errno, RpmsgTxBuffer buffer) = await _endpoint.ReserveAsync();
        _isReserving = false;
        if (errno == Errno.Ok && (HasBuffer || _isCompleted || _isDetached)) buffer.Dispose();
        else if (errno == Errno.Ok) Take(buffer);
        else if (errno == Errno.ENODEV) _isDetached = true;
        else _whyNone = errno;
        _changed.WakeAll();
    }

    /// <summary>Makes sure that the buffer has room; in a stream, one that has too little goes on its way.</summary>
    private bool TryMakeRoom(int wantedBytes)
    {
        if (HasBuffer && _room.Length - _writtenBytes < wantedBytes && !_keepsMessages && _writtenBytes > 0) SendBuffer();
        return (HasBuffer || TryReserve()) && _room.Length - _writtenBytes >= wantedBytes;
    }

    /// <summary>Sends what lies in the buffer and, as long as there are buffers, what lies in the array.</summary>
    /// <returns>Whether that was all.</returns>
    private bool TrySendWritten()
    {
        if (_writtenBytes > 0) SendBuffer();
        while (SpilledBytes > 0)
        {
            if (!HasBuffer && !TryReserve()) return false;
            ReadOnlySpan<byte> piece = _spilled.WrittenSpan[_spilledSentBytes..];
            piece = piece[..Math.Min(piece.Length, _room.Length)];
            piece.CopyTo(_room.Span);
            CopiedBytes += piece.Length;
            _writtenBytes = piece.Length;
            _spilledSentBytes += piece.Length;
            SendBuffer();
        }

        _spilled.ResetWrittenCount();
        _spilledSentBytes = 0;
        return true;
    }

    private void SendBuffer()
    {
        Errno errno = _buffer.Commit(_writtenBytes);
        if (errno != Errno.Ok) _buffer.Dispose(); // still ours after EINVAL; otherwise this does nothing
        _buffer = default;
        _room = default;
        _writtenBytes = 0;
        if (errno == Errno.ENODEV) _isDetached = true;
        else if (errno != Errno.Ok && _failure == Errno.Ok) _failure = errno;
    }

    private bool TryReserve()
    {
        if (_isDetached) return false;
        Errno errno = _endpoint.TryReserve(out RpmsgTxBuffer buffer);
        if (errno == Errno.Ok) Take(buffer);
        else if (errno == Errno.ENODEV) _isDetached = true;
        return errno == Errno.Ok;
    }

    private void Take(RpmsgTxBuffer buffer)
    {
        _buffer = buffer;
        _room = buffer.Memory;
    }

    private void GiveBack()
    {
        if (HasBuffer) _buffer.Dispose();
        _buffer = default;
        _room = default;
        _writtenBytes = 0;
    }

    private void ThrowIfCompleted()
    {
        if (_isCompleted) throw new InvalidOperationException("the writer is completed: nothing is written any more");
    }

    private void ThrowTooLong(long lengthBytes) => throw new InvalidOperationException(
        $"a message of {lengthBytes} bytes: {_endpoint.Device.Name} takes {_endpoint.MtuBytes}; flush before, or let the pipe be a stream");
}
