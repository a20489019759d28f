using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The driver half of a split queue: offers buffers to the device and reclaims them.</summary>
/// <remarks>
/// A view for the length of one batch; it owns nothing and costs a few instructions to make. One thread at a time per queue and half.
/// A batch: <see cref="TryOffer(VringSegment, bool, int)"/> as often as there is something, <see cref="Publish"/>,
/// <see cref="ShouldKick"/>.
/// Trust: the device half is another processor. Each shared value is read once into a local, checked, then used; what the table
/// says about a chain is never read back.
/// Source: VIRTIO 1.3, 2.7.13 and 2.7.14; Linux drivers/virtio/virtio_ring.c, virtqueue_add_split, virtqueue_get_buf_ctx_split,
/// virtqueue_kick_prepare_split, virtqueue_enable_cb_prepare_split, virtqueue_disable_cb_split.
/// </remarks>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public readonly ref struct SplitQueueDriver<TAccess>
    where TAccess : struct, ISharedAccess
{
    private readonly SplitQueueMemory _memory;
    private readonly DriverState _state;

    /// <summary>Views a queue in memory.</summary>
    /// <param name="region">The queue: at least as long as the state's layout, 16-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueDriver(Span<byte> region, DriverState state)
    {
        _memory = new SplitQueueMemory(region, state.Layout);
        _state = state;
    }

    /// <summary>Offers one buffer. The device does not see it before <see cref="Publish"/>.</summary>
    /// <param name="buffer">The buffer.</param>
    /// <param name="writable">True for a buffer that the device fills, false for one that it reads.</param>
    /// <param name="token">Given back by <see cref="TryReclaim"/> with this buffer.</param>
    /// <returns>Ok or Full; Full changes nothing.</returns>
    public RingStatus TryOffer(VringSegment buffer, bool writable, int token)
    {
        DriverState state = _state;
        if (state.FreeCount == 0) return RingStatus.Full;

        ushort head = state.FreeHead;
        VringDescriptorFlags flags = writable ? VringDescriptorFlags.Write : VringDescriptorFlags.None;
        TAccess.Store(ref _memory.Descriptor(head), new VringDescriptor(buffer.Address, buffer.LengthBytes, flags, next: 0));
        state.FreeHead = state.Next[head];
        Commit(head, length: 1, token);
        return RingStatus.Ok;
    }

    /// <summary>Offers a chain of buffers. The device does not see it before <see cref="Publish"/>.</summary>
    /// <param name="readable">Buffers that the device reads, in order.</param>
    /// <param name="writable">Buffers that the device fills, in order; they follow the readable ones. Not both may be empty.</param>
    /// <param name="token">Given back by <see cref="TryReclaim"/> with this chain.</param>
    /// <returns>Ok, or Full when fewer descriptors are free than the chain has buffers; Full changes nothing.</returns>
    public RingStatus TryOffer(ReadOnlySpan<VringSegment> readable, ReadOnlySpan<VringSegment> writable, int token)
    {
        DriverState state = _state;
        int length = readable.Length + writable.Length;
        if (length == 0) ThrowEmptyChain();
        if (length > state.FreeCount) return RingStatus.Full;

        ushort head = state.FreeHead;
        ushort index = head;
        for (int position = 0; position < length; position++) // at most QueueSize: FreeCount said so
        {
            bool isReadable = position < readable.Length;
            VringSegment segment = isReadable ? readable[position] : writable[position - readable.Length];
            bool isLast = position == length - 1;
            VringDescriptorFlags flags = (isReadable ? VringDescriptorFlags.None : VringDescriptorFlags.Write)
                | (isLast ? VringDescriptorFlags.None : VringDescriptorFlags.Next);
            ushort next = state.Next[index];
            VringDescriptor descriptor = new(segment.Address, segment.LengthBytes, flags, isLast ? (ushort)0 : next);
            TAccess.Store(ref _memory.Descriptor(index), descriptor);
            index = next;
        }
        state.FreeHead = index;
        Commit(head, length, token);
        return RingStatus.Ok;
    }

    /// <summary>Shows the device everything offered since the last call. Nothing offered, nothing written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish()
    {
        DriverState state = _state;
        ushort added = (ushort)(state.NextAvail - state.PublishedAvail); // never 65536: no more than QueueSize chains are outstanding
        if (added == 0) return;
        state.PublishedAvail = state.NextAvail;
        state.PublishedSinceKick += added;
        TAccess.StoreRelease(ref _memory.AvailIndex, state.NextAvail); // after descriptors and entries; pairs with SplitQueueDevice.TryTake
    }

    /// <summary>Whether the device wants to hear of what was published since the last call. Call after <see cref="Publish"/>.</summary>
    /// <returns>True when the queue must be kicked. A kick too many is harmless, one too few loses the device's attention for
    /// ever.</returns>
    public bool ShouldKick()
    {
        DriverState state = _state;
        TAccess.FullFence(); // our index before their event or flags; SplitQueueDevice.ArmKick fences the other way round
        long published = state.PublishedSinceKick;
        state.PublishedSinceKick = 0;
        if (!state.EventIndex) return (TAccess.LoadAcquire(ref _memory.UsedFlags) & VringNotification.UsedNoNotify) == 0;

        ushort wanted = TAccess.LoadAcquire(ref _memory.AvailEvent); // any value will do: it only decides whether to kick
        ushort newIndex = state.PublishedAvail;
        // After 65536 entries every event lies among them; a 16-bit difference would call that none.
        return published > ushort.MaxValue || VringNotification.NeedEvent(wanted, newIndex, (ushort)(newIndex - published));
    }

    /// <summary>Whether the device returned something that was not reclaimed yet.</summary>
    public bool HasUsed() => TAccess.LoadAcquire(ref _memory.UsedIndex) != _state.NextUsed; // pairs with SplitQueueDevice.Publish

    /// <summary>Chains that the device claims to have returned and that were not reclaimed yet. Not judged: any 16-bit number.</summary>
    public int UsedCount() => // pairs with SplitQueueDevice.Publish
        (ushort)(TAccess.LoadAcquire(ref _memory.UsedIndex) - _state.NextUsed);

    /// <summary>Takes back the oldest returned chain; its descriptors are free again.</summary>
    /// <param name="token">What was given with the chain; 0 unless <see cref="RingStatus.Ok"/>.</param>
    /// <param name="writtenBytes">What the device claims to have written: the caller checks it against what it lent. 0 unless Ok.</param>
    /// <returns>Ok, Empty, or the device's fault: IndexTooFarAhead, IdOutOfRange, IdNotAHead. A fault moves nothing: stop the
    /// queue.</returns>
    /// <remarks>While interrupts are armed with event indices, each call moves the event and pays a full fence: disarm them for a long
    /// drain.</remarks>
    public RingStatus TryReclaim(out int token, out uint writtenBytes)
    {
        token = 0;
        writtenBytes = 0;
        DriverState state = _state;
        if (state.NextUsed == state.SeenUsed)
        {
            ushort published = TAccess.LoadAcquire(ref _memory.UsedIndex); // pairs with the release in SplitQueueDevice.Publish
            if ((ushort)(published - state.NextUsed) > state.Next.Length) return Fault(RingStatus.IndexTooFarAhead, published);
            if (published == state.NextUsed) return RingStatus.Empty;
            state.SeenUsed = published;
        }

        VringUsedElement element = TAccess.Load(ref _memory.UsedSlot(state.NextUsed));
        uint id = element.Id;
        if (id >= (uint)state.ChainLength.Length) return Fault(RingStatus.IdOutOfRange, id);
        int length = state.ChainLength[id];
        if (length == 0) return Fault(RingStatus.IdNotAHead, id);

        token = state.Tokens[id];
        writtenBytes = element.WrittenBytes;
        Free((ushort)id, length);
        state.NextUsed++;
        if (state.EventIndex && state.InterruptArmed)
        {
            TAccess.StoreRelease(ref _memory.UsedEvent, state.NextUsed);
            TAccess.FullFence(); // our event before the next look at their index; pairs with SplitQueueDevice.ShouldInterrupt
        }
        return RingStatus.Ok;
    }

    /// <summary>Asks the device for an interrupt at its next return.</summary>
    /// <returns>True when a return slipped in: reclaim again, for no interrupt may come.</returns>
    public bool ArmInterrupt()
    {
        DriverState state = _state;
        state.InterruptArmed = true;
        if (state.EventIndex) TAccess.StoreRelease(ref _memory.UsedEvent, state.NextUsed);
        else TAccess.StoreRelease(ref _memory.AvailFlags, 0);
        TAccess.FullFence(); // our event or flags before their index; SplitQueueDevice.ShouldInterrupt fences the other way round
        return HasUsed();
    }

    /// <summary>Tells the device that returns need no interrupt. A hint: one may still come, and must be taken well.</summary>
    public void DisarmInterrupt()
    {
        DriverState state = _state;
        state.InterruptArmed = false;
        // An event just behind us is passed again only after a whole turn of the index.
        if (state.EventIndex) TAccess.StoreRelease(ref _memory.UsedEvent, (ushort)(state.NextUsed - 1));
        else TAccess.StoreRelease(ref _memory.AvailFlags, VringNotification.AvailNoInterrupt);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Commit(ushort head, int length, int token)
    {
        DriverState state = _state;
        state.FreeCount -= length;
        state.ChainLength[head] = (ushort)length;
        state.Tokens[head] = token;
        TAccess.Store(ref _memory.AvailSlot(state.NextAvail), new Le16(head));
        state.NextAvail++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Free(ushort head, int length)
    {
        DriverState state = _state;
        ushort last = head;
        for (int step = 1; step < length; step++) last = state.Next[last]; // our own links, at most QueueSize of them
        if (state.FreeCount == 0) state.FreeHead = head;
        else state.Next[state.FreeTail] = head;
        state.FreeTail = last;
        state.FreeCount += length;
        state.ChainLength[head] = 0;
    }

    private RingStatus Fault(RingStatus status, uint value)
    {
        _state.FaultValue = value;
        return status;
    }

    [DoesNotReturn]
    private static void ThrowEmptyChain() => throw new ArgumentException("A chain has at least one buffer.");
}
