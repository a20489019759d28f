using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>Does the same random operations on a queue and on its model, and compares everything that can be seen.</summary>
/// <remarks>Moods take turns, so that queues get full, empty, and anything between. Same seed, same operations.</remarks>
public sealed class ConformanceRun : IDisposable
{
    private const int BatchMax = 16;
    private const int TokenTableBits = 6;

    /// <summary>How often each operation comes, by mood.</summary>
    private static readonly byte[][] s_moods =
    [
        Mood(6, 2, 4, 2, 6, 2, 6, 2, 4, 2, 6, 2, 1, 1, 1, 1), // even
        Mood(10, 6, 5, 1, 2, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1), // the driver is faster
        Mood(1, 0, 1, 1, 10, 4, 10, 4, 5, 1, 10, 6, 1, 1, 1, 1), // the device is
        Mood(10, 4, 1, 1, 8, 2, 8, 2, 1, 1, 8, 2, 1, 1, 1, 1), // large batches
        Mood(6, 0, 6, 6, 6, 0, 6, 0, 6, 6, 6, 0, 6, 4, 6, 4), // each by itself
    ];

    /// <summary>A round after the other, alone and in batches: indices move fast.</summary>
    private static readonly byte[][] s_marches = [[0, 2, 4, 6, 8, 10], [0, 2, 3, 4, 6, 8, 9, 10], [1, 2, 3, 5, 5, 7, 8, 9, 11]];

    private readonly QueueCase _queue;
    private readonly SeededChoices _choices;
    private readonly QueueMemory _memory;
    private readonly IQueueHalves _tested;
    private readonly QueueModel _model;
    private readonly TakenList _taken;
    private readonly Stack<int> _freeTables = new();
    private readonly VringSegment[] _segments = new VringSegment[BatchMax];
    private readonly VringSegment[] _expectedSegments = new VringSegment[BatchMax];
    private readonly VringBuffer[] _buffers = new VringBuffer[BatchMax];
    private readonly VringReclaimed[] _reclaimed = new VringReclaimed[BatchMax];
    private readonly VringReclaimed[] _expectedReclaimed = new VringReclaimed[BatchMax];
    private readonly int[] _names = new int[BatchMax];
    private readonly int[] _expectedNames = new int[BatchMax];
    private readonly uint[] _writtenBytes = new uint[BatchMax];
    private int _tokens;
    private int _moodLeft;
    private byte[] _mood = s_moods[0];
    private int _marched = -1; // how far in a march; -1 for a mood

    /// <summary>Makes a queue, its memory and its model.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="seed">Decides all operations.</param>
    /// <param name="modelled">What the model takes it for; null for what it is. Another one must be told from it.</param>
    public ConformanceRun(QueueCase queue, ulong seed, QueueCase? modelled = null)
    {
        _queue = queue;
        _choices = new SeededChoices(seed);
        _memory = new QueueMemory(queue);
        _tested = queue.IsPacked
            ? new PackedHalves<HostAccess>(queue, _memory, hasBuffers: true)
            : new SplitHalves<HostAccess>(queue, _memory, hasBuffers: true);
        _model = queue.IsPacked ? new PackedModel(modelled ?? queue, _memory) : new SplitModel(modelled ?? queue, _memory);
        _taken = new TakenList(queue.QueueSize);
        ForgetTables();
    }

    /// <summary>Runs a case from its beginning.</summary>
    public static ConformanceResult Run(QueueCase queue, long operations, ulong seed)
    {
        using ConformanceRun run = new(queue, seed);
        return run.Run(operations);
    }

    /// <summary>Goes on, up to the first difference.</summary>
    public ConformanceResult Run(long operations)
    {
        int operation = -1;
        for (long done = 0; done < operations; done++)
        {
            try
            {
                operation = NextOperation();
                Do(operation);
                Same(_tested.FreeCount, _model.FreeCount, "free descriptors");
                Same(_tested.TakenCount, _model.TakenCount, "taken chains");
                _model.Compare();
            }
#pragma warning disable CA1031 // whatever the tested queue throws is a difference too
            catch (Exception difference)
#pragma warning restore CA1031
            {
                string what = difference is MismatchException ? difference.Message : difference.ToString();
                return new(done + 1, _model.Rounds, $"{_queue}: operation {done}, of kind {operation}: {what}");
            }
        }

        string? touched = _memory.GuardsAreWhole ? null : $"{_queue}: memory around the queue was touched";
        return new(operations, _model.Rounds, touched);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private int NextOperation()
    {
        if (_moodLeft-- == 0)
        {
            _marched = _choices.Pick(3) == 0 ? -1 : 0;
            _mood = _marched == 0 ? s_marches[_choices.Pick(s_marches.Length)] : s_moods[_choices.Pick(s_moods.Length)];
            int longest = Math.Min(4 * _queue.QueueSize, 60_000);
            _moodLeft = _choices.Pick(4) switch { 0 => 10, 1 => 100, 2 => 1000, _ => longest };
            if (_choices.Pick(64) == 0) return -1;
        }

        bool isMarching = _marched >= 0 && _choices.Pick(32) != 0;
        return isMarching ? _mood[_marched++ % _mood.Length] : _mood[_choices.Pick(_mood.Length)];
    }

    private void Do(int operation)
    {
        switch (operation)
        {
            case 0: Offer(); break;
            case 1: OfferBatch(); break;
            case 2:
                _tested.PublishOffers();
                _model.PublishOffers();
                break;
            case 3: Same(_tested.ShouldKick(), _model.ShouldKick(), "whether to kick"); break;
            case 4: Take(); break;
            case 5: TakeBatch(); break;
            case 6 or 7: Return(operation == 6 ? 1 : 1 + _choices.Pick(BatchMax)); break;
            case 8:
                _tested.PublishReturns();
                _model.PublishReturns();
                break;
            case 9: Same(_tested.ShouldInterrupt(), _model.ShouldInterrupt(), "whether to interrupt"); break;
            case 10: Reclaim(); break;
            case 11: ReclaimBatch(); break;
            case 12: Same(_tested.ArmKick(), _model.ArmKick(), "whether an offer slipped in"); break;
            case 13:
                _tested.DisarmKick();
                _model.DisarmKick();
                break;
            case 14: Same(_tested.ArmInterrupt(), _model.ArmInterrupt(), "whether a return slipped in"); break;
            case 15:
                _tested.DisarmInterrupt();
                _model.DisarmInterrupt();
                break;
            default: Reset(); break;
        }
    }

    private void Offer()
    {
        int count = _choices.Pick(2) == 0 ? 1 : 1 + _choices.Pick(QueueMemory.TableEntries);
        bool isIndirect = _queue.Has(RingFeatures.Indirect) && count <= _queue.QueueSize && _freeTables.Count != 0 && _choices.Pick(2) == 0;
        for (int i = 0; i < count; i++) _segments[i] = new VringSegment(_choices.NextBits(), (uint)_choices.NextBits() >> 4);
        int table = isIndirect ? _freeTables.Peek() : -1;
        Offer offer = new()
        {
            Segments = _segments.AsSpan(0, count),
            ReadableCount = _choices.Pick(count + 1),
            Token = NextToken(table),
            Table = table,
            IsSingle = !isIndirect && count == 1 && _choices.Pick(4) != 0,
        };
        RingStatus status = _tested.Offer(offer);
        Same(status, _model.Offer(offer), "offering");
        if (status == RingStatus.Ok && isIndirect) _ = _freeTables.Pop();
    }

    private void OfferBatch()
    {
        int count = 1 + _choices.Pick(BatchMax);
        bool writable = _choices.Pick(2) == 0;
        for (int i = 0; i < count; i++)
            _buffers[i] = new VringBuffer(_choices.NextBits(), (uint)_choices.NextBits() >> 4, NextToken(table: -1));
        ReadOnlySpan<VringBuffer> buffers = _buffers.AsSpan(0, count);
        Same(_tested.OfferBatch(buffers, writable), _model.OfferBatch(buffers, writable), "how many were offered");
    }

    private void Take()
    {
        RingStatus status = _tested.Take(_segments, out int count, out int readableCount, out int name);
        Same(status, _model.Take(_expectedSegments, out int expectedCount, out int expectedReadable, out int expectedName), "taking");
        if (status != RingStatus.Ok) return;
        Same((count, readableCount), (expectedCount, expectedReadable), "buffers of a chain");
        Require(_segments.AsSpan(0, count).SequenceEqual(_expectedSegments.AsSpan(0, count)), "a chain is not as it was offered");
        uint writableBytes = 0;
        for (int i = readableCount; i < count; i++) writableBytes += _segments[i].LengthBytes;
        _taken.Add(name, expectedName, writableBytes);
    }

    private void TakeBatch()
    {
        if (_queue.IsPacked) // it has no such call
        {
            Take();
            return;
        }

        int max = 1 + _choices.Pick(BatchMax);
        bool writable = _choices.Pick(2) == 0;
        RingStatus status = _tested.TakeBatch(_segments, _names.AsSpan(0, max), writable, out int count);
        Same(status, _model.TakeBatch(_expectedSegments, _expectedNames.AsSpan(0, max), writable, out int expected), "taking many");
        Same(count, expected, "how many were taken");
        Require(_segments.AsSpan(0, count).SequenceEqual(_expectedSegments.AsSpan(0, count)), "a buffer is not as it was offered");
        for (int i = 0; i < count; i++) _taken.Add(_names[i], _expectedNames[i], writable ? _segments[i].LengthBytes : 0);
    }

    private void Return(int max)
    {
        int count = Math.Min(max, _taken.Count);
        bool isOrderly = _choices.Pick(2) == 0;
        for (int i = 0; i < count; i++)
        {
            (_names[i], _expectedNames[i], uint writable) = _taken.TakeOut(isOrderly ? 0 : _choices.Pick(_taken.Count));
            _writtenBytes[i] = _choices.Pick(3) switch
            {
                0 => writable,
                1 => writable / 2,
                _ => _choices.Pick(2) == 0 ? 0 : Math.Min(writable, 1),
            };
        }

        if (max == 1 && count == 1)
        {
            _tested.Return(_names[0], _writtenBytes[0]);
            _model.Return(_expectedNames[0], _writtenBytes[0]);
        }
        else
        {
            _tested.ReturnBatch(_names.AsSpan(0, count), _writtenBytes.AsSpan(0, count));
            _model.ReturnBatch(_expectedNames.AsSpan(0, count), _writtenBytes.AsSpan(0, count));
        }
    }

    private void Reclaim()
    {
        RingStatus status = _tested.Reclaim(out int token, out uint writtenBytes);
        Same(status, _model.Reclaim(out int expectedToken, out uint expectedBytes), "reclaiming");
        Same((token, writtenBytes), (expectedToken, expectedBytes), "token and length of what came back");
        if (status == RingStatus.Ok) FreeTable(token);
    }

    private void ReclaimBatch()
    {
        int max = 1 + _choices.Pick(BatchMax);
        RingStatus status = _tested.ReclaimBatch(_reclaimed.AsSpan(0, max), out int count);
        Same(status, _model.ReclaimBatch(_expectedReclaimed.AsSpan(0, max), out int expected), "reclaiming many");
        Same(count, expected, "how many came back");
        for (int i = 0; i < count; i++)
        {
            Same(_reclaimed[i], _expectedReclaimed[i], "token and length of what came back");
            FreeTable(_reclaimed[i].Token);
        }
    }

    private void Reset()
    {
        _memory.Bytes.Clear();
        _tested.Reset();
        _model.Reset();
        _taken.Clear();
        ForgetTables();
    }

    private int NextToken(int table) => (++_tokens << TokenTableBits) | (table + 1);

    private void FreeTable(int token)
    {
        int table = (token & ((1 << TokenTableBits) - 1)) - 1;
        if (table >= 0) _freeTables.Push(table);
    }

    private void ForgetTables()
    {
        _freeTables.Clear();
        for (int table = 0; table < QueueMemory.TableCount; table++) _freeTables.Push(table);
    }

    private static void Same<T>(T tested, T model, string what) where T : IEquatable<T>
    {
        if (!tested.Equals(model)) throw new MismatchException($"{what}: {tested} instead of {model}");
    }

    private static void Same(RingStatus tested, RingStatus model, string what)
    {
        if (tested != model) throw new MismatchException($"{what}: {tested} instead of {model}");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new MismatchException(otherwise);
    }

    private static byte[] Mood(params ReadOnlySpan<byte> weights)
    {
        List<byte> operations = [];
        for (byte operation = 0; operation < weights.Length; operation++)
        {
            for (int i = 0; i < weights[operation]; i++) operations.Add(operation);
        }

        return [.. operations];
    }
}
