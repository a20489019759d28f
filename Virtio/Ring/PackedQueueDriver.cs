using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The driver half of a packed queue: offers buffers to the device and reclaims them.</summary>
/// <remarks>
/// A view for the length of one batch; it owns nothing and costs a few instructions to make. One thread at a time per queue and half.
/// A batch: <see cref="TryOffer(VringSegment, bool, int)"/> as often as there is something, <see cref="Publish"/>,
/// <see cref="ShouldKick"/>. The flags of a batch's first slot are written last, so that all of it appears at once.
/// Trust: the device half is another processor. Each shared value is read once into a local, checked, then used; how many slots a chain
/// has is never read back.
/// Source: VIRTIO 1.3, 2.8; Linux drivers/virtio/virtio_ring.c, virtqueue_add_packed, virtqueue_get_buf_ctx_packed,
/// virtqueue_kick_prepare_packed, virtqueue_enable_cb_prepare_packed, virtqueue_disable_cb_packed.
/// </remarks>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public readonly ref struct PackedQueueDriver<TAccess>
    where TAccess : struct, ISharedAccess
{
    private readonly PackedQueueMemory _memory;
    private readonly PackedDriverState _state;

    /// <summary>Views a queue that lies in one region, as its layout says.</summary>
    /// <param name="region">At least as long as the state's layout, 16-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    public PackedQueueDriver(Span<byte> region, PackedDriverState state)
        : this(region, region[state.Layout.DriverEventOffset..], region[state.Layout.DeviceEventOffset..], state)
    {
    }

    /// <summary>Views a queue whose three parts lie anywhere.</summary>
    /// <param name="descriptors">The descriptor ring: 16 bytes a slot, 16-byte aligned, never moved.</param>
    /// <param name="driverEvent">Driver event suppression: 4 bytes, 4-byte aligned, never moved.</param>
    /// <param name="deviceEvent">Device event suppression: likewise.</param>
    /// <param name="state">This half's state; changed in place.</param>
    public PackedQueueDriver(Span<byte> descriptors, Span<byte> driverEvent, Span<byte> deviceEvent, PackedDriverState state)
    {
        _memory = new PackedQueueMemory(descriptors, driverEvent, deviceEvent, state.Layout);
        _state = state;
    }

    /// <summary>Offers one buffer. The device does not see it before <see cref="Publish"/>.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="writable">True for a buffer that the device fills, false for one that it reads.</param>
    /// <param name="token">Given back by <see cref="TryReclaim"/> with this buffer.</param>
    /// <returns>Ok or Full; Full changes nothing.</returns>
    public RingStatus TryOffer(VringSegment buffer, bool writable, int token)
    {
        if (_state.FreeCount == 0) return RingStatus.Full;
        ushort id = Begin(slotCount: 1, writable ? buffer.LengthBytes : 0, token);
        PackedDescriptorFlags flags = writable ? PackedDescriptorFlags.Write : PackedDescriptorFlags.None;
        PutHead(_state.NextAvail, Put(_state.NextAvail, buffer, id, flags), slotCount: 1);
        return RingStatus.Ok;
    }

    /// <summary>Offers a chain of buffers. The device does not see it before <see cref="Publish"/>.</summary>
    /// <param name="readable">Buffers that the device reads, in order.</param>
    /// <param name="writable">Buffers that the device fills, in order; they follow the readable ones. Not both may be empty.</param>
    /// <param name="token">Given back by <see cref="TryReclaim"/> with this chain.</param>
    /// <returns>Ok, or Full when fewer slots are free than the chain has buffers; Full changes nothing.</returns>
    /// <exception cref="ArgumentException">No buffer, or more than 2^32 bytes.</exception>
    public RingStatus TryOffer(ReadOnlySpan<VringSegment> readable, ReadOnlySpan<VringSegment> writable, int token)
    {
        PackedDriverState state = _state;
        int length = readable.Length + writable.Length;
        uint writableBytes = ChainLimit.Check(readable, writable);
        if (length > state.FreeCount) return RingStatus.Full;

        ushort id = Begin(length, writableBytes, token);
        PackedPosition position = state.NextAvail;
        ushort headFlags = 0;
        for (int index = 0; index < length; index++) // at most QueueSize: FreeCount said so
        {
            bool isReadable = index < readable.Length;
            VringSegment segment = isReadable ? readable[index] : writable[index - readable.Length];
            PackedDescriptorFlags flags = (isReadable ? PackedDescriptorFlags.None : PackedDescriptorFlags.Write)
                | (index == length - 1 ? PackedDescriptorFlags.None : PackedDescriptorFlags.Next);
            ushort word = Put(position, segment, id, flags);
            if (index == 0) headFlags = word;
            else TAccess.Store(ref _memory.Flags(position.Slot), new Le16(word));
            position.Advance(1, state.Layout.QueueSize);
        }

        PutHead(state.NextAvail, headFlags, length);
        return RingStatus.Ok;
    }

    /// <summary>Offers a chain of buffers in one slot, through an indirect table. The device does not see it before
    /// <see cref="Publish"/>.</summary>
    /// <param name="table">Where the table goes: memory that the device reaches, 16 bytes a buffer; the caller's again when the chain is
    /// reclaimed.</param>
    /// <param name="tableAddress">Its first byte, as the device sees it.</param>
    /// <param name="readable">Buffers that the device reads, in order.</param>
    /// <param name="writable">Buffers that the device fills, in order. Not both may be empty; together at most the queue size.</param>
    /// <param name="token">Given back by <see cref="TryReclaim"/> with this chain.</param>
    /// <returns>Ok, or Full when no slot is free; Full changes nothing.</returns>
    /// <exception cref="InvalidOperationException">Indirect descriptors were not negotiated.</exception>
    /// <exception cref="ArgumentException">No buffer, more than 2^32 bytes or more buffers than the queue has descriptors, or too short a
    /// table.</exception>
    public RingStatus TryOfferIndirect(Span<byte> table, ulong tableAddress, ReadOnlySpan<VringSegment> readable,
        ReadOnlySpan<VringSegment> writable, int token)
    {
        PackedDriverState state = _state;
        int length = readable.Length + writable.Length;
        uint writableBytes = ChainLimit.Check(readable, writable);
        if ((state.Features & RingFeatures.Indirect) == 0) ThrowNotNegotiated();
        Span<PackedDescriptor> entries = MemoryMarshal.Cast<byte, PackedDescriptor>(table);
        if (length > state.Layout.QueueSize || entries.Length < length) ThrowTableTooShort();
        if (state.FreeCount == 0) return RingStatus.Full;

        for (int index = 0; index < length; index++)
        {
            bool isReadable = index < readable.Length;
            VringSegment segment = isReadable ? readable[index] : writable[index - readable.Length];
            PackedDescriptorFlags flags = isReadable ? PackedDescriptorFlags.None : PackedDescriptorFlags.Write;
            TAccess.Store(ref entries[index], new PackedDescriptor(segment.Address, segment.LengthBytes, id: 0, flags));
        }

        ushort id = Begin(slotCount: 1, writableBytes, token);
        VringSegment whole = new(tableAddress, (uint)(PackedDescriptor.SizeBytes * length));
        PutHead(state.NextAvail, Put(state.NextAvail, whole, id, PackedDescriptorFlags.Indirect), slotCount: 1);
        return RingStatus.Ok;
    }

    /// <summary>Shows the device everything offered since the last call. Nothing offered, nothing written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish()
    {
        PackedDriverState state = _state;
        if (state.PendingSlots == 0) return;
        state.PublishedSinceKick += state.PendingSlots;
        state.PendingSlots = 0;
        state.PublishedAvail = state.NextAvail;
        state.PublishedSerial = state.NextSerial;
        // After descriptors, tables and payload; pairs with the acquire in PackedQueueDevice.TryTake.
        TAccess.StoreRelease(ref _memory.Flags(state.PendingHead), state.PendingFlags);
    }

    /// <summary>Whether the device wants to hear of what was published since the last call. Call after <see cref="Publish"/>.</summary>
    /// <returns>True when the queue must be kicked. A kick too many is harmless, one too few loses the device's attention for
    /// ever.</returns>
    public bool ShouldKick()
    {
        PackedDriverState state = _state;
        TAccess.FullFence(); // our flags before their event; PackedQueueDevice.ArmKick fences the other way round
        long published = state.PublishedSinceKick;
        state.PublishedSinceKick = 0;
        uint wanted = TAccess.LoadAcquire(ref _memory.DeviceEvent);
        PackedPosition next = state.PublishedAvail;
        return PackedEvent.IsWanted(wanted, state.EventIndex, next.Slot, next.Wrap, published, state.Layout.QueueSize);
    }

    /// <summary>Whether the device returned something that was not reclaimed yet.</summary>
    public bool HasUsed() => // pairs with the release in PackedQueueDevice.Publish
        _state.InBatch || _state.NextUsed.IsUsed(TAccess.LoadAcquire(ref _memory.Flags(_state.NextUsed.Slot)));

    /// <summary>Takes back the oldest returned chain; its slots are free again.</summary>
    /// <param name="token">What was given with the chain; 0 unless <see cref="RingStatus.Ok"/>.</param>
    /// <param name="writtenBytes">
    /// What the device claims to have written: the caller checks it against what it lent. In order, the whole of the writable part for a
    /// chain that a later one stands for. 0 unless Ok.
    /// </param>
    /// <returns>Ok, Empty, or the device's fault: IdOutOfRange, IdNotAHead. A fault moves nothing: stop the queue.</returns>
    /// <remarks>While interrupts are armed with event indices, each call moves the event and pays a full fence: disarm them for a long
    /// drain.</remarks>
    public RingStatus TryReclaim(out int token, out uint writtenBytes)
    {
        token = 0;
        writtenBytes = 0;
        PackedDriverState state = _state;
        if (!state.InBatch)
        {
            RingStatus status = ReadUsed(out ushort usedId, out uint usedBytes);
            if (status != RingStatus.Ok) return status;
            state.InBatch = true;
            state.BatchId = usedId;
            state.BatchWritten = usedBytes;
        }

        ushort id = state.InOrder ? state.OldestId : state.BatchId;
        ref PackedDriverRecord record = ref state.Records[id];
        state.InBatch = id != state.BatchId;
        token = record.Token;
        writtenBytes = state.InBatch ? record.WritableBytes : state.BatchWritten;
        state.OldestId = (ushort)(id + 1 == state.Records.Length ? 0 : id + 1); // in order, ids are taken in cyclic order
        state.NextUsed.Advance(record.SlotCount, state.Layout.QueueSize);
        state.FreeCount += record.SlotCount;
        state.FreeIds.Put(id);
        record.SlotCount = 0;
        if (state.EventFlags == PackedEvent.Descriptor)
        {
            TAccess.StoreRelease(ref _memory.DriverEvent, PackedEvent.Word(state.NextUsed.EventOffset, PackedEvent.Descriptor));
            TAccess.FullFence(); // our event before the next look at their flags; pairs with PackedQueueDevice.ShouldInterrupt
        }
        return RingStatus.Ok;
    }

    /// <summary>Asks the device for an interrupt at its next return.</summary>
    /// <returns>True when a return slipped in: reclaim again, for no interrupt may come.</returns>
    public bool ArmInterrupt()
    {
        PackedDriverState state = _state;
        state.EventFlags = state.EventIndex ? PackedEvent.Descriptor : PackedEvent.Enable;
        ushort offset = state.EventIndex ? state.NextUsed.EventOffset : (ushort)0;
        TAccess.StoreRelease(ref _memory.DriverEvent, PackedEvent.Word(offset, state.EventFlags));
        TAccess.FullFence(); // our event before their flags; PackedQueueDevice.ShouldInterrupt fences the other way round
        return HasUsed();
    }

    /// <summary>Tells the device that returns need no interrupt. A hint: one may still come, and must be taken well.</summary>
    public void DisarmInterrupt()
    {
        _state.EventFlags = PackedEvent.Disable;
        TAccess.StoreRelease(ref _memory.DriverEvent, PackedEvent.Word(offset: 0, PackedEvent.Disable));
    }

    private RingStatus ReadUsed(out ushort id, out uint writtenBytes)
    {
        PackedDriverState state = _state;
        int slot = state.NextUsed.Slot;
        id = 0;
        writtenBytes = 0;
        ushort flags = TAccess.LoadAcquire(ref _memory.Flags(slot)); // pairs with the release in PackedQueueDevice.Publish
        if (!state.NextUsed.IsUsed(flags)) return RingStatus.Empty;

        id = TAccess.Load(ref _memory.Id(slot)).Value;
        if (id >= state.Records.Length) return Fault(RingStatus.IdOutOfRange, id);
        PackedDriverRecord record = state.Records[id];
        bool isPublished = record.Serial < state.PublishedSerial; // what was not cannot have been used
        if (record.SlotCount == 0 || !isPublished) return Fault(RingStatus.IdNotAHead, id);
        bool hasLength = (flags & (ushort)PackedDescriptorFlags.Write) != 0; // else the length field means nothing
        writtenBytes = hasLength ? TAccess.Load(ref _memory.Length(slot)).Value : 0;
        return RingStatus.Ok;
    }

    private ushort Begin(int slotCount, uint writableBytes, int token)
    {
        PackedDriverState state = _state;
        ushort id = state.FreeIds.Take(); // no fewer ids than slots are free: each outstanding one has a slot
        state.FreeCount -= slotCount;
        state.Records[id] = new PackedDriverRecord
        {
            Token = token,
            WritableBytes = writableBytes,
            Serial = state.NextSerial++,
            SlotCount = (ushort)slotCount,
        };
        return id;
    }

    /// <summary>Writes a descriptor but for its flags.</summary>
    /// <returns>The flags that make it available.</returns>
    private ushort Put(PackedPosition position, VringSegment segment, ushort id, PackedDescriptorFlags flags)
    {
        TAccess.Store(ref _memory.Address(position.Slot), new Le64(segment.Address));
        TAccess.Store(ref _memory.Length(position.Slot), new Le32(segment.LengthBytes));
        TAccess.Store(ref _memory.Id(position.Slot), new Le16(id));
        return (ushort)((ushort)flags | position.AvailableMarks);
    }

    /// <summary>Makes a chain available behind the others of its batch; the flags of the batch's first slot wait for Publish.</summary>
    private void PutHead(PackedPosition head, ushort flags, int slotCount)
    {
        PackedDriverState state = _state;
        if (state.PendingSlots == 0)
        {
            state.PendingHead = head.Slot;
            state.PendingFlags = flags;
        }
        else
        {
            TAccess.Store(ref _memory.Flags(head.Slot), new Le16(flags));
        }

        state.PendingSlots += slotCount;
        state.NextAvail.Advance(slotCount, state.Layout.QueueSize);
    }

    private RingStatus Fault(RingStatus status, uint value)
    {
        _state.FaultValue = value;
        return status;
    }

    [DoesNotReturn]
    private static void ThrowTableTooShort() =>
        throw new ArgumentException("A table has 16 bytes for each buffer, and no more buffers than the queue has descriptors.");

    [DoesNotReturn]
    private static void ThrowNotNegotiated() => throw new InvalidOperationException("Indirect descriptors were not negotiated.");
}
