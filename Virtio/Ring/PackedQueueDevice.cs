using System;
using System.Diagnostics.CodeAnalysis;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The device half of a packed queue: takes what the driver offered and returns it used.</summary>
/// <remarks>
/// A view for the length of one batch; it owns nothing and costs a few instructions to make. One thread at a time per queue and half.
/// A batch: <see cref="TryTake(Span{VringSegment}, out DescriptorChain)"/> and <see cref="Return"/> until Empty, <see cref="Publish"/>,
/// <see cref="ShouldInterrupt"/>, <see cref="ArmKick"/>. The flags of a batch's first used descriptor are written last.
/// Trust: the driver half is another processor. Each shared value is read once into a local, checked, then used; how many slots a chain
/// had is never read back.
/// Source: VIRTIO 1.3, 2.8.
/// </remarks>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public readonly ref struct PackedQueueDevice<TAccess>
    where TAccess : struct, ISharedAccess
{
    private readonly PackedQueueMemory _memory;
    private readonly PackedDeviceState _state;

    /// <summary>Views a queue that lies in one region, as its layout says.</summary>
    /// <param name="region">At least as long as the state's layout, 16-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    public PackedQueueDevice(Span<byte> region, PackedDeviceState state)
        : this(region, region[state.Layout.DriverEventOffset..], region[state.Layout.DeviceEventOffset..], state)
    {
    }

    /// <summary>Views a queue whose three parts lie anywhere.</summary>
    /// <param name="descriptors">The descriptor ring: 16 bytes a slot, 16-byte aligned, never moved.</param>
    /// <param name="driverEvent">Driver event suppression: 4 bytes, 4-byte aligned, never moved.</param>
    /// <param name="deviceEvent">Device event suppression: likewise.</param>
    /// <param name="state">This half's state; changed in place.</param>
    public PackedQueueDevice(Span<byte> descriptors, Span<byte> driverEvent, Span<byte> deviceEvent, PackedDeviceState state)
    {
        _memory = new PackedQueueMemory(descriptors, driverEvent, deviceEvent, state.Layout);
        _state = state;
    }

    /// <summary>Takes the oldest offered chain. An indirect table is a fault here: nobody says where it lies.</summary>
    /// <param name="scratch">Where its segments go: as many as the device is ready to take in one chain.</param>
    /// <param name="chain">The chain, over <paramref name="scratch"/>; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>As the other.</returns>
    public RingStatus TryTake(Span<VringSegment> scratch, out DescriptorChain chain)
    {
        NoMap map = default;
        return TryTake(ref map, scratch, out chain);
    }

    /// <summary>Takes the oldest offered chain, through an indirect table if it has one.</summary>
    /// <param name="map">Finds an indirect table; the segments themselves are not looked up.</param>
    /// <param name="scratch">Where its segments go: as many as the device is ready to take in one chain.</param>
    /// <param name="chain">The chain, over <paramref name="scratch"/>; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>
    /// Ok, Empty, or the driver's fault: SlotNotFree, LinkNotAvailable, ChainTooLong, IndirectUnsupported, IndirectWithNext,
    /// IndirectLength, IndirectUnmapped, ReadableAfterWritable. A fault moves nothing: stop the queue.
    /// </returns>
    public RingStatus TryTake<TMap>(scoped ref TMap map, Span<VringSegment> scratch, out DescriptorChain chain)
        where TMap : struct, IBufferMap
    {
        chain = default;
        PackedDeviceState state = _state;
        PackedPosition position = state.NextAvail;
        ushort flags = TAccess.LoadAcquire(ref _memory.Flags(position.Slot)); // pairs with the release in PackedQueueDriver.Publish
        if (!position.IsAvailable(flags)) return RingStatus.Empty;
        if (state.TakenSlots == state.Layout.QueueSize) return Fault(RingStatus.SlotNotFree, (uint)position.Slot);

        SegmentList segments = new(scratch);
        RingStatus status;
        int slots;
        if ((flags & (ushort)PackedDescriptorFlags.Indirect) != 0)
        {
            slots = 1;
            status = ReadTable(ref map, position.Slot, flags, ref segments);
        }
        else
        {
            status = ReadChain(ref position, flags, ref segments, out slots);
        }

        if (status != RingStatus.Ok) return status;
        ushort id = TAccess.Load(ref _memory.Id(position.Slot)).Value; // of the last slot, and any number: it is the driver's alone
        ushort head = state.FreeHeads.Take(); // no fewer heads than slots are free: each taken chain has a slot
        state.Records[head] = new PackedDeviceRecord
        {
            WritableBytes = (uint)Math.Min(segments.WritableBytes, uint.MaxValue),
            Id = id,
            SlotCount = (ushort)slots,
        };
        state.TakenCount++;
        state.TakenSlots += slots;
        state.NextAvail.Advance(slots, state.Layout.QueueSize);
        chain = new DescriptorChain(head, scratch[..segments.Count], segments.ReadableCount);
        return RingStatus.Ok;
    }

    /// <summary>Gives a taken chain back. The driver does not see it before <see cref="Publish"/>.</summary>
    /// <param name="head">The chain's <see cref="DescriptorChain.Head"/>. Chains may go back in any order, each once. In order, one that is
    /// not the oldest waits until those before it are back.</param>
    /// <param name="writtenBytes">Bytes written from the start of the chain's writable part; 0 when it has none.</param>
    public void Return(ushort head, uint writtenBytes)
    {
        PackedDeviceState state = _state;
        if (head >= state.Records.Length || state.Records[head].SlotCount == 0 || state.Records[head].IsEarly) ThrowNotTaken();
        if (!state.InOrder)
        {
            WriteUsed(state.Records[head].Id, writtenBytes, state.Records[head].SlotCount);
            Forget(head);
            return;
        }

        state.Records[head].IsEarly = true;
        state.Records[head].EarlyBytes = writtenBytes;
        state.EarlyCount++;
        while (state.EarlyCount != 0 && state.Records[state.OldestHead].IsEarly) // each round takes one of them away
        {
            ushort oldest = state.OldestHead;
            state.OldestHead = (ushort)(oldest + 1 == state.Records.Length ? 0 : oldest + 1); // in order, heads are taken in cyclic order
            state.EarlyCount--;
            AddToBatch(oldest);
            Forget(oldest);
        }
    }

    /// <summary>Shows the driver everything returned since the last call. Nothing returned, nothing written.</summary>
    public void Publish()
    {
        PackedDeviceState state = _state;
        if (state.BatchSlots != 0) EndBatch();
        if (!state.HasPending) return;
        state.HasPending = false;
        state.PublishedSinceInterrupt += state.PendingSlots;
        state.TakenSlots -= state.PendingSlots; // from here on the driver may use them
        state.PendingSlots = 0;
        state.PublishedUsed = state.NextUsed;
        // After used descriptors and payload; pairs with the acquire in PackedQueueDriver.TryReclaim.
        TAccess.StoreRelease(ref _memory.Flags(state.PendingSlot), state.PendingFlags);
    }

    /// <summary>Whether the driver wants to hear of what was published since the last call. Call after <see cref="Publish"/>.</summary>
    /// <returns>True when the driver must be interrupted. One too many is harmless, one too few loses its attention for ever.</returns>
    public bool ShouldInterrupt()
    {
        PackedDeviceState state = _state;
        TAccess.FullFence(); // our flags before their event; PackedQueueDriver.ArmInterrupt fences the other way round
        long published = state.PublishedSinceInterrupt;
        state.PublishedSinceInterrupt = 0;
        uint wanted = TAccess.LoadAcquire(ref _memory.DriverEvent);
        PackedPosition next = state.PublishedUsed;
        return PackedEvent.IsWanted(wanted, state.EventIndex, next.Slot, next.Wrap, published, state.Layout.QueueSize);
    }

    /// <summary>Whether the driver offered something that was not taken yet. Not judged.</summary>
    public bool HasOffered() => // pairs with the release in PackedQueueDriver.Publish
        _state.NextAvail.IsAvailable(TAccess.LoadAcquire(ref _memory.Flags(_state.NextAvail.Slot)));

    /// <summary>Asks the driver for a kick at its next offer. Call when TryTake said Empty.</summary>
    /// <returns>True when an offer slipped in: drain again, for no kick may come.</returns>
    public bool ArmKick()
    {
        PackedDeviceState state = _state;
        uint word = state.EventIndex
            ? PackedEvent.Word(state.NextAvail.EventOffset, PackedEvent.Descriptor)
            : PackedEvent.Word(offset: 0, PackedEvent.Enable);
        TAccess.StoreRelease(ref _memory.DeviceEvent, word);
        TAccess.FullFence(); // our event before their flags; PackedQueueDriver.ShouldKick fences the other way round
        return HasOffered();
    }

    /// <summary>Tells the driver that offers need no kick. A hint: one may still come, and must be taken well.</summary>
    public void DisarmKick() => TAccess.StoreRelease(ref _memory.DeviceEvent, PackedEvent.Word(offset: 0, PackedEvent.Disable));

    /// <summary>Copies a chain of slots. Ends with <paramref name="position"/> at its last one.</summary>
    private RingStatus ReadChain(ref PackedPosition position, ushort headFlags, ref SegmentList segments, out int slots)
    {
        PackedDeviceState state = _state;
        ushort flags = headFlags;
        for (slots = 1; ; slots++) // at most QueueSize rounds: by then no slot is free
        {
            int slot = position.Slot;
            bool isWritable = (flags & (ushort)PackedDescriptorFlags.Write) != 0;
            ulong address = TAccess.Load(ref _memory.Address(slot)).Value;
            uint lengthBytes = TAccess.Load(ref _memory.Length(slot)).Value;
            RingStatus status = segments.Add(new VringSegment(address, lengthBytes), isWritable);
            if (status != RingStatus.Ok) return Fault(status, (uint)slot);
            if ((flags & (ushort)PackedDescriptorFlags.Next) == 0) return RingStatus.Ok;

            position.Advance(1, state.Layout.QueueSize);
            if (state.TakenSlots + slots == state.Layout.QueueSize) return Fault(RingStatus.SlotNotFree, (uint)position.Slot);
            flags = TAccess.Load(ref _memory.Flags(position.Slot)).Value; // ordered by the head's, which was written after it
            if (!position.IsAvailable(flags)) return Fault(RingStatus.LinkNotAvailable, (uint)position.Slot);
            if ((flags & (ushort)PackedDescriptorFlags.Indirect) != 0) return Fault(RingStatus.IndirectWithNext, (uint)position.Slot);
        }
    }

    private RingStatus ReadTable<TMap>(scoped ref TMap map, int slot, ushort flags, scoped ref SegmentList segments)
        where TMap : struct, IBufferMap
    {
        if ((_state.Features & RingFeatures.Indirect) == 0) return Fault(RingStatus.IndirectUnsupported, (uint)slot);
        if ((flags & (ushort)PackedDescriptorFlags.Next) != 0) return Fault(RingStatus.IndirectWithNext, (uint)slot);
        ulong address = TAccess.Load(ref _memory.Address(slot)).Value;
        uint lengthBytes = TAccess.Load(ref _memory.Length(slot)).Value;
        if (lengthBytes == 0 || lengthBytes % PackedDescriptor.SizeBytes != 0) return Fault(RingStatus.IndirectLength, lengthBytes);
        uint count = lengthBytes / PackedDescriptor.SizeBytes;
        if (count > segments.Capacity) return Fault(RingStatus.ChainTooLong, (uint)slot);
        if (!map.TryResolve(address, lengthBytes, out nint table)) return Fault(RingStatus.IndirectUnmapped, (uint)slot);

        for (int index = 0; index < (int)count; index++) // at most as many as the caller takes in one chain
        {
            PackedDescriptor entry = TAccess.Load(ref Entry(table, index)); // one copy; the driver may change the original
            bool isWritable = (entry.Flags & PackedDescriptorFlags.Write) != 0; // the only flag that means something in a table
            RingStatus status = segments.Add(new VringSegment(entry.Address, entry.LengthBytes), isWritable);
            if (status != RingStatus.Ok) return Fault(status, (uint)slot);
        }

        return RingStatus.Ok;
    }

    // SAFETY: the map answered for 16 bytes an entry from here on, and index is below their number.
    private static unsafe ref PackedDescriptor Entry(nint table, int index) => ref ((PackedDescriptor*)table)[index];

    /// <summary>In order: lets one used descriptor stand for the chain and those before it, as far as that is true of them.</summary>
    private void AddToBatch(ushort head)
    {
        PackedDeviceState state = _state;
        bool isLastWhole = state.CoalescesUsed || state.BatchWritten >= state.BatchWritable;
        if (state.BatchSlots != 0 && !isLastWhole) EndBatch();
        PackedDeviceRecord record = state.Records[head];
        state.BatchSlots += record.SlotCount;
        state.BatchId = record.Id;
        state.BatchWritten = record.EarlyBytes;
        state.BatchWritable = record.WritableBytes;
    }

    private void EndBatch()
    {
        PackedDeviceState state = _state;
        WriteUsed(state.BatchId, state.BatchWritten, state.BatchSlots);
        state.BatchSlots = 0;
    }

    /// <summary>Writes a used descriptor and skips the slots that it stands for.</summary>
    private void WriteUsed(ushort id, uint writtenBytes, int slots)
    {
        PackedDeviceState state = _state;
        int slot = state.NextUsed.Slot;
        ushort flags = (ushort)(state.NextUsed.UsedMarks | (writtenBytes == 0 ? 0 : (ushort)PackedDescriptorFlags.Write));
        TAccess.Store(ref _memory.Id(slot), new Le16(id));
        TAccess.Store(ref _memory.Length(slot), new Le32(writtenBytes));
        if (state.HasPending)
        {
            TAccess.Store(ref _memory.Flags(slot), new Le16(flags));
        }
        else
        {
            state.HasPending = true;
            state.PendingSlot = slot;
            state.PendingFlags = flags;
        }

        state.PendingSlots += slots;
        state.NextUsed.Advance(slots, state.Layout.QueueSize);
    }

    /// <summary>The chain is no longer ours; its slots are until the driver may see them.</summary>
    private void Forget(ushort head)
    {
        PackedDeviceState state = _state;
        state.TakenCount--;
        state.Records[head].SlotCount = 0;
        state.Records[head].IsEarly = false;
        state.FreeHeads.Put(head);
    }

    private RingStatus Fault(RingStatus status, uint value)
    {
        _state.FaultValue = value;
        return status;
    }

    [DoesNotReturn]
    private static void ThrowNotTaken() => throw new InvalidOperationException("This chain is not taken, or was returned already.");

    /// <summary>Nobody says where anything lies.</summary>
    private readonly struct NoMap : IBufferMap
    {
        public bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            start = 0;
            return false;
        }
    }

    /// <summary>The segments of a chain as they are found, readable ones first.</summary>
    private ref struct SegmentList(Span<VringSegment> scratch)
    {
        private readonly Span<VringSegment> _scratch = scratch;

        public int Count;
        public int ReadableCount;
        public ulong WritableBytes;

        public readonly int Capacity => _scratch.Length;

        public RingStatus Add(VringSegment segment, bool isWritable)
        {
            if (Count == _scratch.Length) return RingStatus.ChainTooLong;
            if (isWritable) WritableBytes += segment.LengthBytes;
            else if (ReadableCount++ != Count) return RingStatus.ReadableAfterWritable;
            _scratch[Count++] = segment;
            return RingStatus.Ok;
        }
    }
}
