using System;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>The split ring under test, both halves over one memory.</summary>
/// <typeparam name="TAccess">How shared words are loaded, stored and fenced.</typeparam>
public sealed class SplitHalves<TAccess> : IQueueHalves
    where TAccess : struct, ISharedAccess
{
    private const int BatchMax = 16;
    private readonly QueueCase _queue;
    private readonly QueueMemory _memory;
    private readonly bool _hasBuffers;
    private readonly DriverState _driver;
    private readonly DeviceState _device;
    private readonly VringTaken[] _taken = new VringTaken[BatchMax];
    private readonly VringReturned[] _returned = new VringReturned[BatchMax];

    /// <summary>Makes both halves over memory that is zero.</summary>
    /// <param name="queue">What it is.</param>
    /// <param name="memory">Where it is.</param>
    /// <param name="hasBuffers">Whether the device finds memory behind every address, or only behind those of tables.</param>
    public SplitHalves(QueueCase queue, QueueMemory memory, bool hasBuffers)
    {
        _hasBuffers = hasBuffers;
        _queue = queue;
        _memory = memory;
        RingStatus status = queue.AlignBytes == 0
            ? SplitQueueLayout.TryCreateParts(
                queue.QueueSize, memory.DescriptorAreaBytes, memory.DriverAreaBytes, memory.DeviceAreaBytes, out SplitQueueLayout layout)
            : SplitQueueLayout.TryCreate(queue.QueueSize, queue.AlignBytes, memory.DeviceArea + memory.DeviceAreaBytes, out layout);
        if (status != RingStatus.Ok) throw new ArgumentOutOfRangeException(nameof(queue));
        _driver = new DriverState(layout, queue.Features);
        _device = new DeviceState(layout, queue.Features) { CoalescesUsed = queue.CoalescesUsed };
    }

    /// <inheritdoc/>
    public int FreeCount => _driver.FreeCount;

    /// <inheritdoc/>
    public int TakenCount => _device.TakenCount;

    private SplitQueueDriver<TAccess> Driver => _queue.AlignBytes == 0
        ? new(_memory.Descriptors, _memory.Driver, _memory.Device, _driver)
        : new(_memory.Bytes, _driver);

    private SplitQueueDevice<TAccess> Device => _queue.AlignBytes == 0
        ? new(_memory.Descriptors, _memory.Driver, _memory.Device, _device)
        : new(_memory.Bytes, _device);

    /// <inheritdoc/>
    public RingStatus Offer(in Offer offer)
    {
        if (offer.IsSingle) return Driver.TryOffer(offer.Segments[0], offer.ReadableCount == 0, offer.Token);
        if (offer.Table < 0) return Driver.TryOffer(offer.Readable, offer.Writable, offer.Token);
        return Driver.TryOfferIndirect(
            _memory.Table(offer.Table), QueueMemory.AddressOfTable(offer.Table), offer.Readable, offer.Writable, offer.Token);
    }

    /// <inheritdoc/>
    public int OfferBatch(ReadOnlySpan<VringBuffer> buffers, bool writable) => Driver.Offer(buffers, writable);

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
        QueueMemory.Map map = new(_memory, _hasBuffers);
        RingStatus status = Device.TryTake(ref map, _taken.AsSpan(0, names.Length), writable, out count);
        for (int i = 0; i < count; i++)
        {
            segments[i] = new VringSegment(_taken[i].Address, _taken[i].LengthBytes);
            names[i] = _taken[i].Head;
        }

        return status;
    }

    /// <inheritdoc/>
    public void Return(int name, uint writtenBytes) => Device.Return((ushort)name, writtenBytes);

    /// <inheritdoc/>
    public void ReturnBatch(ReadOnlySpan<int> names, ReadOnlySpan<uint> writtenBytes)
    {
        for (int i = 0; i < names.Length; i++) _returned[i] = new VringReturned((ushort)names[i], writtenBytes[i]);
        Device.Return(_returned.AsSpan(0, names.Length));
    }

    /// <inheritdoc/>
    public void PublishReturns() => Device.Publish();

    /// <inheritdoc/>
    public bool ShouldInterrupt() => Device.ShouldInterrupt();

    /// <inheritdoc/>
    public RingStatus Reclaim(out int token, out uint writtenBytes) => Driver.TryReclaim(out token, out writtenBytes);

    /// <inheritdoc/>
    public RingStatus ReclaimBatch(Span<VringReclaimed> chains, out int count) => Driver.TryReclaim(chains, out count);

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
