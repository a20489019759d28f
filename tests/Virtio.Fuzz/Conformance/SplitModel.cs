using System;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>What the memory of a split queue must say. Source: VIRTIO 1.2, 2.7.</summary>
public sealed class SplitModel : QueueModel
{
    private const int Next = 1, Write = 2, Indirect = 4;
    private readonly bool[] _isLent; // by descriptor
    private readonly int _availFlags, _availIndex, _availRing, _usedEvent;
    private readonly int _usedFlags, _usedIndex, _usedRing, _availEvent;
    private long _availCount, _availAtKick, _takenCount;
    private long _usedCount, _usedAtInterrupt, _reclaimedCount;
    private int _nextDescriptor; // in order
    private bool _wantsInterrupts = true; // memory that is zero asks for them

    /// <summary>Makes the model of a queue whose memory is zero.</summary>
    public SplitModel(QueueCase queue, QueueMemory memory)
        : base(queue, memory)
    {
        int n = queue.QueueSize;
        _isLent = new bool[n];
        (_availFlags, _availIndex) = (memory.DriverArea, memory.DriverArea + 2); // struct virtq_avail, 2.7.6
        (_availRing, _usedEvent) = (memory.DriverArea + 4, memory.DriverArea + 4 + (2 * n));
        (_usedFlags, _usedIndex) = (memory.DeviceArea, memory.DeviceArea + 2); // struct virtq_used, 2.7.8
        (_usedRing, _availEvent) = (memory.DeviceArea + 4, memory.DeviceArea + 4 + (8 * n));
    }

    /// <inheritdoc/>
    public override bool ShouldKick() // 2.7.10
    {
        bool isWanted = HasEventIndex
            ? Passed(Memory.Word(_availEvent), _availAtKick, _availCount)
            : Memory.Word(_usedFlags) == 0;
        _availAtKick = _availCount;
        return isWanted;
    }

    /// <inheritdoc/>
    public override bool ShouldInterrupt() // 2.7.7
    {
        bool isWanted = HasEventIndex
            ? Passed(Memory.Word(_usedEvent), _usedAtInterrupt, _usedCount)
            : Memory.Word(_availFlags) == 0;
        _usedAtInterrupt = _usedCount;
        return isWanted;
    }

    /// <inheritdoc/>
    public override void DisarmKick()
    {
        if (HasEventIndex) RememberEvent(_availEvent, next: _takenCount);
        else Expect(_usedFlags, 1);
    }

    /// <inheritdoc/>
    public override void DisarmInterrupt()
    {
        _wantsInterrupts = false;
        if (HasEventIndex) RememberEvent(_usedEvent, next: _reclaimedCount);
        else Expect(_availFlags, 1);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        Array.Clear(_isLent);
        _availCount = _availAtKick = _takenCount = 0;
        _usedCount = _usedAtInterrupt = _reclaimedCount = 0;
        _nextDescriptor = 0;
        _wantsInterrupts = true;
    }

    /// <inheritdoc/>
    protected override void ReadOffered(ModelChain chain) // 2.7.13
    {
        int entry = _availRing + (2 * (int)(_availCount % Queue.QueueSize));
        int index = chain.Id = Memory.Word(entry);
        Remember(entry, 2);
        _availCount++;
        for (int link = 0; link < chain.Slots; link++)
        {
            Require(index < Queue.QueueSize && !_isLent[index], $"descriptor {index} is no free one");
            Require(!IsInOrder || index == _nextDescriptor, $"in order, descriptor {index} is used instead of {_nextDescriptor}");
            _isLent[index] = true;
            _nextDescriptor = (index + 1) % Queue.QueueSize;
            chain.Descriptors[link] = index;
            int at = Memory.DescriptorArea + (QueueMemory.DescriptorBytes * index);
            if (chain.Table >= 0) ReadPointer(at, chain);
            else ReadDescriptor(at, chain, link);
            index = Memory.Word(at + 14);
            Remember(at, QueueMemory.DescriptorBytes);
        }
    }

    /// <inheritdoc/>
    protected override void OffersArePublished() => Expect(_availIndex, (ushort)_availCount);

    /// <inheritdoc/>
    protected override void IsTaken(ModelChain chain) => _takenCount++;

    /// <inheritdoc/>
    protected override void ReadUsed(out int id, out uint writtenBytes) // 2.7.8
    {
        int entry = UsedEntry();
        id = (int)Memory.DoubleWord(entry);
        writtenBytes = Memory.DoubleWord(entry + 4);
    }

    /// <inheritdoc/>
    protected override void Skip(ModelChain chain)
    {
        Remember(UsedEntry(), 8);
        _usedCount++;
    }

    /// <inheritdoc/>
    protected override void ReturnsArePublished() => Expect(_usedIndex, (ushort)_usedCount);

    /// <inheritdoc/>
    protected override void IsReclaimed(ModelChain chain)
    {
        for (int link = 0; link < chain.Slots; link++) _isLent[chain.Descriptors[link]] = false;
        _reclaimedCount++;
        if (_wantsInterrupts && HasEventIndex) Expect(_usedEvent, (ushort)_reclaimedCount);
    }

    /// <inheritdoc/>
    protected override void WantKicks()
    {
        if (HasEventIndex) Expect(_availEvent, (ushort)_takenCount);
        else Expect(_usedFlags, 0);
    }

    /// <inheritdoc/>
    protected override void WantInterrupts()
    {
        _wantsInterrupts = true;
        if (HasEventIndex) Expect(_usedEvent, (ushort)_reclaimedCount);
        else Expect(_availFlags, 0);
    }

    /// <inheritdoc/>
    protected override void CompareWords()
    {
        Require(Agrees(_availFlags, 4), "flags or idx of the available ring");
        Require(Agrees(_usedEvent, 2), "used_event");
        Require(Agrees(_usedFlags, 4), "flags or idx of the used ring");
        Require(Agrees(_availEvent, 2), "avail_event");
    }

    private void ReadDescriptor(int at, ModelChain chain, int link) // 2.7.5
    {
        bool isLast = link == chain.Count - 1;
        int flags = (isLast ? 0 : Next) | (link < chain.ReadableCount ? 0 : Write);
        Require(Memory.QuadWord(at) == chain.Segments[link].Address, $"addr of descriptor at {at}");
        Require(Memory.DoubleWord(at + 8) == chain.Segments[link].LengthBytes, $"len of descriptor at {at}");
        Require(Memory.Word(at + 12) == flags, $"flags of descriptor at {at}");
    }

    private void ReadPointer(int at, ModelChain chain) // 2.7.5.3
    {
        Require(Memory.QuadWord(at) == QueueMemory.AddressOfTable(chain.Table), $"addr of descriptor at {at}, which points to a table");
        Require(Memory.DoubleWord(at + 8) == QueueMemory.DescriptorBytes * chain.Count, $"len of descriptor at {at}, likewise");
        Require((Memory.Word(at + 12) & ~Write) == Indirect, $"flags of descriptor at {at}, likewise");
        int table = Memory.TableArea + (int)(QueueMemory.AddressOfTable(chain.Table) - QueueMemory.TablesAddress);
        for (int link = 0; link < chain.Count; link++)
        {
            int entry = table + (QueueMemory.DescriptorBytes * link); // in sequence: in order it must be, and else it may
            ReadDescriptor(entry, chain, link);
            bool isLast = link == chain.Count - 1;
            Require(isLast || Memory.Word(entry + 14) == link + 1, $"next of the table's descriptor {link}");
            Remember(entry, QueueMemory.DescriptorBytes);
        }
    }

    private int UsedEntry() => _usedRing + (8 * (int)(_usedCount % Queue.QueueSize));

    /// <summary>Whether the index said <paramref name="value"/> when one of these entries was written.</summary>
    private static bool Passed(ushort value, long from, long to) => to - from > ushort.MaxValue || (ushort)(value - from) < to - from;

    /// <summary>Any event that is not the next one asks for no notification yet.</summary>
    private void RememberEvent(int offset, long next)
    {
        Require(Memory.Word(offset) != (ushort)next, "who wants no notification asks for the next");
        Remember(offset, 2);
    }
}
