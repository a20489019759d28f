using System;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>Both halves of a queue, as their callers see them: what is tested and the model it is compared with.</summary>
/// <remarks>A taken chain goes by a name: of the tested queue a head, of the model a number of its own.</remarks>
public interface IQueueHalves
{
    /// <summary>Free descriptors.</summary>
    int FreeCount { get; }

    /// <summary>Chains taken and not returned.</summary>
    int TakenCount { get; }

    /// <summary>The driver offers.</summary>
    RingStatus Offer(in Offer offer);

    /// <summary>The driver offers single buffers in one call.</summary>
    /// <returns>How many there was room for.</returns>
    int OfferBatch(ReadOnlySpan<VringBuffer> buffers, bool writable);

    /// <summary>The driver publishes.</summary>
    void PublishOffers();

    /// <summary>The driver decides.</summary>
    bool ShouldKick();

    /// <summary>The device takes.</summary>
    RingStatus Take(Span<VringSegment> segments, out int count, out int readableCount, out int name);

    /// <summary>The device takes single direct buffers in one call.</summary>
    RingStatus TakeBatch(Span<VringSegment> segments, Span<int> names, bool writable, out int count);

    /// <summary>The device returns.</summary>
    void Return(int name, uint writtenBytes);

    /// <summary>The device returns several in one call.</summary>
    void ReturnBatch(ReadOnlySpan<int> names, ReadOnlySpan<uint> writtenBytes);

    /// <summary>The device publishes.</summary>
    void PublishReturns();

    /// <summary>The device decides.</summary>
    bool ShouldInterrupt();

    /// <summary>The driver reclaims.</summary>
    RingStatus Reclaim(out int token, out uint writtenBytes);

    /// <summary>The driver reclaims several in one call.</summary>
    RingStatus ReclaimBatch(Span<VringReclaimed> chains, out int count);

    /// <summary>The device wants a kick.</summary>
    bool ArmKick();

    /// <summary>The device wants none.</summary>
    void DisarmKick();

    /// <summary>The driver wants an interrupt.</summary>
    bool ArmInterrupt();

    /// <summary>The driver wants none.</summary>
    void DisarmInterrupt();

    /// <summary>Both halves begin anew; the memory is zero.</summary>
    void Reset();
}
