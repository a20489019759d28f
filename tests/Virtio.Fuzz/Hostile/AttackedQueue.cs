using System;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Fuzz.Conformance;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>One queue whose halves are called at random while somebody writes into its memory, and what must hold all the same.</summary>
/// <remarks>
/// Each half gets what the other half and the <see cref="Liar"/> have written. Of what they say nothing is expected; but each half keeps
/// its own books right: a token comes back once, of a chain that was published; a head is taken once; free and taken ones add up. A half
/// that finds a fault is called no more, as its owner would do, or is called on, to see what comes of it.
/// </remarks>
public sealed class AttackedQueue : IDisposable
{
    private const int BatchMax = 8;
    private const int SegmentsMax = 6;
    private readonly QueueCase _queue;
    private readonly QueueMemory _memory;
    private readonly IQueueHalves _halves;
    private readonly Liar _liar;
    private readonly int[] _slots; // by token: descriptors lent with it; 0 where it is free
    private readonly bool[] _isPublished; // by token
    private readonly bool[] _isTaken; // by head
    private readonly VringSegment[] _segments = new VringSegment[SegmentsMax];
    private readonly VringBuffer[] _buffers = new VringBuffer[BatchMax];
    private readonly VringReclaimed[] _reclaimed = new VringReclaimed[BatchMax];
    private readonly int[] _names = new int[BatchMax];
    private readonly uint[] _writtenBytes = new uint[BatchMax];
    private SeededChoices _choices = new(0);
    private Counts _counts = new();
    private int _lentSlots;
    private int _takenCount;
    private bool _stopsAtFault;
    private bool _driverStopped, _deviceStopped;

    /// <summary>Makes a queue to be attacked again and again.</summary>
    public AttackedQueue(QueueCase queue)
    {
        _queue = queue;
        _memory = new QueueMemory(queue);
        _halves = queue.IsPacked
            ? new PackedHalves<HostileAccess>(queue, _memory, hasBuffers: false)
            : new SplitHalves<HostileAccess>(queue, _memory, hasBuffers: false);
        _liar = new Liar(queue, _memory);
        _slots = new int[queue.QueueSize];
        _isPublished = new bool[queue.QueueSize];
        _isTaken = new bool[queue.QueueSize];
    }

    /// <summary>What it is.</summary>
    public QueueCase Case => _queue;

    /// <summary>Words written by the peer so far.</summary>
    public long Words => _liar.Words;

    /// <summary>Begins with zero memory, and makes so many calls.</summary>
    public void RunEpisode(SeededChoices choices, Counts counts)
    {
        _choices = choices;
        _counts = counts;
        _memory.Bytes.Clear();
        Reset();
        _liar.Begin(choices, patience: choices.Pick(4) switch { 0 => 0, 1 => 64, 2 => 16, _ => 4 });
        int pause = 1 + choices.Pick(8);
        _stopsAtFault = choices.Pick(4) != 0;
        int calls = 32 + choices.Pick(128);
        for (int call = 0; call < calls && !(_driverStopped && _deviceStopped); call++)
        {
            bool isDriver = _deviceStopped || (!_driverStopped && choices.Pick(2) == 0);
            _liar.Attack(isDriver ? QueueHalf.Driver : QueueHalf.Device);
            if (choices.Pick(pause) == 0) _liar.Lie();
            if (isDriver) CallDriver();
            else CallDevice();
        }

        Require(_memory.GuardsAreWhole, "memory around the queue was touched");
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private void CallDriver()
    {
        switch (_choices.Pick(12))
        {
            case 0 or 1 or 2: Offer(); break;
            case 3: OfferBatch(); break;
            case 4 or 5:
                _halves.PublishOffers();
                for (int token = 0; token < _slots.Length; token++) _isPublished[token] = _slots[token] != 0;
                break;
            case 6: _ = _halves.ShouldKick(); break; // either will do
            case 7 or 8: Reclaim(); break;
            case 9: ReclaimBatch(); break;
            case 10: _ = _halves.ArmInterrupt(); break; // either will do
            default: _halves.DisarmInterrupt(); break;
        }

        Require(_halves.FreeCount == _queue.QueueSize - _lentSlots, "free descriptors and lent ones do not add up");
    }

    private void CallDevice()
    {
        switch (_choices.Pick(10))
        {
            case 0 or 1 or 2: Take(); break;
            case 3: TakeBatch(); break;
            case 4 or 5: Return(); break;
            case 6: _halves.PublishReturns(); break;
            case 7: _ = _halves.ShouldInterrupt(); break; // either will do
            case 8: _ = _halves.ArmKick(); break; // either will do
            default: _halves.DisarmKick(); break;
        }

        int taken = _halves.TakenCount; // in order, one that came back early still counts
        bool isRight = _queue.Has(RingFeatures.InOrder) ? taken >= _takenCount && taken <= _queue.QueueSize : taken == _takenCount;
        Require(isRight, "taken chains do not add up");
    }

    private void Offer()
    {
        int token = Array.IndexOf(_slots, 0);
        if (token < 0) return;
        int count = _choices.Pick(2) == 0 ? 1 : 1 + _choices.Pick(SegmentsMax);
        bool isIndirect = _queue.Has(RingFeatures.Indirect) && count <= _queue.QueueSize && _choices.Pick(3) == 0;
        for (int i = 0; i < count; i++) _segments[i] = new VringSegment(_choices.NextBits(), (uint)_choices.NextBits() >> 3);
        Offer offer = new()
        {
            Segments = _segments.AsSpan(0, count),
            ReadableCount = _choices.Pick(count + 1),
            Token = token,
            Table = isIndirect ? _choices.Pick(QueueMemory.TableCount) : -1,
            IsSingle = !isIndirect && count == 1,
        };
        if (Note(QueueHalf.Driver, _halves.Offer(offer))) Lend(token, isIndirect ? 1 : count);
    }

    private void OfferBatch()
    {
        int count = 0;
        for (int token = 0; token < _slots.Length && count < BatchMax; token++)
        {
            if (_slots[token] == 0) _buffers[count++] = new VringBuffer(_choices.NextBits(), (uint)_choices.NextBits(), token);
        }

        int offered = _halves.OfferBatch(_buffers.AsSpan(0, count), writable: _choices.Pick(2) == 0);
        Require(offered <= count, "more were offered than there were");
        for (int i = 0; i < offered; i++) Lend(_buffers[i].Token, 1);
    }

    private void Lend(int token, int slots)
    {
        _slots[token] = slots;
        _isPublished[token] = false;
        _lentSlots += slots;
    }

    private void Reclaim()
    {
        if (Note(QueueHalf.Driver, _halves.Reclaim(out int token, out _))) TakeBack(token);
    }

    private void ReclaimBatch()
    {
        bool isOk = Note(QueueHalf.Driver, _halves.ReclaimBatch(_reclaimed, out int count));
        Require(isOk == count > 0, "a batch without chains is Ok, or one with chains is not");
        for (int i = 0; i < count; i++) TakeBack(_reclaimed[i].Token);
    }

    private void TakeBack(int token)
    {
        Require(token >= 0 && token < _slots.Length && _slots[token] != 0, "a token comes back that was not lent");
        Require(_isPublished[token], "a token comes back that was not published");
        _lentSlots -= _slots[token];
        _slots[token] = 0;
    }

    private void Take()
    {
        if (!Note(QueueHalf.Device, _halves.Take(_segments, out int count, out int readableCount, out int name))) return;
        Require(count is > 0 and <= SegmentsMax && readableCount >= 0 && readableCount <= count, "a chain has no sensible length");
        Own(name);
    }

    private void TakeBatch()
    {
        bool writable = _choices.Pick(2) == 0;
        bool isOk = Note(QueueHalf.Device, _halves.TakeBatch(_segments, _names.AsSpan(0, SegmentsMax), writable, out int count));
        Require(isOk == count > 0, "a batch without chains is Ok, or one with chains is not");
        for (int i = 0; i < count; i++) Own(_names[i]);
    }

    private void Own(int name)
    {
        Require(name >= 0 && name < _isTaken.Length && !_isTaken[name], "a chain is taken twice, or is none");
        _isTaken[name] = true;
        _takenCount++;
    }

    private void Return()
    {
        int count = 0, max = Math.Min(1 + _choices.Pick(4), _takenCount);
        for (int name = _choices.Pick(_isTaken.Length); count < max; name = (name + 1) % _isTaken.Length)
        {
            if (!_isTaken[name]) continue;
            _isTaken[name] = false;
            _names[count] = name;
            _writtenBytes[count++] = (uint)_choices.NextBits();
        }

        _takenCount -= count;
        if (count == 1) _halves.Return(_names[0], _writtenBytes[0]);
        else _halves.ReturnBatch(_names.AsSpan(0, count), _writtenBytes.AsSpan(0, count));
    }

    /// <summary>Counts a status; a half that has found a fault stops, or goes on although it should not.</summary>
    private bool Note(QueueHalf half, RingStatus status)
    {
        _counts.Add(_queue.IsPacked, half, status);
        if (status is not (RingStatus.Ok or RingStatus.Empty or RingStatus.Full) && _stopsAtFault)
        {
            if (half == QueueHalf.Driver) _driverStopped = true;
            else _deviceStopped = true;
        }

        return status == RingStatus.Ok;
    }

    private void Reset()
    {
        _halves.Reset();
        Array.Clear(_slots);
        Array.Clear(_isPublished);
        Array.Clear(_isTaken);
        _lentSlots = _takenCount = 0;
        _driverStopped = _deviceStopped = false;
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new DamageException(otherwise);
    }
}
