using System;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>The driver's half of a virtqueue of either layout, as the loops use it. A struct, so that no call of it is virtual.</summary>
internal interface IDriverQueue
{
    /// <summary>Offers buffers; there is a descriptor for each.</summary>
    void Offer(ReadOnlySpan<VringBuffer> buffers, bool writable);

    /// <summary>Takes back what was returned.</summary>
    RingStatus TryReclaim(Span<VringReclaimed> chains, out int count);

    /// <summary>Shows the device what was offered.</summary>
    void Publish();

    /// <summary>Whether the device is to be kicked.</summary>
    bool ShouldKick();

    /// <summary>Asks for interrupts.</summary>
    /// <returns>True when something slipped in.</returns>
    bool ArmInterrupt();

    /// <summary>Wants no interrupts.</summary>
    void DisarmInterrupt();
}

/// <summary>The device's half of a virtqueue of either layout.</summary>
internal interface IDeviceQueue
{
    /// <summary>Takes buffers that were offered.</summary>
    RingStatus TryTake(Span<VringTaken> buffers, bool writable, out int count);

    /// <summary>Returns buffers.</summary>
    void Return(ReadOnlySpan<VringReturned> chains);

    /// <summary>Shows the driver what was returned.</summary>
    void Publish();

    /// <summary>Whether the driver is to be interrupted.</summary>
    bool ShouldInterrupt();

    /// <summary>Asks for kicks.</summary>
    /// <returns>True when something slipped in.</returns>
    bool ArmKick();

    /// <summary>Wants no kicks.</summary>
    void DisarmKick();
}

/// <summary>Device addresses are offsets into the queue's memory; each is judged.</summary>
/// <param name="start">The memory.</param>
/// <param name="lengthBytes">Its length.</param>
internal readonly struct OffsetMap(nint start, int lengthBytes) : IBufferMap
{
    /// <inheritdoc/>
    public bool TryResolve(ulong address, uint bufferBytes, out nint bufferStart)
    {
        bool isInside = bufferBytes <= (uint)lengthBytes && address <= (ulong)lengthBytes - bufferBytes;
        bufferStart = isInside ? start + (nint)address : 0;
        return isInside;
    }
}

// SAFETY, for the four structs below: the region lies in the lane's shared memory, which outlives the half.

/// <summary>The driver's half of a split queue.</summary>
internal readonly unsafe struct SplitDriverQueue(nint region, DriverState state) : IDriverQueue
{
    private SplitQueueDriver<HostAccess> Queue => new(new Span<byte>((void*)region, state.Layout.SizeBytes), state);

    /// <inheritdoc/>
    public void Offer(ReadOnlySpan<VringBuffer> buffers, bool writable) => _ = Queue.Offer(buffers, writable); // all: the caller counts

    /// <inheritdoc/>
    public RingStatus TryReclaim(Span<VringReclaimed> chains, out int count) => Queue.TryReclaim(chains, out count);

    /// <inheritdoc/>
    public void Publish() => Queue.Publish();

    /// <inheritdoc/>
    public bool ShouldKick() => Queue.ShouldKick();

    /// <inheritdoc/>
    public bool ArmInterrupt() => Queue.ArmInterrupt();

    /// <inheritdoc/>
    public void DisarmInterrupt() => Queue.DisarmInterrupt();
}

/// <summary>The device's half of a split queue.</summary>
internal readonly unsafe struct SplitDeviceQueue(nint region, DeviceState state, OffsetMap map) : IDeviceQueue
{
    private SplitQueueDevice<HostAccess> Queue => new(new Span<byte>((void*)region, state.Layout.SizeBytes), state);

    /// <inheritdoc/>
    public RingStatus TryTake(Span<VringTaken> buffers, bool writable, out int count)
    {
        OffsetMap own = map;
        return Queue.TryTake(ref own, buffers, writable, out count);
    }

    /// <inheritdoc/>
    public void Return(ReadOnlySpan<VringReturned> chains) => Queue.Return(chains);

    /// <inheritdoc/>
    public void Publish() => Queue.Publish();

    /// <inheritdoc/>
    public bool ShouldInterrupt() => Queue.ShouldInterrupt();

    /// <inheritdoc/>
    public bool ArmKick() => Queue.ArmKick();

    /// <inheritdoc/>
    public void DisarmKick() => Queue.DisarmKick();
}

/// <summary>The driver's half of a packed queue.</summary>
internal readonly unsafe struct PackedDriverQueue(nint region, PackedDriverState state) : IDriverQueue
{
    private PackedQueueDriver<HostAccess> Queue => new(new Span<byte>((void*)region, state.Layout.SizeBytes), state);

    /// <inheritdoc/>
    public void Offer(ReadOnlySpan<VringBuffer> buffers, bool writable)
    {
        PackedQueueDriver<HostAccess> queue = Queue;
        foreach (VringBuffer buffer in buffers)
            _ = queue.TryOffer(new VringSegment(buffer.Address, buffer.LengthBytes), writable, buffer.Token); // all: the caller counts
    }

    /// <inheritdoc/>
    public RingStatus TryReclaim(Span<VringReclaimed> chains, out int count)
    {
        PackedQueueDriver<HostAccess> queue = Queue;
        RingStatus status = RingStatus.Ok;
        for (count = 0; count < chains.Length; count++)
        {
            status = queue.TryReclaim(out int token, out uint writtenBytes);
            if (status != RingStatus.Ok) break;
            chains[count] = new VringReclaimed(token, writtenBytes);
        }

        return count > 0 ? RingStatus.Ok : status;
    }

    /// <inheritdoc/>
    public void Publish() => Queue.Publish();

    /// <inheritdoc/>
    public bool ShouldKick() => Queue.ShouldKick();

    /// <inheritdoc/>
    public bool ArmInterrupt() => Queue.ArmInterrupt();

    /// <inheritdoc/>
    public void DisarmInterrupt() => Queue.DisarmInterrupt();
}

/// <summary>The device's half of a packed queue.</summary>
internal readonly unsafe struct PackedDeviceQueue(nint region, PackedDeviceState state, OffsetMap map) : IDeviceQueue
{
    private PackedQueueDevice<HostAccess> Queue => new(new Span<byte>((void*)region, state.Layout.SizeBytes), state);

    /// <inheritdoc/>
    public RingStatus TryTake(Span<VringTaken> buffers, bool writable, out int count)
    {
        PackedQueueDevice<HostAccess> queue = Queue;
        VringSegment segment = default;
        RingStatus status = RingStatus.Ok;
        for (count = 0; count < buffers.Length; count++)
        {
            status = queue.TryTake(new Span<VringSegment>(ref segment), out DescriptorChain chain);
            if (status != RingStatus.Ok) break;
            if (chain.Writable.IsEmpty == writable) return RingStatus.WrongDirection;
            if (!map.TryResolve(segment.Address, segment.LengthBytes, out nint start)) return RingStatus.BufferUnmapped;
            buffers[count] = new VringTaken(segment.Address, start, segment.LengthBytes, chain.Head);
        }

        return count > 0 ? RingStatus.Ok : status;
    }

    /// <inheritdoc/>
    public void Return(ReadOnlySpan<VringReturned> chains)
    {
        PackedQueueDevice<HostAccess> queue = Queue;
        foreach (VringReturned chain in chains) queue.Return(chain.Head, chain.WrittenBytes);
    }

    /// <inheritdoc/>
    public void Publish() => Queue.Publish();

    /// <inheritdoc/>
    public bool ShouldInterrupt() => Queue.ShouldInterrupt();

    /// <inheritdoc/>
    public bool ArmKick() => Queue.ArmKick();

    /// <inheritdoc/>
    public void DisarmKick() => Queue.DisarmKick();
}
