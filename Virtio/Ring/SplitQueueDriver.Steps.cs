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

    /// <summary>Offers a single buffer; a descriptor is free.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void OfferOne(ref DriverCursor cursor, ref DriverRecord records, in VringBuffer buffer, VringDescriptorFlags flags)
    {
        ushort head = cursor.FreeHead;
        Describe(ref records, head, new VringDescriptor(buffer.Address, buffer.LengthBytes, flags, next: 0));
        cursor.FreeHead = Unsafe.Add(ref records, head).Next;
        Commit(ref cursor, ref records, head, length: 1, flags == VringDescriptorFlags.None ? 0 : buffer.LengthBytes, buffer.Token);
    }

    /// <summary>Writes a descriptor, unless the table says that already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Describe(ref DriverRecord records, ushort index, in VringDescriptor descriptor)
    {
        ref DriverRecord record = ref Unsafe.Add(ref records, index);
        if (record.Written.Is(descriptor)) return;
        record.Written = descriptor;
        TAccess.Store(ref _memory.Descriptor(index), descriptor);
    }

    /// <summary>Puts a chain into the available ring, unless its slot names that head already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(ref DriverCursor cursor, ref DriverRecord records, ushort head, int length, uint writableBytes, int token)
    {
        ref DriverRecord record = ref Unsafe.Add(ref records, head);
        record.Token = token;
        record.WritableBytes = writableBytes;
        record.Length = (ushort)length;
        record.Position = cursor.NextAvail;
        cursor.FreeCount -= length;
        ref DriverRecord slot = ref Unsafe.Add(ref records, cursor.NextAvail & _memory.Mask);
        if (slot.Entry != head)
        {
            slot.Entry = head;
            TAccess.Store(ref _memory.AvailSlot(cursor.NextAvail), new Le16(head));
        }

        cursor.NextAvail++;
    }

    /// <summary>Takes back the oldest returned chain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RingStatus ReclaimOne(ref DriverCursor cursor, ref DriverRecord records, out VringReclaimed chain)
    {
        chain = default;
        if (cursor.NextUsed == cursor.SeenUsed)
        {
            RingStatus status = LookForUsed(ref cursor);
            if (status != RingStatus.Ok) return status;
        }

        ushort head;
        uint writtenBytes;
        if ((_state.Features & RingFeatures.InOrder) != 0)
        {
            if (cursor.NextUsed == cursor.BatchEnd)
            {
                RingStatus status = OpenBatch(ref cursor, ref records);
                if (status != RingStatus.Ok) return status;
            }

            // What the device passed over, it has filled to the end; only of the last one it says how much.
            head = Unsafe.Add(ref records, cursor.NextUsed & _memory.Mask).Entry;
            bool isLast = (ushort)(cursor.NextUsed + 1) == cursor.BatchEnd;
            writtenBytes = isLast ? cursor.BatchWritten : Unsafe.Add(ref records, head).WritableBytes;
        }
        else
        {
            VringUsedElement element = TAccess.Load(ref _memory.UsedSlot(cursor.NextUsed));
            uint id = element.Id;
            writtenBytes = element.WrittenBytes;
            if (id > (uint)_memory.Mask) return Fault(RingStatus.IdOutOfRange, id);
            head = (ushort)id;
        }

        ref DriverRecord record = ref Unsafe.Add(ref records, head);
        int length = record.Length;
        if (length == 0 || IsUnpublished(cursor, ref records, head)) return Fault(RingStatus.IdNotAHead, head);
        chain = new VringReclaimed(record.Token, writtenBytes);
        Free(ref cursor, ref records, head, length);
        cursor.NextUsed++;
        return RingStatus.Ok;
    }

    /// <summary>Whether an outstanding chain is one that the device cannot know of yet. Its position is one of those that wait, and the
    /// slot there names it: of a chain that is as old as the index is long, only the first is true.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsUnpublished(in DriverCursor cursor, ref DriverRecord records, ushort head)
    {
        ushort waiting = (ushort)(cursor.NextAvail - cursor.PublishedAvail);
        if (waiting == 0) return false;
        ushort position = Unsafe.Add(ref records, head).Position;
        return (ushort)(position - cursor.PublishedAvail) < waiting && Unsafe.Add(ref records, position & _memory.Mask).Entry == head;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RingStatus LookForUsed(ref DriverCursor cursor)
    {
        ushort published = TAccess.LoadAcquire(ref _memory.UsedIndex); // pairs with the release in SplitQueueDevice.Publish
        int waiting = (ushort)(published - cursor.NextUsed); // u16 on purpose: the index wraps at 65536, not at the queue size
        if (waiting == 0) return RingStatus.Empty;
        if (waiting > _memory.Mask + 1) return Fault(RingStatus.IndexTooFarAhead, published);
        cursor.SeenUsed = published;
        return RingStatus.Ok;
    }

    /// <summary>In order: reads the next used entry and sees how many chains it stands for, by the position of the one that it
    /// names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private RingStatus OpenBatch(ref DriverCursor cursor, ref DriverRecord records)
    {
        VringUsedElement element = TAccess.Load(ref _memory.UsedSlot(cursor.NextUsed));
        uint id = element.Id;
        if (id > (uint)_memory.Mask) return Fault(RingStatus.IdOutOfRange, id);
        ref DriverRecord last = ref Unsafe.Add(ref records, (int)id);
        if (last.Length == 0) return Fault(RingStatus.IdNotAHead, id);
        int before = (ushort)(last.Position - cursor.NextUsed); // an outstanding chain lies at or behind NextUsed
        if (before >= (ushort)(cursor.SeenUsed - cursor.NextUsed)) return Fault(RingStatus.IdOutOfOrder, id);
        if (before >= (ushort)(cursor.PublishedAvail - cursor.NextUsed)) return Fault(RingStatus.IdOutOfOrder, id);
        cursor.BatchEnd = (ushort)(last.Position + 1);
        cursor.BatchWritten = element.WrittenBytes;
        return RingStatus.Ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Free(ref DriverCursor cursor, ref DriverRecord records, ushort head, int length)
    {
        ushort last = head;
        for (int step = 1; step < length; step++) last = Unsafe.Add(ref records, last).Next; // our own links, at most QueueSize of them
        if (cursor.FreeCount == 0) cursor.FreeHead = head;
        else Unsafe.Add(ref records, cursor.FreeTail).Next = head;
        cursor.FreeTail = last;
        cursor.FreeCount += length;
        Unsafe.Add(ref records, head).Length = 0;
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
}
