using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Pipes;

/// <summary>The reading half of a pipe: a list of held messages.</summary>
internal sealed class RpmsgPipeReader : PipeReader
{
    private readonly RpmsgPipeOptions _options;
    private readonly WaitQueue _changed; // the reader sleeps here
    private readonly WaitQueue _drained; // the handler sleeps here
    private readonly Stack<Segment> _spare = new();
    private Segment? _first;
    private Segment? _last;
    private int _firstOffset;    // bytes of the first segment that were consumed
    private long _unreadBytes;
    private long _examinedBytes; // of the unread ones
    private bool _isLent;        // between a read and its AdvanceTo
    private bool _isDetached;
    private bool _isCompleted;
    private bool _isCancelRequested;
    private bool _waits;

    public RpmsgPipeReader(RpmsgEndpoint endpoint, RpmsgPipeOptions options)
    {
        _options = options;
        Scheduler scheduler = endpoint.Device.Kernel.Scheduler;
        _changed = new WaitQueue(scheduler, $"{endpoint.Device.Name} pipe input");
        _drained = new WaitQueue(scheduler, $"{endpoint.Device.Name} pipe room");
    }

    public int HeldCount { get; private set; }

    /// <summary>Holds the message for the reader; waits where a threshold says so.</summary>
    public ValueTask OnMessageAsync(RpmsgMessage message)
    {
        if (_isCompleted || _isDetached) return ValueTask.CompletedTask; // nobody reads: the buffer goes back
        if (message.LengthBytes == 0 && !_options.KeepsMessages) return ValueTask.CompletedTask;
        Segment segment = _spare.TryPop(out Segment? spare) ? spare : new Segment();
        segment.Begin(message.Hold(), _last);
        _first ??= segment;
        _last = segment;
        HeldCount++;
        _unreadBytes += message.LengthBytes;
        _changed.WakeAll();
        return IsOverThreshold ? WaitForReaderAsync() : ValueTask.CompletedTask;
    }

    public override bool TryRead(out ReadResult result)
    {
        if (_isCompleted) throw new InvalidOperationException("the reader is completed: nothing is read any more");
        if (_isLent) throw new InvalidOperationException("a read is followed by AdvanceTo before the next one");
        result = default;
        if (!IsReadable) return false;
        bool isCanceled = _isCancelRequested;
        _isCancelRequested = false;
        _isLent = true;
        result = new ReadResult(Sequence(), isCanceled, IsAtEnd);
        return true;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested) return ValueTask.FromCanceled<ReadResult>(cancellationToken);
        return TryRead(out ReadResult result) ? new ValueTask<ReadResult>(result) : WaitAndReadAsync(cancellationToken);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isLent) throw new InvalidOperationException("AdvanceTo follows a read");
        _isLent = false;
        if (_first is null) return; // the sequence was empty
        long start = _first.RunningIndex + _firstOffset;
        long consumedBytes = Index(consumed) - start, examinedBytes = Index(examined) - start;
        if (consumedBytes < 0 || examinedBytes < consumedBytes || examinedBytes > _unreadBytes)
        {
            throw new ArgumentOutOfRangeException(
                nameof(consumed), $"{consumedBytes} bytes consumed and {examinedBytes} examined, of {_unreadBytes}");
        }

        _examinedBytes = examinedBytes - consumedBytes;
        Consume(consumedBytes);
        if (_options.PauseReceiveBytes > 0 && _unreadBytes <= _options.ResumeReceiveBytes) _drained.WakeAll();
    }

    public override void CancelPendingRead()
    {
        _isCancelRequested = true;
        _changed.WakeAll();
    }

    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted) return;
        _isCompleted = true;
        _isLent = false;
        while (_first is not null) Drop();
        _unreadBytes = 0;
        _drained.WakeAll();
        _changed.WakeAll();
    }

    /// <summary>No more comes; what is there is moved out of the buffers, which are about to be freed.</summary>
    public void Detach()
    {
        if (_isDetached) return;
        _isDetached = true;
        for (Segment? segment = _first; segment is not null; segment = segment.Following)
        {
            segment.MoveOut();
            HeldCount--;
        }

        _drained.WakeAll();
        _changed.WakeAll();
    }

    private bool IsOverThreshold => _options.PauseReceiveBytes > 0 && _unreadBytes >= _options.PauseReceiveBytes;

    private bool HasNews => _options.KeepsMessages ? _first is not null : _unreadBytes > _examinedBytes;

    /// <summary>In message mode, the end is told once every message was read.</summary>
    private bool IsAtEnd => _isDetached && (!_options.KeepsMessages || _first is null || _first == _last);

    private bool IsReadable => HasNews || _isDetached || _isCancelRequested || _isCompleted;

    private async ValueTask<ReadResult> WaitAndReadAsync(CancellationToken cancellationToken)
    {
        if (_waits) throw new InvalidOperationException("one task reads at a time");
        _waits = true;
        using (cancellationToken.UnsafeRegister(static queue => ((WaitQueue)queue!).WakeAll(), _changed))
        {
            _ = await _changed.WaitAsync((Reader: this, Token: cancellationToken),
                static state => state.Reader.IsReadable || state.Token.IsCancellationRequested);
        }

        _waits = false;
        if (!IsReadable) cancellationToken.ThrowIfCancellationRequested();
        _ = TryRead(out ReadResult result); // readable, or it throws
        return result;
    }

    private async ValueTask WaitForReaderAsync() =>
        _ = await _drained.WaitAsync(this, static reader =>
            reader._unreadBytes <= reader._options.ResumeReceiveBytes || reader._isCompleted || reader._isDetached);

    private ReadOnlySequence<byte> Sequence()
    {
        if (_first is null) return ReadOnlySequence<byte>.Empty;
        Segment end = _options.KeepsMessages ? _first : _last!;
        return new ReadOnlySequence<byte>(_first, _firstOffset, end, end.Memory.Length);
    }

    /// <summary>Where a position lies in the whole of what was ever received, bytes.</summary>
    private static long Index(SequencePosition position) => position.GetObject() is Segment segment
        ? segment.RunningIndex + position.GetInteger()
        : throw new ArgumentException("the position is not one of the sequence that was read", nameof(position));

    private void Consume(long countBytes)
    {
        _unreadBytes -= countBytes;
        // An empty message is read by being seen.
        bool isMessageRead = _options.KeepsMessages && _firstOffset + countBytes == _first!.Memory.Length;
        while (_first is not null && (countBytes > 0 || isMessageRead))
        {
            int left = _first.Memory.Length - _firstOffset;
            if (countBytes < left)
            {
                _firstOffset += (int)countBytes;
                return;
            }

            countBytes -= left;
            isMessageRead = false;
            Drop();
        }
    }

    /// <summary>The first segment was read: its buffer is the remote's again.</summary>
    private void Drop()
    {
        Segment segment = _first!;
        _first = segment.Following;
        if (_first is null) _last = null;
        _firstOffset = 0;
        if (segment.IsHeld) HeldCount--;
        segment.End();
        _spare.Push(segment);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        private RpmsgHold _hold;
        private long _nextIndex;

        public bool IsHeld { get; private set; }

        public Segment? Following => (Segment?)Next;

        public void Begin(RpmsgHold hold, Segment? previous)
        {
            _hold = hold;
            IsHeld = true;
            Memory = hold.Memory;
            RunningIndex = previous?._nextIndex ?? 0;
            _nextIndex = RunningIndex + Memory.Length;
            Next = null;
            if (previous is not null) previous.Next = this;
        }

        public void MoveOut()
        {
            Memory = Memory.ToArray();
            Release();
        }

        public void End()
        {
            Release();
            Memory = default;
            Next = null;
        }

        private void Release()
        {
            if (IsHeld) _hold.Dispose();
            IsHeld = false;
        }
    }
}
