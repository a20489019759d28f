using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Virtio.Fuzz;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Clauses of VIRTIO 1.2, 2.7 and 2.8, that no random operation of the models comes by: what must be ignored, what must not be
/// offered, and what must be taken although nobody of ours offers it.</summary>
public sealed class ModelClauseTests : IDisposable
{
    private static readonly VringSegment Buffer = new(0x1000, 512);
    private readonly QueueMemory _memory = new(new QueueCase(false, 4, 16, RingFeatures.Indirect, CoalescesUsed: false));
    private readonly VringSegment[] _scratch = new VringSegment[8];

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void A_table_is_offered_only_when_it_was_negotiated() // 2.7.5.3.1
    {
        using TestQueue queue = new(4);
        Assert.Throws<InvalidOperationException>(() => queue.Driver.TryOfferIndirect(_memory.Table(0), 0, [Buffer], [], token: 0));
        Assert.Equal(4, queue.DriverState.FreeCount);
    }

    [Fact]
    public void A_chain_is_no_longer_than_the_queue_also_in_a_table() // 2.7.5.3.1, 2.8.17
    {
        using TestQueue split = new(4, RingFeatures.Indirect);
        using PackedTestQueue packed = new(4, RingFeatures.Indirect);
        VringSegment[] five = [Buffer, Buffer, Buffer, Buffer, Buffer];
        Assert.Throws<ArgumentException>(() => split.Driver.TryOfferIndirect(_memory.Table(0), 0, five, [], token: 0));
        Assert.Throws<ArgumentException>(() => packed.Driver.TryOfferIndirect(_memory.Table(0), 0, five, [], token: 0));
        Assert.Equal(RingStatus.Full, split.Driver.TryOffer(five, [], token: 0));
        Assert.Equal(RingStatus.Full, packed.Driver.TryOffer(five, [], token: 0));
    }

    [Fact]
    public void A_chain_is_no_longer_than_32_bits_count() // 2.7.5.2
    {
        using TestQueue split = new(4, RingFeatures.Indirect);
        using PackedTestQueue packed = new(4, RingFeatures.Indirect);
        VringSegment[] half = [new(0, 0x8000_0000)], more = [new(0, 0x8000_0001)];
        Assert.Throws<ArgumentException>(() => split.Driver.TryOffer(half, more, token: 0));
        Assert.Throws<ArgumentException>(() => split.Driver.TryOfferIndirect(_memory.Table(0), 0, more, half, token: 0));
        Assert.Throws<ArgumentException>(() => packed.Driver.TryOffer(half, more, token: 0));
        Assert.Throws<ArgumentException>(() => packed.Driver.TryOfferIndirect(_memory.Table(0), 0, more, half, token: 0));
        Assert.Equal(RingStatus.Ok, split.Driver.TryOffer(half, half, token: 0));
        Assert.Equal(RingStatus.Ok, packed.Driver.TryOffer(half, half, token: 0));
    }

    [Fact]
    public void Chained_descriptors_may_end_in_a_table_and_WRITE_at_its_pointer_means_nothing() // 2.7.5.3.2
    {
        using TestQueue queue = new(4, RingFeatures.Indirect);
        VringDescriptor[] table = [new(3, 30, VringDescriptorFlags.Next, 1), new(4, 40, VringDescriptorFlags.Write, 0)];
        MemoryMarshal.AsBytes(table.AsSpan()).CopyTo(_memory.Table(0));
        queue.SetDescriptor(2, 1, 10, flags: 1, next: 0);
        queue.SetDescriptor(0, 2, 20, flags: 1, next: 3);
        queue.SetDescriptor(3, QueueMemory.AddressOfTable(0), 32, flags: 4 | 2, next: 0);
        queue.SetAvailSlot(0, 2);
        queue.AvailIndex = 1;
        QueueMemory.Map map = new(_memory, hasBuffers: false);
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(ref map, _scratch, out DescriptorChain chain));
        Assert.Equal([new VringSegment(1, 10), new(2, 20), new(3, 30)], chain.Readable.ToArray());
        Assert.Equal([new VringSegment(4, 40)], chain.Writable.ToArray());
    }

    [Theory]
    [InlineData(4 | 1, 0, RingStatus.IndirectWithNext)]
    [InlineData(4, 4, RingStatus.IndirectNested)]
    public void A_table_ends_its_chain_and_holds_no_other(int pointerFlags, int entryFlags, RingStatus expected) // 2.7.5.3.1
    {
        using TestQueue queue = new(4, RingFeatures.Indirect);
        VringDescriptor[] table = [new(3, 16, (VringDescriptorFlags)entryFlags, 0)];
        MemoryMarshal.AsBytes(table.AsSpan()).CopyTo(_memory.Table(0));
        queue.SetDescriptor(0, QueueMemory.AddressOfTable(0), 16, (ushort)pointerFlags, next: 1);
        queue.AvailIndex = 1;
        QueueMemory.Map map = new(_memory, hasBuffers: false);
        Assert.Equal(expected, queue.Device.TryTake(ref map, _scratch, out _));
    }

    [Fact]
    public void With_event_indices_flags_are_ignored_and_stay_0() // 2.7.7.1, 2.7.7.2, 2.7.10.1, 2.7.10.2
    {
        using TestQueue queue = new(4, eventIndex: true);
        queue.AvailFlags = 1;
        queue.UsedFlags = 1;
        Assert.True(Kicks(queue));
        Assert.True(Interrupts(queue));
        (queue.AvailFlags, queue.UsedFlags) = (0, 0);
        queue.Driver.DisarmInterrupt();
        queue.Device.DisarmKick();
        _ = queue.Driver.ArmInterrupt() | queue.Device.ArmKick();
        Assert.Equal((0, 0), (queue.AvailFlags, queue.UsedFlags));
    }

    [Fact]
    public void Without_event_indices_events_are_ignored() // 2.7.7.2, 2.7.10.1
    {
        using TestQueue queue = new(4);
        (queue.AvailEvent, queue.UsedEvent) = (1000, 1000);
        Assert.True(Kicks(queue));
        Assert.True(Interrupts(queue));
        (queue.AvailFlags, queue.UsedFlags) = (1, 1);
        (queue.AvailEvent, queue.UsedEvent) = (1, 1);
        Assert.False(Kicks(queue));
        Assert.False(Interrupts(queue));
    }

    private static bool Kicks(TestQueue queue)
    {
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 0));
        queue.Driver.Publish();
        return queue.Driver.ShouldKick();
    }

    private bool Interrupts(TestQueue queue)
    {
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out DescriptorChain chain));
        queue.Device.Return(chain.Head, 1);
        queue.Device.Publish();
        return queue.Device.ShouldInterrupt();
    }
}
