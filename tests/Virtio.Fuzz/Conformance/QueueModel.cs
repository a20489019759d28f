using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>A virtqueue as VIRTIO 1.2 tells it, slow and obvious: lists, and counters that never wrap.</summary>
/// <remarks>
/// The model keeps what the memory of the queue must say. Where the specification leaves a choice (which descriptor, which id, which
/// entry of a batch stays unwritten) it looks into the memory, judges the choice, and remembers it. After each operation it compares the
/// words that tell the other side something, and, when nothing waits to be published, all of the memory with what it should be.
/// Written from the text, by section; nothing is taken from the code under test.
/// </remarks>
public abstract class QueueModel : IQueueHalves
{
    private const int CompareAlwaysBytesMax = 8192;
    private readonly byte[] _expected;
    private readonly int _compareEvery;
    private readonly List<ModelChain> _chains = []; // by name
    private readonly Stack<ModelChain> _spare = new();
    private readonly List<ModelChain> _offered = [];
    private readonly Queue<ModelChain> _available = new();
    private readonly Queue<ModelChain> _taken = new();
    private readonly List<ModelChain> _returned = [];
    private readonly Queue<ModelChain> _used = new();
    private int _sinceCompared;

    /// <summary>Makes the model of a queue whose memory is zero.</summary>
    protected QueueModel(QueueCase queue, QueueMemory memory)
    {
        Queue = queue;
        Memory = memory;
        FreeCount = queue.QueueSize;
        _expected = new byte[memory.Bytes.Length];
        _compareEvery = _expected.Length <= CompareAlwaysBytesMax ? 1 : _expected.Length / 64;
    }

    /// <inheritdoc/>
    public int FreeCount { get; private set; }

    /// <inheritdoc/>
    public int TakenCount { get; private set; }

    /// <summary>Chains that went all the way round.</summary>
    public long Rounds { get; private set; }

    /// <summary>What is modelled.</summary>
    protected QueueCase Queue { get; }

    /// <summary>The real memory.</summary>
    protected QueueMemory Memory { get; }

    /// <summary>Whether notifications are suppressed by event.</summary>
    protected bool HasEventIndex => Queue.Has(RingFeatures.EventIndex);

    /// <summary>Whether chains come back as they went.</summary>
    protected bool IsInOrder => Queue.Has(RingFeatures.InOrder);

    /// <summary>Whether the driver may be told less than was written, in order.</summary>
    protected bool Coalesces => IsInOrder && Queue.CoalescesUsed;

    /// <inheritdoc/>
    public RingStatus Offer(in Offer offer)
    {
        ModelChain chain = NewChain();
        offer.Segments.CopyTo(chain.Segments);
        chain.Count = offer.Segments.Length;
        chain.ReadableCount = offer.ReadableCount;
        chain.Token = offer.Token;
        chain.Table = offer.Table;
        if (chain.Slots > FreeCount)
        {
            _spare.Push(chain);
            return RingStatus.Full;
        }

        FreeCount -= chain.Slots;
        _offered.Add(chain);
        return RingStatus.Ok;
    }

    /// <inheritdoc/>
    public int OfferBatch(ReadOnlySpan<VringBuffer> buffers, bool writable)
    {
        int count = 0;
        foreach (VringBuffer buffer in buffers)
        {
            VringSegment segment = new(buffer.Address, buffer.LengthBytes);
            Offer offer = new() { Segments = new(ref segment), ReadableCount = writable ? 0 : 1, Token = buffer.Token, Table = -1 };
            if (Offer(offer) != RingStatus.Ok) break;
            count++;
        }

        return count;
    }

    /// <inheritdoc/>
    public void PublishOffers()
    {
        foreach (ModelChain chain in _offered)
        {
            ReadOffered(chain);
            _available.Enqueue(chain);
        }

        _offered.Clear();
        OffersArePublished();
    }

    /// <inheritdoc/>
    public abstract bool ShouldKick();

    /// <inheritdoc/>
    public RingStatus Take(Span<VringSegment> segments, out int count, out int readableCount, out int name)
    {
        (count, readableCount, name) = (0, 0, 0);
        if (!_available.TryDequeue(out ModelChain? chain)) return RingStatus.Empty;
        chain.Segments.AsSpan(0, chain.Count).CopyTo(segments);
        (count, readableCount, name) = (chain.Count, chain.ReadableCount, chain.Name);
        TakenCount++;
        if (IsInOrder) _taken.Enqueue(chain);
        IsTaken(chain);
        return RingStatus.Ok;
    }

    /// <inheritdoc/>
    public RingStatus TakeBatch(Span<VringSegment> segments, Span<int> names, bool writable, out int count)
    {
        RingStatus status = RingStatus.Ok;
        for (count = 0; count < names.Length; count++)
        {
            status = RingStatus.Empty;
            if (!_available.TryPeek(out ModelChain? chain)) break;
            status = chain.Table >= 0 ? RingStatus.IndirectUnsupported : chain.Count > 1 ? RingStatus.ChainTooLong
                : chain.ReadableCount == (writable ? 0 : 1) ? RingStatus.Ok : RingStatus.WrongDirection;
            if (status != RingStatus.Ok) break;
            _ = Take(segments[count..], out _, out _, out names[count]);
        }

        return count == 0 ? status : RingStatus.Ok;
    }

    /// <inheritdoc/>
    public void Return(int name, uint writtenBytes)
    {
        ModelChain chain = _chains[name];
        chain.WrittenBytes = writtenBytes;
        chain.IsReturned = true;
        if (!IsInOrder)
        {
            _returned.Add(chain);
            TakenCount--;
        }

        while (_taken.TryPeek(out ModelChain? oldest) && oldest.IsReturned)
        {
            _returned.Add(_taken.Dequeue());
            TakenCount--;
        }
    }

    /// <inheritdoc/>
    public void ReturnBatch(ReadOnlySpan<int> names, ReadOnlySpan<uint> writtenBytes)
    {
        for (int i = 0; i < names.Length; i++) Return(names[i], writtenBytes[i]);
    }

    /// <inheritdoc/>
    public void PublishReturns()
    {
        for (int next = 0; next < _returned.Count;)
        {
            // In order, one entry may stand for several chains: it names the last. 2.7.9 and 2.8.8.
            ReadUsed(out int id, out uint writtenBytes);
            int last = next;
            while (IsInOrder && last < _returned.Count && _returned[last].Id != id) last++;
            Require(last < _returned.Count && _returned[last].Id == id, $"a used entry names {id}, which does not come back now");
            Require(writtenBytes == _returned[last].WrittenBytes, $"a used entry says that {writtenBytes} bytes were written");
            for (; next <= last; next++)
            {
                ModelChain chain = _returned[next];
                bool isSkipped = next != last; // such a one counts as used completely
                Require(!isSkipped || Coalesces || chain.WrittenBytes >= chain.WritableBytes, "a chain that is not full is passed over");
                chain.ReportedBytes = isSkipped ? chain.WritableBytes : chain.WrittenBytes;
                _used.Enqueue(chain);
                Skip(chain);
            }
        }

        _returned.Clear();
        ReturnsArePublished();
    }

    /// <inheritdoc/>
    public abstract bool ShouldInterrupt();

    /// <inheritdoc/>
    public RingStatus Reclaim(out int token, out uint writtenBytes)
    {
        (token, writtenBytes) = (0, 0);
        if (!_used.TryDequeue(out ModelChain? chain)) return RingStatus.Empty;
        (token, writtenBytes) = (chain.Token, chain.ReportedBytes);
        FreeCount += chain.Slots;
        Rounds++;
        IsReclaimed(chain);
        _spare.Push(chain);
        return RingStatus.Ok;
    }

    /// <inheritdoc/>
    public RingStatus ReclaimBatch(Span<VringReclaimed> chains, out int count)
    {
        for (count = 0; count < chains.Length; count++)
        {
            if (Reclaim(out int token, out uint writtenBytes) != RingStatus.Ok) break;
            chains[count] = new VringReclaimed(token, writtenBytes);
        }

        return count == 0 && chains.Length != 0 ? RingStatus.Empty : RingStatus.Ok;
    }

    /// <inheritdoc/>
    public bool ArmKick()
    {
        WantKicks();
        return _available.Count != 0;
    }

    /// <inheritdoc/>
    public abstract void DisarmKick();

    /// <inheritdoc/>
    public bool ArmInterrupt()
    {
        WantInterrupts();
        return _used.Count != 0;
    }

    /// <inheritdoc/>
    public abstract void DisarmInterrupt();

    /// <inheritdoc/>
    public virtual void Reset()
    {
        _chains.Clear();
        _spare.Clear();
        _offered.Clear();
        _available.Clear();
        _taken.Clear();
        _returned.Clear();
        _used.Clear();
        Array.Clear(_expected);
        FreeCount = Queue.QueueSize;
        TakenCount = 0;
    }

    /// <summary>Compares the memory with what it should say.</summary>
    public void Compare()
    {
        CompareWords();
        _sinceCompared++;
        bool isPending = _offered.Count != 0 || _returned.Count != 0;
        if (isPending || _sinceCompared < _compareEvery) return;
        _sinceCompared = 0;
        int first = Memory.Bytes.CommonPrefixLength(_expected);
        Require(first == _expected.Length, $"byte {first} of the memory was changed, or not changed");
    }

    /// <summary>The chain is published: finds it in memory, where the specification says that it lies.</summary>
    protected abstract void ReadOffered(ModelChain chain);

    /// <summary>All of them were found.</summary>
    protected abstract void OffersArePublished();

    /// <summary>The device has gone past it.</summary>
    protected abstract void IsTaken(ModelChain chain);

    /// <summary>Reads the next used entry, where the specification says that it lies.</summary>
    protected abstract void ReadUsed(out int id, out uint writtenBytes);

    /// <summary>Goes past the used entry of one chain.</summary>
    protected abstract void Skip(ModelChain chain);

    /// <summary>All of them were found.</summary>
    protected abstract void ReturnsArePublished();

    /// <summary>The driver has gone past it.</summary>
    protected abstract void IsReclaimed(ModelChain chain);

    /// <summary>The device asks for the next kick.</summary>
    protected abstract void WantKicks();

    /// <summary>The driver asks for the next interrupt.</summary>
    protected abstract void WantInterrupts();

    /// <summary>Compares what one side tells the other.</summary>
    protected abstract void CompareWords();

    /// <summary>Whether the memory says what it should, at these bytes.</summary>
    protected bool Agrees(int offset, int lengthBytes) =>
        Memory.Bytes.Slice(offset, lengthBytes).SequenceEqual(_expected.AsSpan(offset, lengthBytes));

    /// <summary>The memory is as it may be at these bytes, and must stay so.</summary>
    protected void Remember(int offset, int lengthBytes) =>
        Memory.Bytes.Slice(offset, lengthBytes).CopyTo(_expected.AsSpan(offset, lengthBytes));

    /// <summary>The memory must say this from now on.</summary>
    protected void Expect(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_expected.AsSpan(offset), value);

    /// <summary>Fails unless the tested queue does what it must.</summary>
    protected static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new MismatchException(otherwise);
    }

    /// <summary>Fails unless the tested queue does what it must.</summary>
    protected static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] in Otherwise otherwise)
    {
        if (!holds) throw new MismatchException(otherwise.ToString());
    }

    private ModelChain NewChain()
    {
        if (!_spare.TryPop(out ModelChain? chain))
        {
            chain = new ModelChain { Name = _chains.Count };
            _chains.Add(chain);
        }

        chain.IsReturned = false;
        return chain;
    }
}
