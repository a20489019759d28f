using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The driver half of a split queue: offers buffers to the device and reclaims them.</summary>
/// <remarks>
/// A view for the length of one batch; it owns nothing and costs a few instructions to make. One thread at a time per queue and half.
/// A batch: <see cref="TryOffer(VringSegment, bool, int)"/> as often as there is something, <see cref="Publish"/>,
/// <see cref="ShouldKick"/>. Single buffers go faster in one call of <see cref="Offer"/> and come back in one of
/// <see cref="TryReclaim(Span{VringReclaimed}, out int)"/>: the same steps, with the position in registers.
/// Trust: the device half is another processor. Each shared value is read once into a local, checked, then used; what the table
/// says about a chain is never read back.
/// Source: VIRTIO 1.3, 2.7.9, 2.7.13 and 2.7.14; Linux drivers/virtio/virtio_ring.c, virtqueue_add_split, virtqueue_get_buf_ctx_split,
/// virtqueue_kick_prepare_split, virtqueue_enable_cb_prepare_split, virtqueue_disable_cb_split.
/// </remarks>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public readonly ref partial struct SplitQueueDriver<TAccess>
    where TAccess : struct, ISharedAccess
{
    private readonly SplitQueueMemory _memory;
    private readonly DriverState _state;

    /// <summary>Views a queue in one region.</summary>
    /// <param name="region">The queue: at least as long as the state's layout, 16-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueDriver(Span<byte> region, DriverState state)
    {
        _memory = new SplitQueueMemory(region, state.Layout);
        _state = state;
    }

    /// <summary>Views a queue of which each part lies for itself.</summary>
    /// <param name="table">The descriptor table, 16-byte aligned, never moved.</param>
    /// <param name="avail">The available ring, 2-byte aligned, never moved.</param>
    /// <param name="used">The used ring, 4-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueDriver(Span<byte> table, Span<byte> avail, Span<byte> used, DriverState state)
    {
        _memory = new SplitQueueMemory(table, avail, used, state.Layout);
        _state = state;
    }

    // SAFETY: a record is reached by a descriptor or slot number below the queue size, which is the array's length: one of ours, or one
    // from outside that was compared with it.
    private ref DriverRecord Records => ref MemoryMarshal.GetArrayDataReference(_state.Records);

    /// <summary>Offers one buffer. The device does not see it before <see cref="Publish"/>.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="writable">True for a buffer that the device fills, false for one that it reads.</param>
    /// <param name="token">Given back by <see cref="TryReclaim(out int, out uint)"/> with this buffer.</param>
    /// <returns>Ok or Full; Full changes nothing.</returns>
    public RingStatus TryOffer(VringSegment buffer, bool writable, int token)
    {
        ref DriverCursor cursor = ref _state.Cursor;
        if (cursor.FreeCount == 0) return RingStatus.Full;
        cursor.FreeCount--;
        OfferOne(_memory, ref cursor.NextAvail, ref cursor.FreeHead, ref Records,
            new VringBuffer(buffer.Address, buffer.LengthBytes, token), DirectionOf(writable));
        return RingStatus.Ok;
    }

    /// <summary>Offers single buffers, as many as there are descriptors for. The device does not see them before
    /// <see cref="Publish"/>.</summary>
    /// <param name="buffers">The buffers, in order.</param>
    /// <param name="writable">True for buffers that the device fills, false for ones that it reads.</param>
    /// <returns>How many were offered: the first so many.</returns>
    public int Offer(ReadOnlySpan<VringBuffer> buffers, bool writable)
    {
        SplitQueueMemory memory = _memory;
        ref DriverCursor cursor = ref _state.Cursor;
        ref DriverRecord records = ref Records;
        VringDescriptorFlags flags = DirectionOf(writable);
        int count = Math.Min(buffers.Length, cursor.FreeCount);
        cursor.FreeCount -= count;
        ushort nextAvail = cursor.NextAvail, freeHead = cursor.FreeHead; // in registers, for the batch
        for (int i = 0; i < count; i++) OfferOne(memory, ref nextAvail, ref freeHead, ref records, buffers[i], flags);
        cursor.NextAvail = nextAvail;
        cursor.FreeHead = freeHead;
        return count;
    }

    /// <summary>Offers a chain of buffers. The device does not see it before <see cref="Publish"/>.</summary>
    /// <param name="readable">Buffers that the device reads, in order.</param>
    /// <param name="writable">Buffers that the device fills, in order; they follow the readable ones. Not both may be empty.</param>
    /// <param name="token">Given back by <see cref="TryReclaim(out int, out uint)"/> with this chain.</param>
    /// <returns>Ok, or Full when fewer descriptors are free than the chain has buffers; Full changes nothing.</returns>
    public RingStatus TryOffer(ReadOnlySpan<VringSegment> readable, ReadOnlySpan<VringSegment> writable, int token)
    {
        ref DriverCursor cursor = ref _state.Cursor;
        ref DriverRecord records = ref Records;
        int length = readable.Length + writable.Length;
        uint writableBytes = ChainLimit.Check(readable, writable);
        if (length > cursor.FreeCount) return RingStatus.Full;

        ushort head = cursor.FreeHead;
        ushort index = head;
        for (int position = 0; position < length; position++) // at most QueueSize: FreeCount said so
        {
            bool isReadable = position < readable.Length;
            VringSegment segment = isReadable ? readable[position] : writable[position - readable.Length];
            ushort next = Unsafe.Add(ref records, index).Next;
            Describe(_memory, ref Unsafe.Add(ref records, index), index, Link(segment, isReadable, position == length - 1, next));
            index = next;
        }

        cursor.FreeHead = index;
        cursor.FreeCount -= length;
        Enter(_memory, ref cursor.NextAvail, ref records, head, length, writableBytes, token);
        return RingStatus.Ok;
    }

    /// <summary>Offers a chain of buffers through a table of its own: one descriptor of the queue, whatever its length.</summary>
    /// <param name="table">Where the table goes: memory that the device reaches, 16 bytes a buffer; the caller's again when the chain is
    /// reclaimed.</param>
    /// <param name="tableAddress">Its first byte, as the device sees it.</param>
    /// <param name="readable">Buffers that the device reads, in order.</param>
    /// <param name="writable">Buffers that the device fills, in order. Not both may be empty; together at most the queue size.</param>
    /// <param name="token">Given back by <see cref="TryReclaim(out int, out uint)"/> with this chain.</param>
    /// <returns>Ok, or Full when no descriptor is free; Full changes nothing.</returns>
    /// <exception cref="InvalidOperationException">Indirect descriptors were not negotiated.</exception>
    /// <exception cref="ArgumentException">No buffer, more buffers than the queue has descriptors, or too short a table.</exception>
    public RingStatus TryOfferIndirect(Span<byte> table, ulong tableAddress, ReadOnlySpan<VringSegment> readable,
        ReadOnlySpan<VringSegment> writable, int token)
    {
        int length = readable.Length + writable.Length;
        uint writableBytes = ChainLimit.Check(readable, writable);
        if ((_state.Features & RingFeatures.Indirect) == 0) ThrowNotNegotiated();
        int tableBytes = length * VringDescriptor.SizeBytes;
        if (length > _state.Layout.QueueSize || table.Length < tableBytes) ThrowTableTooShort();
        ref DriverCursor cursor = ref _state.Cursor;
        if (cursor.FreeCount == 0) return RingStatus.Full;

        for (int position = 0; position < length; position++)
        {
            bool isReadable = position < readable.Length;
            VringSegment segment = isReadable ? readable[position] : writable[position - readable.Length];
            ref VringDescriptor entry = ref Unsafe.As<byte, VringDescriptor>(ref table[position * VringDescriptor.SizeBytes]);
            TAccess.Store(ref entry, Link(segment, isReadable, isLast: position == length - 1, (ushort)(position + 1)));
        }

        ref DriverRecord records = ref Records;
        ushort head = cursor.FreeHead;
        ref DriverRecord record = ref Unsafe.Add(ref records, head);
        Describe(_memory, ref record, head, new VringDescriptor(tableAddress, (uint)tableBytes, VringDescriptorFlags.Indirect, next: 0));
        cursor.FreeHead = record.Next;
        cursor.FreeCount--;
        Enter(_memory, ref cursor.NextAvail, ref records, head, length: 1, writableBytes, token);
        return RingStatus.Ok;
    }

    /// <summary>Shows the device everything offered since the last call. Nothing offered, nothing written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish()
    {
        ref DriverCursor cursor = ref _state.Cursor;
        ushort next = cursor.NextAvail;
        ushort added = (ushort)(next - cursor.PublishedAvail); // never 65536: no more than QueueSize chains are outstanding
        if (added == 0) return;
        cursor.PublishedAvail = next;
        cursor.PublishedSinceKick += added;
        TAccess.StoreRelease(ref _memory.AvailIndex, next); // after descriptors and entries; pairs with SplitQueueDevice.TryTake
    }

    /// <summary>Whether the device wants to hear of what was published since the last call. Call after <see cref="Publish"/>.</summary>
    /// <returns>True when the queue must be kicked. A kick too many is harmless, one too few loses the device's attention for
    /// ever.</returns>
    public bool ShouldKick()
    {
        ref DriverCursor cursor = ref _state.Cursor;
        TAccess.FullFence(); // our index before their event or flags; SplitQueueDevice.ArmKick fences the other way round
        long published = cursor.PublishedSinceKick;
        cursor.PublishedSinceKick = 0;
        if (!HasEventIndex) return (TAccess.LoadAcquire(ref _memory.UsedFlags) & VringNotification.UsedNoNotify) == 0;

        ushort wanted = TAccess.LoadAcquire(ref _memory.AvailEvent); // any value will do: it only decides whether to kick
        ushort newIndex = cursor.PublishedAvail;
        // After 65536 entries every event lies among them; a 16-bit difference would call that none.
        return published > ushort.MaxValue || VringNotification.NeedEvent(wanted, newIndex, (ushort)(newIndex - published));
    }

    /// <summary>Whether the device returned something that was not reclaimed yet.</summary>
    public bool HasUsed() => // pairs with SplitQueueDevice.Publish
        TAccess.LoadAcquire(ref _memory.UsedIndex) != _state.Cursor.NextUsed;

    /// <summary>Chains that the device claims to have returned and that were not reclaimed yet. Not judged: any 16-bit number.</summary>
    public int UsedCount() => // pairs with SplitQueueDevice.Publish
        (ushort)(TAccess.LoadAcquire(ref _memory.UsedIndex) - _state.Cursor.NextUsed);

    /// <summary>Takes back the oldest returned chain; its descriptors are free again.</summary>
    /// <param name="token">What was given with the chain; 0 unless <see cref="RingStatus.Ok"/>.</param>
    /// <param name="writtenBytes">What the device claims to have written: the caller checks it against what it lent. 0 unless Ok.</param>
    /// <returns>Ok, Empty, or the device's fault: IndexTooFarAhead, IdOutOfRange, IdNotAHead; in order also IdOutOfOrder. A fault moves
    /// nothing: stop the queue.</returns>
    /// <remarks>While interrupts are armed with event indices, each call moves the event and pays a full fence: disarm them for a long
    /// drain, or reclaim in batches.</remarks>
    public RingStatus TryReclaim(out int token, out uint writtenBytes)
    {
        VringReclaimed chain = default;
        RingStatus status = TryReclaim(new Span<VringReclaimed>(ref chain), out _);
        token = chain.Token;
        writtenBytes = chain.WrittenBytes;
        return status;
    }

    /// <summary>Takes back the oldest returned chains, as many as there are and fit; their descriptors are free again.</summary>
    /// <param name="chains">Where they go.</param>
    /// <param name="count">How many there were.</param>
    /// <returns>Ok when there was one; otherwise Empty or the device's fault. One fence at most, whatever the count.</returns>
    /// <inheritdoc cref="TryReclaim(out int, out uint)"/>
    public RingStatus TryReclaim(Span<VringReclaimed> chains, out int count)
    {
        count = 0;
        ref DriverCursor cursor = ref _state.Cursor;
        bool isInOrder = (_state.Features & RingFeatures.InOrder) != 0;
        RingStatus status = RingStatus.Ok;
        while (count < chains.Length && status == RingStatus.Ok)
        {
            status = cursor.NextUsed == cursor.SeenUsed ? LookForUsed(ref cursor) : RingStatus.Ok;
            if (status != RingStatus.Ok) break;
            Span<VringReclaimed> room = chains[count..];
            status = isInOrder ? ReclaimInOrder(room, out int done) : ReclaimNamed(room, out done);
            count += done;
        }

        if (count == 0) return status;
        if (cursor.InterruptArmed && HasEventIndex) MoveUsedEvent(cursor.NextUsed);
        return RingStatus.Ok; // a fault behind them moved nothing: the next call meets it
    }

    /// <summary>Asks the device for an interrupt at its next return.</summary>
    /// <returns>True when a return slipped in: reclaim again, for no interrupt may come.</returns>
    public bool ArmInterrupt()
    {
        ref DriverCursor cursor = ref _state.Cursor;
        cursor.InterruptArmed = true;
        if (HasEventIndex) TAccess.StoreRelease(ref _memory.UsedEvent, cursor.NextUsed);
        else TAccess.StoreRelease(ref _memory.AvailFlags, 0);
        TAccess.FullFence(); // our event or flags before their index; SplitQueueDevice.ShouldInterrupt fences the other way round
        return HasUsed();
    }

    /// <summary>Tells the device that returns need no interrupt. A hint: one may still come, and must be taken well.</summary>
    public void DisarmInterrupt()
    {
        ref DriverCursor cursor = ref _state.Cursor;
        cursor.InterruptArmed = false;
        // An event just behind us is passed again only after a whole turn of the index.
        if (HasEventIndex) TAccess.StoreRelease(ref _memory.UsedEvent, (ushort)(cursor.NextUsed - 1));
        else TAccess.StoreRelease(ref _memory.AvailFlags, VringNotification.AvailNoInterrupt);
    }
}
