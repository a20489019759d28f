using System;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>What the memory of a packed queue must say. Source: VIRTIO 1.2, 2.8.</summary>
/// <remarks>A place in the ring is counted from the beginning and never wraps: slot and wrap counter follow from it.</remarks>
public sealed class PackedModel : QueueModel
{
    private const int Next = 1, Write = 2, Indirect = 4, Avail = 0x80, Used = 0x8000, Marks = Avail | Used;
    private const int Enable = 0, Disable = 1, AtDescriptor = 2;
    private readonly bool[] _isLent = new bool[ushort.MaxValue + 1]; // by id
    private long _available, _availableAtKick, _taken;
    private long _used, _usedAtInterrupt, _reclaimed;
    private bool _followsUsed; // the driver asks for the next used descriptor, whichever that is

    /// <summary>Makes the model of a queue whose memory is zero.</summary>
    public PackedModel(QueueCase queue, QueueMemory memory)
        : base(queue, memory)
    {
    }

    /// <inheritdoc/>
    public override bool ShouldKick()
    {
        bool isWanted = IsWanted(Memory.DeviceArea, _availableAtKick, _available);
        _availableAtKick = _available;
        return isWanted;
    }

    /// <inheritdoc/>
    public override bool ShouldInterrupt()
    {
        bool isWanted = IsWanted(Memory.DriverArea, _usedAtInterrupt, _used);
        _usedAtInterrupt = _used;
        return isWanted;
    }

    /// <inheritdoc/>
    public override void DisarmKick() => ExpectFlags(Memory.DeviceArea, Disable);

    /// <inheritdoc/>
    public override void DisarmInterrupt()
    {
        _followsUsed = false;
        ExpectFlags(Memory.DriverArea, Disable);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        Array.Clear(_isLent);
        _available = _availableAtKick = _taken = 0;
        _used = _usedAtInterrupt = _reclaimed = 0;
        _followsUsed = false;
    }

    /// <inheritdoc/>
    protected override void ReadOffered(ModelChain chain) // 2.8.6, 2.8.7 and 2.8.21.1
    {
        for (int link = 0; link < chain.Slots; link++)
        {
            int at = Slot(_available), flags = Wrap(_available) ? Avail : Used;
            bool isTable = chain.Table >= 0, isLast = link == chain.Slots - 1;
            ulong address = isTable ? QueueMemory.AddressOfTable(chain.Table) : chain.Segments[link].Address;
            long lengthBytes = isTable ? QueueMemory.DescriptorBytes * chain.Count : chain.Segments[link].LengthBytes;
            flags |= isTable ? Indirect : link < chain.ReadableCount ? 0 : Write;
            flags |= isLast ? 0 : Next;
            Require(Memory.QuadWord(at) == address, $"addr of descriptor at {at}");
            Require(Memory.DoubleWord(at + 8) == lengthBytes, $"len of descriptor at {at}");
            Require(Memory.Word(at + 14) == flags, $"flags of descriptor at {at}");
            chain.Id = Memory.Word(at + 12); // the last one's counts
            Remember(at, QueueMemory.DescriptorBytes);
            _available++;
        }

        Require(!_isLent[chain.Id], $"id {chain.Id} is lent twice");
        _isLent[chain.Id] = true;
        if (chain.Table >= 0) ReadTable(chain);
    }

    /// <inheritdoc/>
    protected override void OffersArePublished()
    {
    }

    /// <inheritdoc/>
    protected override void IsTaken(ModelChain chain) => _taken += chain.Slots;

    /// <inheritdoc/>
    protected override void ReadUsed(out int id, out uint writtenBytes) // 2.8.1, 2.8.3 and 2.8.4
    {
        int at = Slot(_used), flags = Memory.Word(at + 14);
        Require((flags & ~Write) == (Wrap(_used) ? Marks : 0), $"flags of used descriptor at {at}");
        id = Memory.Word(at + 12);
        writtenBytes = (flags & Write) == 0 ? 0 : Memory.DoubleWord(at + 8);
        Remember(at, QueueMemory.DescriptorBytes);
    }

    /// <inheritdoc/>
    protected override void Skip(ModelChain chain) => _used += chain.Slots;

    /// <inheritdoc/>
    protected override void ReturnsArePublished()
    {
    }

    /// <inheritdoc/>
    protected override void IsReclaimed(ModelChain chain)
    {
        _isLent[chain.Id] = false;
        _reclaimed += chain.Slots;
        if (_followsUsed) ExpectEvent(Memory.DriverArea, _reclaimed);
    }

    /// <inheritdoc/>
    protected override void WantKicks()
    {
        if (HasEventIndex) ExpectEvent(Memory.DeviceArea, _taken);
        else ExpectFlags(Memory.DeviceArea, Enable);
    }

    /// <inheritdoc/>
    protected override void WantInterrupts()
    {
        _followsUsed = HasEventIndex;
        if (HasEventIndex) ExpectEvent(Memory.DriverArea, _reclaimed);
        else ExpectFlags(Memory.DriverArea, Enable);
    }

    /// <inheritdoc/>
    protected override void CompareWords()
    {
        Require(Agrees(Memory.DriverArea, 4), "driver event suppression");
        Require(Agrees(Memory.DeviceArea, 4), "device event suppression");
        int next = Memory.Word(Slot(_available) + 14) & Marks;
        Require(next != (Wrap(_available) ? Avail : Used), "something is available that was not published");
        next = Memory.Word(Slot(_used) + 14) & Marks;
        Require(next != (Wrap(_used) ? Marks : 0), "something is used that was not published");
    }

    private void ReadTable(ModelChain chain) // 2.8.7
    {
        int table = Memory.TableArea + (int)(QueueMemory.AddressOfTable(chain.Table) - QueueMemory.TablesAddress);
        for (int link = 0; link < chain.Count; link++)
        {
            int at = table + (QueueMemory.DescriptorBytes * link);
            Require(Memory.QuadWord(at) == chain.Segments[link].Address, $"addr of the table's descriptor {link}");
            Require(Memory.DoubleWord(at + 8) == chain.Segments[link].LengthBytes, $"len of the table's descriptor {link}");
            Require(Memory.Word(at + 14) == (link < chain.ReadableCount ? 0 : Write), $"flags of the table's descriptor {link}");
            Remember(at, QueueMemory.DescriptorBytes);
        }
    }

    private int Slot(long place) => Memory.DescriptorArea + (QueueMemory.DescriptorBytes * (int)(place % Queue.QueueSize));

    /// <summary>The wrap counter: 1 at first, and another in each turn.</summary>
    private bool Wrap(long place) => place / Queue.QueueSize % 2 == 0;

    /// <summary>The offset and wrap counter of a place, as the event structure tells them. 2.8.14.</summary>
    private ushort Offset(long place) => (ushort)((place % Queue.QueueSize) | (Wrap(place) ? 1L << 15 : 0));

    private bool IsWanted(int structure, long from, long to) // 2.8.10
    {
        int flags = Memory.Word(structure + 2);
        if (flags != AtDescriptor) return flags == Enable;
        int offset = Memory.Word(structure);
        for (long place = Math.Max(from, to - (2 * Queue.QueueSize)); place < to; place++) // the same again after two turns
        {
            if (Offset(place) == offset) return true;
        }

        return false;
    }

    private void ExpectEvent(int structure, long place)
    {
        Expect(structure, Offset(place));
        Expect(structure + 2, AtDescriptor);
    }

    /// <summary>The offset means nothing then, and may be anything.</summary>
    private void ExpectFlags(int structure, ushort flags)
    {
        Remember(structure, 2);
        Expect(structure + 2, flags);
    }
}
