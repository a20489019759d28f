using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The device half of a split queue: takes what the driver offered and returns it used.</summary>
/// <remarks>
/// A view for the length of one batch; it owns nothing and costs a few instructions to make. One thread at a time per queue and half.
/// A batch: <see cref="TryTake"/> and <see cref="Return"/> until Empty, <see cref="Publish"/>, <see cref="ShouldInterrupt"/>,
/// <see cref="ArmKick"/>.
/// Trust: the driver half is another processor. Each shared value is read once into a local, checked, then used.
/// Source: VIRTIO 1.3, 2.7.5 to 2.7.8, 2.7.10 and 2.7.14.
/// </remarks>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public readonly ref struct SplitQueueDevice<TAccess>
    where TAccess : struct, ISharedAccess
{
    private readonly SplitQueueMemory _memory;
    private readonly DeviceState _state;

    /// <summary>Views a queue in memory.</summary>
    /// <param name="region">The queue: at least as long as the state's layout, 16-byte aligned, never moved.</param>
    /// <param name="state">This half's state; changed in place.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueDevice(Span<byte> region, DeviceState state)
    {
        _memory = new SplitQueueMemory(region, state.Layout);
        _state = state;
    }

    /// <summary>Takes the oldest offered chain.</summary>
    /// <param name="scratch">Where its segments go: as many as the device is ready to take in one chain.</param>
    /// <param name="chain">The chain, over <paramref name="scratch"/>; default unless <see cref="RingStatus.Ok"/>.</param>
    /// <returns>
    /// Ok, Empty, or the driver's fault: IndexTooFarAhead, HeadOutOfRange, NextOutOfRange, ChainLoops, ChainTooLong, IndirectUnsupported,
    /// ReadableAfterWritable. A fault moves nothing: stop the queue.
    /// </returns>
    public RingStatus TryTake(Span<VringSegment> scratch, out DescriptorChain chain)
    {
        chain = default;
        DeviceState state = _state;
        if (state.NextAvail == state.SeenAvail)
        {
            ushort published = TAccess.LoadAcquire(ref _memory.AvailIndex); // pairs with the release in SplitQueueDriver.Publish
            ushort waiting = (ushort)(published - state.NextAvail); // u16 on purpose: the index wraps at 65536, not at the queue size
            if (waiting == 0) return RingStatus.Empty;
            if (waiting + state.TakenCount > state.Layout.QueueSize) return Fault(RingStatus.IndexTooFarAhead, published);
            state.SeenAvail = published;
        }

        ushort head = TAccess.Load(ref _memory.AvailSlot(state.NextAvail)).Value;
        if (head >= state.Layout.QueueSize) return Fault(RingStatus.HeadOutOfRange, head);
        RingStatus status = Walk(head, scratch, out int count, out int readableCount);
        if (status != RingStatus.Ok) return status;

        state.NextAvail++;
        chain = new DescriptorChain(head, scratch[..count], readableCount);
        return RingStatus.Ok;
    }

    /// <summary>Gives a taken chain back. The driver does not see it before <see cref="Publish"/>.</summary>
    /// <param name="head">The chain's <see cref="DescriptorChain.Head"/>. Chains may go back in any order, each once.</param>
    /// <param name="writtenBytes">Bytes written from the start of the chain's writable part; 0 when it has none.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(ushort head, uint writtenBytes)
    {
        DeviceState state = _state;
        if (state.TakenCount == 0) ThrowNothingTaken();
        TAccess.Store(ref _memory.UsedSlot(state.NextUsed), new VringUsedElement(head, writtenBytes));
        state.NextUsed++;
    }

    /// <summary>Shows the driver everything returned since the last call. Nothing returned, nothing written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish()
    {
        DeviceState state = _state;
        ushort added = (ushort)(state.NextUsed - state.PublishedUsed); // never 65536: each was taken first
        if (added == 0) return;
        state.PublishedUsed = state.NextUsed;
        state.PublishedSinceInterrupt += added;
        TAccess.StoreRelease(ref _memory.UsedIndex, state.NextUsed); // after entries and payload; pairs with SplitQueueDriver.TryReclaim
    }

    /// <summary>Whether the driver wants to hear of what was published since the last call. Call after <see cref="Publish"/>.</summary>
    /// <returns>True when the driver must be interrupted. One too many is harmless, one too few loses its attention for ever.</returns>
    public bool ShouldInterrupt()
    {
        DeviceState state = _state;
        TAccess.FullFence(); // our index before their event or flags; SplitQueueDriver.ArmInterrupt fences the other way round
        long published = state.PublishedSinceInterrupt;
        state.PublishedSinceInterrupt = 0;
        if (!state.EventIndex) return (TAccess.LoadAcquire(ref _memory.AvailFlags) & VringNotification.AvailNoInterrupt) == 0;

        ushort wanted = TAccess.LoadAcquire(ref _memory.UsedEvent); // any value will do: it only decides whether to interrupt
        ushort newIndex = state.PublishedUsed;
        // After 65536 entries every event lies among them; a 16-bit difference would call that none.
        return published > ushort.MaxValue || VringNotification.NeedEvent(wanted, newIndex, (ushort)(newIndex - published));
    }

    /// <summary>Chains that the driver claims to have offered and that were not taken yet. Not judged: any 16-bit number.</summary>
    public int OfferedCount() => // pairs with the release in SplitQueueDriver.Publish
        (ushort)(TAccess.LoadAcquire(ref _memory.AvailIndex) - _state.NextAvail);

    /// <summary>Asks the driver for a kick at its next offer. Call when <see cref="TryTake"/> said Empty.</summary>
    /// <returns>True when an offer slipped in: drain again, for no kick may come.</returns>
    public bool ArmKick()
    {
        DeviceState state = _state;
        if (state.EventIndex) TAccess.StoreRelease(ref _memory.AvailEvent, state.NextAvail);
        else TAccess.StoreRelease(ref _memory.UsedFlags, 0);
        TAccess.FullFence(); // our event or flags before their index; SplitQueueDriver.ShouldKick fences the other way round
        return TAccess.LoadAcquire(ref _memory.AvailIndex) != state.NextAvail; // pairs with the release in SplitQueueDriver.Publish
    }

    /// <summary>Tells the driver that offers need no kick. A hint: one may still come, and must be taken well.</summary>
    public void DisarmKick()
    {
        // An event just behind us is passed again only after a whole turn of the index.
        if (_state.EventIndex) TAccess.StoreRelease(ref _memory.AvailEvent, (ushort)(_state.NextAvail - 1));
        else TAccess.StoreRelease(ref _memory.UsedFlags, VringNotification.UsedNoNotify);
    }

    private RingStatus Walk(ushort head, Span<VringSegment> scratch, out int count, out int readableCount)
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
            if ((flags & VringDescriptorFlags.Indirect) != 0) return Fault(RingStatus.IndirectUnsupported, index);
            if ((flags & VringDescriptorFlags.Write) == 0)
            {
                if (readableCount != count) return Fault(RingStatus.ReadableAfterWritable, index);
                readableCount++;
            }
            scratch[count++] = new VringSegment(descriptor.Address, descriptor.LengthBytes);
            if ((flags & VringDescriptorFlags.Next) == 0) return RingStatus.Ok;

            index = descriptor.Next;
            if (index >= queueSize) return Fault(RingStatus.NextOutOfRange, index);
        }
    }

    private RingStatus Fault(RingStatus status, uint value)
    {
        _state.FaultValue = value;
        return status;
    }

    [DoesNotReturn]
    private static void ThrowNothingTaken() => throw new InvalidOperationException("Every chain that was taken has been returned.");
}
