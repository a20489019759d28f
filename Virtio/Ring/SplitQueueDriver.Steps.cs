using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <content>The steps that single calls and batches are made of. A position is a reference: to the state for one, to a local for a
/// batch.</content>
public readonly ref partial struct SplitQueueDriver<TAccess>
{
    private bool HasEventIndex => (_state.Features & RingFeatures.EventIndex) != 0;

    private static VringDescriptorFlags DirectionOf(bool writable) => writable ? VringDescriptorFlags.Write : VringDescriptorFlags.None;

    private static VringDescriptor Link(VringSegment segment, bool isReadable, bool isLast, ushort next) =>
        new(segment.Address, segment.LengthBytes,
            DirectionOf(!isReadable) | (isLast ? VringDescriptorFlags.None : VringDescriptorFlags.Next), isLast ? (ushort)0 : next);

    /// <summary>Offers a single buffer; a descriptor is free, and counted as taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OfferOne(scoped in SplitQueueMemory memory, ref ushort nextAvail, ref ushort freeHead, ref DriverRecord records,
        in VringBuffer buffer, VringDescriptorFlags flags)
    {
        ushort head = freeHead;
        ref DriverRecord record = ref Unsafe.Add(ref records, head);
        freeHead = record.Next;
        Describe(memory, ref record, head, new VringDescriptor(buffer.Address, buffer.LengthBytes, flags, next: 0));
        uint writableBytes = flags == VringDescriptorFlags.None ? 0 : buffer.LengthBytes;
        Enter(memory, ref nextAvail, ref records, head, length: 1, writableBytes, buffer.Token);
    }

    /// <summary>Writes a descriptor, unless the table says that already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Describe(scoped in SplitQueueMemory memory, ref DriverRecord record, ushort index, in VringDescriptor descriptor)
    {
        if (record.Written.Is(descriptor)) return;
        record.Written = descriptor;
        TAccess.Store(ref memory.Descriptor(index), descriptor);
    }

    /// <summary>Puts a chain into the available ring, unless its slot names that head already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Enter(scoped in SplitQueueMemory memory, ref ushort nextAvail, ref DriverRecord records, ushort head, int length,
        uint writableBytes, int token)
    {
        ushort position = nextAvail;
        ref DriverRecord record = ref Unsafe.Add(ref records, head);
        record.Token = token;
        record.WritableBytes = writableBytes;
        record.Length = (ushort)length;
        record.Position = position;
        ref DriverRecord slot = ref Unsafe.Add(ref records, position & memory.Mask);
        if (slot.Entry != head)
        {
            slot.Entry = head;
            TAccess.Store(ref memory.AvailSlot(position), new Le16(head));
        }

        nextAvail = (ushort)(position + 1);
    }

    private RingStatus LookForUsed(ref DriverCursor cursor)
    {
        ushort published = TAccess.LoadAcquire(ref _memory.UsedIndex); // pairs with the release in SplitQueueDevice.Publish
        int waiting = (ushort)(published - cursor.NextUsed); // u16 on purpose: the index wraps at 65536, not at the queue size
        if (waiting == 0) return RingStatus.Empty;
        if (waiting > _memory.Mask + 1) return Fault(RingStatus.IndexTooFarAhead, published);
        cursor.SeenUsed = published;
        return RingStatus.Ok;
    }

    /// <summary>Takes back chains in the order in which used entries name them.</summary>
    private RingStatus ReclaimNamed(Span<VringReclaimed> chains, out int count)
    {
        SplitQueueMemory memory = _memory;
        ref DriverCursor cursor = ref _state.Cursor;
        ref DriverRecord records = ref Records;
        FreeList free = new(cursor);
        ushort nextUsed = cursor.NextUsed; // in registers, for the batch
        bool hasUnpublished = cursor.NextAvail != cursor.PublishedAvail;
        int waiting = Math.Min((ushort)(cursor.SeenUsed - nextUsed), chains.Length);
        RingStatus status = RingStatus.Ok;
        int done = 0;
        for (; done < waiting; done++)
        {
            VringUsedElement element = TAccess.Load(ref memory.UsedSlot(nextUsed));
            uint id = element.Id;
            if (id > (uint)memory.Mask)
            {
                status = Fault(RingStatus.IdOutOfRange, id);
                break;
            }

            ref DriverRecord record = ref Unsafe.Add(ref records, (int)id);
            if (record.Length == 0 || (hasUnpublished && IsUnpublished(cursor, ref records, (ushort)id)))
            {
                status = Fault(RingStatus.IdNotAHead, id);
                break;
            }

            chains[done] = new VringReclaimed(record.Token, element.WrittenBytes);
            free.Add(ref records, ref record, (ushort)id);
            nextUsed++;
        }

        cursor.NextUsed = nextUsed;
        free.Save(ref cursor);
        count = done;
        return status;
    }

    /// <summary>Whether an outstanding chain is one that the device cannot know of yet. Its position is one of those that wait, and the
    /// slot there names it: of a chain that is as old as the index is long, only the first is true.</summary>
    private bool IsUnpublished(in DriverCursor cursor, ref DriverRecord records, ushort head)
    {
        ushort waiting = (ushort)(cursor.NextAvail - cursor.PublishedAvail);
        ushort position = Unsafe.Add(ref records, head).Position;
        return (ushort)(position - cursor.PublishedAvail) < waiting && Unsafe.Add(ref records, position & _memory.Mask).Entry == head;
    }

    /// <summary>Takes back chains in the order in which they were offered; a used entry names the last of some.</summary>
    private RingStatus ReclaimInOrder(Span<VringReclaimed> chains, out int count)
    {
        ref DriverCursor cursor = ref _state.Cursor;
        ref DriverRecord records = ref Records;
        FreeList free = new(cursor);
        ushort nextUsed = cursor.NextUsed, batchEnd = cursor.BatchEnd; // in registers, for the batch
        int mask = _memory.Mask;
        int waiting = Math.Min((ushort)(cursor.SeenUsed - nextUsed), chains.Length);
        RingStatus status = RingStatus.Ok;
        int done = 0;
        for (; done < waiting; done++)
        {
            if (nextUsed == batchEnd)
            {
                status = OpenBatch(ref cursor, nextUsed);
                if (status != RingStatus.Ok) break;
                batchEnd = cursor.BatchEnd;
            }

            // What the device passed over, it has filled to the end; only of the last one it says how much.
            ushort head = Unsafe.Add(ref records, nextUsed & mask).Entry;
            ref DriverRecord record = ref Unsafe.Add(ref records, head);
            nextUsed++;
            chains[done] = new VringReclaimed(record.Token, nextUsed == batchEnd ? cursor.BatchWritten : record.WritableBytes);
            free.Add(ref records, ref record, head);
        }

        cursor.NextUsed = nextUsed;
        free.Save(ref cursor);
        count = done;
        return status;
    }

    /// <summary>In order: reads the next used entry and sees how many chains it stands for, by the position of the one that it
    /// names.</summary>
    private RingStatus OpenBatch(ref DriverCursor cursor, ushort nextUsed)
    {
        VringUsedElement element = TAccess.Load(ref _memory.UsedSlot(nextUsed));
        uint id = element.Id;
        if (id > (uint)_memory.Mask) return Fault(RingStatus.IdOutOfRange, id);
        ref DriverRecord last = ref Unsafe.Add(ref Records, (int)id);
        if (last.Length == 0) return Fault(RingStatus.IdNotAHead, id);
        int before = (ushort)(last.Position - nextUsed); // an outstanding chain lies at or behind nextUsed
        if (before >= (ushort)(cursor.SeenUsed - nextUsed)) return Fault(RingStatus.IdOutOfOrder, id);
        if (before >= (ushort)(cursor.PublishedAvail - nextUsed)) return Fault(RingStatus.IdOutOfOrder, id);
        cursor.BatchEnd = (ushort)(last.Position + 1);
        cursor.BatchWritten = element.WrittenBytes;
        return RingStatus.Ok;
    }

    private void MoveUsedEvent(ushort nextUsed)
    {
        TAccess.StoreRelease(ref _memory.UsedEvent, nextUsed);
        TAccess.FullFence(); // our event before the next look at their index; pairs with SplitQueueDevice.ShouldInterrupt
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private RingStatus Fault(RingStatus status, uint value)
    {
        _state.FaultValue = value;
        return status;
    }

    [DoesNotReturn]
    private static void ThrowNotNegotiated() => throw new InvalidOperationException("Indirect descriptors were not negotiated.");

    [DoesNotReturn]
    private static void ThrowTableTooShort() =>
        throw new ArgumentException("An indirect table holds 16 bytes a buffer, and at most as many as the queue has descriptors.");

    /// <summary>The free descriptors while some are added; in registers.</summary>
    private ref struct FreeList
    {
        private ushort _head;
        private ushort _tail;
        private int _count;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public FreeList(in DriverCursor cursor)
        {
            _head = cursor.FreeHead;
            _tail = cursor.FreeTail;
            _count = cursor.FreeCount;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(ref DriverRecord records, ref DriverRecord record, ushort head)
        {
            int length = record.Length;
            record.Length = 0;
            ushort last = head;
            for (int step = 1; step < length; step++) last = Unsafe.Add(ref records, last).Next; // our own links, at most QueueSize of them
            if (_count == 0) _head = head;
            else Unsafe.Add(ref records, _tail).Next = head;
            _tail = last;
            _count += length;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Save(ref DriverCursor cursor)
        {
            cursor.FreeHead = _head;
            cursor.FreeTail = _tail;
            cursor.FreeCount = _count;
        }
    }
}
