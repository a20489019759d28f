using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The device half of a split queue: takes what the driver offered and returns it used.</summary>
/// <remarks>
/// A view for the length of one batch; it owns nothing and costs a few instructions to make. One thread at a time per queue and half.
/// A batch: <see cref="TryTake(Span{VringSegment}, out DescriptorChain)"/> and <see cref="Return(ushort, uint)"/> until Empty,
/// <see cref="Publish"/>, <see cref="ShouldInterrupt"/>, <see cref="ArmKick"/>. Single buffers go faster taken and returned several at
/// once: the same steps, with the position in registers.
/// Trust: the driver half is another processor. Each shared value is read once into a local, checked, then used.
/// Source: VIRTIO 1.3, 2.7.5 to 2.7.10 and 2.7.14.
/// </remarks>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public readonly ref partial struct SplitQueueDevice<TAccess>
    where TAccess : struct, ISharedAccess
{
    private readonly SplitQueueMemory _memory;
    private readonly DeviceState _state;

    /// <summary>Views a queue in one region.</summary>
    /// <param name="region">The queue: at least as long as the state's layout, 16-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueDevice(Span<byte> region, DeviceState state)
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
    public SplitQueueDevice(Span<byte> table, Span<byte> avail, Span<byte> used, DeviceState state)
    {
        _memory = new SplitQueueMemory(table, avail, used, state.Layout);
        _state = state;
    }

    // SAFETY: a record is reached by a descriptor or slot number below the queue size, which is the array's length: one of ours, or one
    // from outside that was compared with it.
    private ref DeviceRecord Records => ref MemoryMarshal.GetArrayDataReference(_state.Records);

    /// <summary>Takes the oldest offered chain. An indirect table is a fault here: nobody says where it lies.</summary>
    /// <param name="scratch">Where its segments go: as many as the device is ready to take in one chain.</param>
    /// <param name="chain">The chain, over <paramref name="scratch"/>; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>
    /// Ok, Empty, or the driver's fault: IndexTooFarAhead, HeadOutOfRange, HeadTwice, NextOutOfRange, ChainLoops, ChainTooLong,
    /// IndirectUnsupported, ReadableAfterWritable. A fault moves nothing: stop the queue.
    /// </returns>
    public RingStatus TryTake(Span<VringSegment> scratch, out DescriptorChain chain)
    {
        NoMap map = default;
        return TryTake(ref map, scratch, out chain);
    }

    /// <summary>Takes the oldest offered chain, through an indirect table if it has one.</summary>
    /// <param name="map">Finds an indirect table; the segments themselves are not looked up.</param>
    /// <param name="scratch">Where its segments go: as many as the device is ready to take in one chain.</param>
    /// <param name="chain">The chain, over <paramref name="scratch"/>; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>As the other, and IndirectWithNext, IndirectNested, IndirectLength, IndirectUnmapped.</returns>
    public RingStatus TryTake<TMap>(scoped ref TMap map, Span<VringSegment> scratch, out DescriptorChain chain)
        where TMap : struct, IBufferMap
    {
        chain = default;
        ref DeviceCursor cursor = ref _state.Cursor;
        RingStatus status = LookForOffered(ref cursor);
        if (status != RingStatus.Ok) return status;
        ushort head = TAccess.Load(ref _memory.AvailSlot(cursor.NextAvail)).Value;
        if (head > _memory.Mask) return Fault(RingStatus.HeadOutOfRange, head);
        ref DeviceRecord record = ref Unsafe.Add(ref Records, head);
        if (record.State != DeviceRecordState.Driver) return Fault(RingStatus.HeadTwice, head);
        status = Walk(ref map, head, scratch, out int count, out int readableCount);
        if (status != RingStatus.Ok) return status;

        record.State = DeviceRecordState.Taken;
        Unsafe.Add(ref Records, cursor.NextAvail & _memory.Mask).Taken = head;
        cursor.NextAvail++;
        chain = new DescriptorChain(head, scratch[..count], readableCount);
        return RingStatus.Ok;
    }

    /// <summary>Takes the oldest offered buffers, as many as there are and fit; each chain is to be a single direct descriptor.</summary>
    /// <param name="map">Judges each buffer's address and length.</param>
    /// <param name="buffers">Where they go.</param>
    /// <param name="writable">Whether this queue's buffers are ones that the device fills.</param>
    /// <param name="count">How many there were.</param>
    /// <returns>
    /// Ok when there was one; otherwise Empty, or the driver's fault: IndexTooFarAhead, HeadOutOfRange, HeadTwice, ChainTooLong,
    /// IndirectUnsupported, WrongDirection, BufferUnmapped. A fault moves nothing, and what lies before it was taken: stop the queue.
    /// </returns>
    public RingStatus TryTake<TMap>(scoped ref TMap map, Span<VringTaken> buffers, bool writable, out int count)
        where TMap : struct, IBufferMap
    {
        count = 0;
        RingStatus status = RingStatus.Ok;
        while (count < buffers.Length && status == RingStatus.Ok)
        {
            status = LookForOffered(ref _state.Cursor);
            if (status != RingStatus.Ok) break;
            status = TakeKnown(ref map, buffers[count..], writable, out int done);
            count += done;
        }

        return count == 0 ? status : RingStatus.Ok; // a fault behind them moved nothing: the next call meets it
    }

    /// <summary>Gives a taken chain back. The driver does not see it before <see cref="Publish"/>.</summary>
    /// <param name="head">The chain's <see cref="DescriptorChain.Head"/>. Chains may go back in any order, each once; where IN_ORDER was
    /// negotiated the driver sees each only behind the older ones.</param>
    /// <param name="writtenBytes">Bytes written from the start of the chain's writable part; 0 when it has none.</param>
    public void Return(ushort head, uint writtenBytes)
    {
        VringReturned chain = new(head, writtenBytes);
        Return(new ReadOnlySpan<VringReturned>(in chain));
    }

    /// <summary>Gives taken chains back. The driver does not see them before <see cref="Publish"/>.</summary>
    /// <param name="chains">The chains, in any order, each once.</param>
    /// <exception cref="InvalidOperationException">A chain was not taken, or was returned already.</exception>
    public void Return(ReadOnlySpan<VringReturned> chains)
    {
        if ((_state.Features & RingFeatures.InOrder) == 0) ReturnNamed(chains);
        else ReturnInOrder(chains);
    }

    /// <summary>Shows the driver everything returned since the last call. Nothing returned, nothing written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish()
    {
        ref DeviceCursor cursor = ref _state.Cursor;
        ushort next = cursor.NextUsed;
        ushort added = (ushort)(next - cursor.PublishedUsed); // never 65536: each was taken first
        if (added == 0) return;
        if (Coalesces) // one entry for all of them
            WriteUsed(_memory, ref Records, cursor.PublishedUsed, cursor.LastHead, cursor.LastWritten);
        cursor.PublishedUsed = next;
        cursor.PublishedSinceInterrupt += added;
        TAccess.StoreRelease(ref _memory.UsedIndex, next); // after entries and payload; pairs with SplitQueueDriver.TryReclaim
    }

    /// <summary>Whether the driver wants to hear of what was published since the last call. Call after <see cref="Publish"/>.</summary>
    /// <returns>True when the driver must be interrupted. One too many is harmless, one too few loses its attention for ever.</returns>
    public bool ShouldInterrupt()
    {
        ref DeviceCursor cursor = ref _state.Cursor;
        TAccess.FullFence(); // our index before their event or flags; SplitQueueDriver.ArmInterrupt fences the other way round
        long published = cursor.PublishedSinceInterrupt;
        cursor.PublishedSinceInterrupt = 0;
        if (!HasEventIndex) return (TAccess.LoadAcquire(ref _memory.AvailFlags) & VringNotification.AvailNoInterrupt) == 0;

        ushort wanted = TAccess.LoadAcquire(ref _memory.UsedEvent); // any value will do: it only decides whether to interrupt
        ushort newIndex = cursor.PublishedUsed;
        // After 65536 entries every event lies among them; a 16-bit difference would call that none.
        return published > ushort.MaxValue || VringNotification.NeedEvent(wanted, newIndex, (ushort)(newIndex - published));
    }

    /// <summary>Chains that the driver claims to have offered and that were not taken yet. Not judged: any 16-bit number.</summary>
    public int OfferedCount() => // pairs with the release in SplitQueueDriver.Publish
        (ushort)(TAccess.LoadAcquire(ref _memory.AvailIndex) - _state.Cursor.NextAvail);

    /// <summary>Asks the driver for a kick at its next offer. Call when nothing was left to take.</summary>
    /// <returns>True when an offer slipped in: drain again, for no kick may come.</returns>
    public bool ArmKick()
    {
        ushort next = _state.Cursor.NextAvail;
        if (HasEventIndex) TAccess.StoreRelease(ref _memory.AvailEvent, next);
        else TAccess.StoreRelease(ref _memory.UsedFlags, 0);
        TAccess.FullFence(); // our event or flags before their index; SplitQueueDriver.ShouldKick fences the other way round
        return TAccess.LoadAcquire(ref _memory.AvailIndex) != next; // pairs with the release in SplitQueueDriver.Publish
    }

    /// <summary>Tells the driver that offers need no kick. A hint: one may still come, and must be taken well.</summary>
    public void DisarmKick()
    {
        // An event just behind us is passed again only after a whole turn of the index.
        if (HasEventIndex) TAccess.StoreRelease(ref _memory.AvailEvent, (ushort)(_state.Cursor.NextAvail - 1));
        else TAccess.StoreRelease(ref _memory.UsedFlags, VringNotification.UsedNoNotify);
    }
}
