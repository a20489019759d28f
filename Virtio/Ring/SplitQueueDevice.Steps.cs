using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Virtio.Ring;

/// <content>The steps that single calls and batches are made of. A position is a reference: to the state for one, to a local for a
/// batch.</content>
public readonly ref partial struct SplitQueueDevice<TAccess>
{
    private const VringDescriptorFlags KnownFlags =
        VringDescriptorFlags.Next | VringDescriptorFlags.Write | VringDescriptorFlags.Indirect;

    private bool HasEventIndex => (_state.Features & RingFeatures.EventIndex) != 0;

    private bool Coalesces => (_state.Features & RingFeatures.InOrder) != 0 && _state.CoalescesUsed;

    /// <summary>Sees to it that something is known to wait.</summary>
    private RingStatus LookForOffered(ref DeviceCursor cursor)
    {
        if (cursor.NextAvail != cursor.SeenAvail) return RingStatus.Ok;
        ushort published = TAccess.LoadAcquire(ref _memory.AvailIndex); // pairs with the release in SplitQueueDriver.Publish
        int waiting = (ushort)(published - cursor.NextAvail); // u16 on purpose: the index wraps at 65536, not at the queue size
        if (waiting == 0) return RingStatus.Empty;
        int taken = (ushort)(cursor.NextAvail - cursor.NextUsed);
        if (waiting + taken > _memory.Mask + 1) return Fault(RingStatus.IndexTooFarAhead, published);
        cursor.SeenAvail = published;
        return RingStatus.Ok;
    }

    /// <summary>Takes single buffers of which is known that they wait.</summary>
    private RingStatus TakeKnown<TMap>(scoped ref TMap map, Span<VringTaken> buffers, bool writable, out int count)
        where TMap : struct, IBufferMap
    {
        SplitQueueMemory memory = _memory;
        ref DeviceCursor cursor = ref _state.Cursor;
        ref DeviceRecord records = ref Records;
        VringDescriptorFlags direction = writable ? VringDescriptorFlags.Write : VringDescriptorFlags.None;
        ushort nextAvail = cursor.NextAvail; // in a register, for the batch
        int waiting = Math.Min((ushort)(cursor.SeenAvail - nextAvail), buffers.Length);
        RingStatus status = RingStatus.Ok;
        int done = 0;
        for (; done < waiting; done++)
        {
            ushort head = TAccess.Load(ref memory.AvailSlot(nextAvail)).Value;
            if (head > memory.Mask)
            {
                status = Fault(RingStatus.HeadOutOfRange, head);
                break;
            }

            ref DeviceRecord record = ref Unsafe.Add(ref records, head);
            VringDescriptor descriptor = TAccess.Load(ref memory.Descriptor(head)); // one copy; the driver may change the original
            ulong address = descriptor.Address;
            uint lengthBytes = descriptor.LengthBytes;
            if (record.State != DeviceRecordState.Driver || (descriptor.Flags & KnownFlags) != direction
                || !map.TryResolve(address, lengthBytes, out nint start))
            {
                status = NameFault(record.State, head, descriptor.Flags, direction, address);
                break;
            }

            buffers[done] = new VringTaken(address, start, lengthBytes, head);
            record.State = DeviceRecordState.Taken;
            Unsafe.Add(ref records, nextAvail & memory.Mask).Taken = head;
            nextAvail++;
        }

        cursor.NextAvail = nextAvail;
        count = done;
        return status;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RingStatus NameFault(DeviceRecordState state, ushort head, VringDescriptorFlags flags, VringDescriptorFlags direction,
        ulong address)
    {
        if (state != DeviceRecordState.Driver) return Fault(RingStatus.HeadTwice, head);
        _state.FaultAddress = address;
        if ((flags & VringDescriptorFlags.Indirect) != 0) return Fault(RingStatus.IndirectUnsupported, head);
        if ((flags & VringDescriptorFlags.Next) != 0) return Fault(RingStatus.ChainTooLong, head);
        return Fault((flags & VringDescriptorFlags.Write) != direction ? RingStatus.WrongDirection : RingStatus.BufferUnmapped, head);
    }

    private RingStatus Walk<TMap>(scoped ref TMap map, ushort head, Span<VringSegment> scratch, out int count, out int readableCount)
        where TMap : struct, IBufferMap
    {
        count = 0;
        readableCount = 0;
        uint queueSize = (uint)_state.Layout.QueueSize;
        for (ushort index = head; ;) // at most QueueSize rounds: by then the chain loops
        {
            if (count == (int)queueSize) return Fault(RingStatus.ChainLoops, head);
            if (count == scratch.Length) return Fault(RingStatus.ChainTooLong, head);

            VringDescriptor descriptor = TAccess.Load(ref _memory.Descriptor(index)); // one copy; the driver may change the original
            VringDescriptorFlags flags = descriptor.Flags;
            if ((flags & VringDescriptorFlags.Indirect) != 0)
                return WalkTable(ref map, head, index, descriptor, scratch, ref count, ref readableCount);

            RingStatus status = Add(descriptor, index, scratch, ref count, ref readableCount);
            if (status != RingStatus.Ok) return status;
            if ((flags & VringDescriptorFlags.Next) == 0) return RingStatus.Ok;
            index = descriptor.Next;
            if (index >= queueSize) return Fault(RingStatus.NextOutOfRange, index);
        }
    }

    /// <summary>The rest of a chain, which lies in a table of its own. WRITE at the descriptor that points there means nothing.</summary>
    private RingStatus WalkTable<TMap>(scoped ref TMap map, ushort head, ushort at, in VringDescriptor pointer, Span<VringSegment> scratch,
        ref int count, ref int readableCount)
        where TMap : struct, IBufferMap
    {
        if ((_state.Features & RingFeatures.Indirect) == 0) return Fault(RingStatus.IndirectUnsupported, at);
        if ((pointer.Flags & VringDescriptorFlags.Next) != 0) return Fault(RingStatus.IndirectWithNext, at);
        uint tableBytes = pointer.LengthBytes;
        if (tableBytes == 0 || tableBytes % VringDescriptor.SizeBytes != 0) return Fault(RingStatus.IndirectLength, tableBytes);
        if (!map.TryResolve(pointer.Address, tableBytes, out nint start))
        {
            _state.FaultAddress = pointer.Address;
            return Fault(RingStatus.IndirectUnmapped, at);
        }

        uint tableCount = tableBytes / VringDescriptor.SizeBytes;
        uint rounds = 0;
        for (uint index = 0; ;) // at most one round an entry: by then the chain loops
        {
            if (rounds++ == tableCount) return Fault(RingStatus.ChainLoops, head);
            if (count == scratch.Length) return Fault(RingStatus.ChainTooLong, head);
            VringDescriptor descriptor = LoadEntry(start, index); // one copy, as above
            if ((descriptor.Flags & VringDescriptorFlags.Indirect) != 0) return Fault(RingStatus.IndirectNested, index);
            RingStatus status = Add(descriptor, index, scratch, ref count, ref readableCount);
            if (status != RingStatus.Ok) return status;
            if ((descriptor.Flags & VringDescriptorFlags.Next) == 0) return RingStatus.Ok;
            index = descriptor.Next;
            if (index >= tableCount) return Fault(RingStatus.NextOutOfRange, index);
        }
    }

    private RingStatus Add(in VringDescriptor descriptor, uint index, Span<VringSegment> scratch, ref int count, ref int readableCount)
    {
        if ((descriptor.Flags & VringDescriptorFlags.Write) == 0)
        {
            if (readableCount != count) return Fault(RingStatus.ReadableAfterWritable, index);
            readableCount++;
        }

        scratch[count++] = new VringSegment(descriptor.Address, descriptor.LengthBytes);
        return RingStatus.Ok;
    }

    // SAFETY: the map has found the whole table at start, and index is below its count.
    private static unsafe VringDescriptor LoadEntry(nint start, uint index) => TAccess.Load(ref ((VringDescriptor*)start)[index]);

    /// <summary>Returns chains, each with a used entry.</summary>
    private void ReturnNamed(ReadOnlySpan<VringReturned> chains)
    {
        SplitQueueMemory memory = _memory;
        ref DeviceRecord records = ref Records;
        ushort nextUsed = _state.Cursor.NextUsed; // in a register, for the batch
        for (int i = 0; i < chains.Length; i++)
        {
            ushort head = chains[i].Head;
            GiveUp(memory, ref records, head);
            WriteUsed(memory, ref records, nextUsed, head, chains[i].WrittenBytes);
            nextUsed++;
        }

        _state.Cursor.NextUsed = nextUsed;
    }

    /// <summary>Returns chains in the order in which they were taken: one that comes before an older one waits here for that one.</summary>
    private void ReturnInOrder(ReadOnlySpan<VringReturned> chains)
    {
        SplitQueueMemory memory = _memory;
        ref DeviceRecord records = ref Records;
        ref DeviceCursor cursor = ref _state.Cursor;
        bool writes = !_state.CoalescesUsed;
        ushort nextUsed = cursor.NextUsed; // in a register, for the batch
        int done = 0;
        for (; done < chains.Length && cursor.EarlyCount == 0; done++)
        {
            ushort head = chains[done].Head;
            if (head != Unsafe.Add(ref records, nextUsed & memory.Mask).Taken) break;
            GiveUp(memory, ref records, head);
            if (writes) WriteUsed(memory, ref records, nextUsed, head, chains[done].WrittenBytes);
            nextUsed++;
        }

        cursor.NextUsed = nextUsed;
        if (done > 0)
        {
            cursor.LastHead = chains[done - 1].Head;
            cursor.LastWritten = chains[done - 1].WrittenBytes;
        }

        for (; done < chains.Length; done++) ReturnEarly(ref cursor, chains[done]);
    }

    private void ReturnEarly(ref DeviceCursor cursor, VringReturned chain)
    {
        ref DeviceRecord records = ref Records;
        GiveUp(_memory, ref records, chain.Head);
        Unsafe.Add(ref records, chain.Head).State = DeviceRecordState.Early;
        Unsafe.Add(ref records, chain.Head).EarlyBytes = chain.WrittenBytes;
        cursor.EarlyCount++;
        while (cursor.EarlyCount > 0) // each round has one less
        {
            ushort oldest = Unsafe.Add(ref records, cursor.NextUsed & _memory.Mask).Taken;
            ref DeviceRecord record = ref Unsafe.Add(ref records, oldest);
            if (record.State != DeviceRecordState.Early) return;
            record.State = DeviceRecordState.Driver;
            cursor.EarlyCount--;
            cursor.LastHead = oldest;
            cursor.LastWritten = record.EarlyBytes;
            if (!_state.CoalescesUsed) WriteUsed(_memory, ref records, cursor.NextUsed, oldest, record.EarlyBytes);
            cursor.NextUsed++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GiveUp(scoped in SplitQueueMemory memory, ref DeviceRecord records, ushort head)
    {
        if (head > memory.Mask) ThrowNotTaken();
        ref DeviceRecord record = ref Unsafe.Add(ref records, head);
        if (record.State != DeviceRecordState.Taken) ThrowNotTaken();
        record.State = DeviceRecordState.Driver;
    }

    /// <summary>Writes a used entry, unless the slot says that already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteUsed(scoped in SplitQueueMemory memory, ref DeviceRecord records, ushort position, ushort head,
        uint writtenBytes)
    {
        VringUsedElement element = new(head, writtenBytes);
        ref DeviceRecord slot = ref Unsafe.Add(ref records, position & memory.Mask);
        if (slot.Written.Is(element)) return;
        slot.Written = element;
        TAccess.Store(ref memory.UsedSlot(position), element);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RingStatus Fault(RingStatus status, uint value)
    {
        _state.FaultValue = value;
        return status;
    }

    [DoesNotReturn]
    private static void ThrowNotTaken() => throw new InvalidOperationException("A chain is returned once, by whom it was taken.");

    /// <summary>Nobody says where anything lies.</summary>
    private readonly struct NoMap : IBufferMap
    {
        public bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            start = 0;
            return false;
        }
    }
}
