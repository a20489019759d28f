using System;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>The packed ring under test, both halves over one memory.</summary>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public sealed class PackedHalves<TAccess> : IQueueHalves
    where TAccess : struct, ISharedAccess
{
    private readonly QueueMemory _memory;
    private readonly bool _hasBuffers;
    private readonly PackedDriverState _driver;
    private readonly PackedDeviceState _device;

    /// <summary>Makes both halves over memory that is zero.</summary>
    /// <param name="queue">What it is.</param>
    /// <param name="memory">Where it is.</param>
    /// <param name="hasBuffers">Whether the device finds memory behind every address, or only behind those of tables.</param>
    public PackedHalves(QueueCase queue, QueueMemory memory, bool hasBuffers)
    {
        _hasBuffers = hasBuffers;
        _memory = memory;
        if (PackedQueueLayout.TryCreate(queue.QueueSize, out PackedQueueLayout layout) != RingStatus.Ok)
            throw new ArgumentOutOfRangeException(nameof(queue));
        _driver = new PackedDriverState(layout, queue.Features);
        _device = new PackedDeviceState(layout, queue.Features) { CoalescesUsed = queue.CoalescesUsed };
    }

    /// <inheritdoc/>
    public int FreeCount => _driver.FreeCount;

    /// <inheritdoc/>
    public int TakenCount => _device.TakenCount;

    private PackedQueueDriver<TAccess> Driver => new(_memory.Descriptors, _memory.Driver, _memory.Device, _driver);

    private PackedQueueDevice<TAccess> Device => new(_memory.Descriptors, _memory.Driver, _memory.Device, _device);

    /// <inheritdoc/>
    public RingStatus Offer(in Offer offer)
    {
        if (offer.IsSingle) return Driver.TryOffer(offer.Segments[0], offer.ReadableCount == 0, offer.Token);
        if (offer.Table < 0) return Driver.TryOffer(offer.Readable, offer.Writable, offer.Token);
        return Driver.TryOfferIndirect(
            _memory.Table(offer.Table), QueueMemory.AddressOfTable(offer.Table), offer.Readable, offer.Writable, offer.Token);
    }

    /// <inheritdoc/>
    public int OfferBatch(ReadOnlySpan<VringBuffer> buffers, bool writable)
    {
        int count = 0;
        foreach (VringBuffer buffer in buffers)
        {
            if (Driver.TryOffer(new VringSegment(buffer.Address, buffer.LengthBytes), writable, buffer.Token) != RingStatus.Ok) break;
            count++;
        }

        return count;
    }

    /// <inheritdoc/>
    public void PublishOffers() => Driver.Publish();

    /// <inheritdoc/>
    public bool ShouldKick() => Driver.ShouldKick();

    /// <inheritdoc/>
    public RingStatus Take(Span<VringSegment> segments, out int count, out int readableCount, out int name)
    {
        QueueMemory.Map map = new(_memory, _hasBuffers);
        RingStatus status = Device.TryTake(ref map, segments, out DescriptorChain chain);
        (count, readableCount, name) = (chain.Readable.Length + chain.Writable.Length, chain.Readable.Length, chain.Head);
        return status;
    }

    /// <inheritdoc/>
    public RingStatus TakeBatch(Span<VringSegment> segments, Span<int> names, bool writable, out int count)
    {
        count = 0;
        return RingStatus.Empty; // it has no such call; the run does not use it
    }

    /// <inheritdoc/>
    public void Return(int name, uint writtenBytes) => Device.Return((ushort)name, writtenBytes);

    /// <inheritdoc/>
    public void ReturnBatch(ReadOnlySpan<int> names, ReadOnlySpan<uint> writtenBytes)
    {
        for (int i = 0; i < names.Length; i++) Device.Return((ushort)names[i], writtenBytes[i]);
    }

    /// <inheritdoc/>
    public void PublishReturns() => Device.Publish();

    /// <inheritdoc/>
    public bool ShouldInterrupt() => Device.ShouldInterrupt();

    /// <inheritdoc/>
    public RingStatus Reclaim(out int token, out uint writtenBytes) => Driver.TryReclaim(out token, out writtenBytes);

    /// <inheritdoc/>
    public RingStatus ReclaimBatch(Span<VringReclaimed> chains, out int count)
    {
        RingStatus status = RingStatus.Ok;
        for (count = 0; count < chains.Length; count++)
        {
            status = Driver.TryReclaim(out int token, out uint writtenBytes);
            if (status != RingStatus.Ok) break;
            chains[count] = new VringReclaimed(token, writtenBytes);
        }

        return count == 0 ? status : RingStatus.Ok;
    }

    /// <inheritdoc/>
    public bool ArmKick() => Device.ArmKick();

    /// <inheritdoc/>
    public void DisarmKick() => Device.DisarmKick();

    /// <inheritdoc/>
    public bool ArmInterrupt() => Driver.ArmInterrupt();

    /// <inheritdoc/>
    public void DisarmInterrupt() => Driver.DisarmInterrupt();

    /// <inheritdoc/>
    public void Reset()
    {
        _driver.Reset();
        _device.Reset();
    }
}
