using System;
using System.Linq;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Does each status of a packed queue happen, and leave what it promised?</summary>
public sealed class PackedQueueTests
{
    private const int Avail = 0x80, Used = 0x8000;
    private static readonly VringSegment Buffer = new(0x1000, 512);
    private readonly VringSegment[] _scratch = new VringSegment[8];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_buffer_goes_round_with_its_token_and_the_written_length(int queueSize)
    {
        using PackedTestQueue queue = new(queueSize);
        for (int round = 0; round < 20; round++) // both wrap counters pass both values
        {
            Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 42 + round));
            queue.Driver.Publish();
            Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out DescriptorChain chain));
            Assert.Equal(0, chain.Readable.Length);
            Assert.Equal(Buffer, Assert.Single(chain.Writable.ToArray()));
            Assert.Equal(RingStatus.Empty, queue.Device.TryTake(_scratch, out _));
            queue.Device.Return(chain.Head, 77);
            queue.Device.Publish();
            Assert.True(queue.Driver.HasUsed());
            Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int token, out uint written));
            Assert.Equal((42 + round, 77u), (token, written));
            Assert.Equal(RingStatus.Empty, queue.Driver.TryReclaim(out _, out _));
            Assert.Equal(queueSize, queue.DriverState.FreeCount);
        }
    }

    [Fact]
    public void Slots_say_whose_turn_it_is_as_the_specification_writes_them()
    {
        using PackedTestQueue queue = new(2);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([new(0x11, 1)], [new(0x22, 2)], token: 0));
        Assert.Equal(0, (int)queue.Slot(0).Flags); // the head is available last
        queue.Driver.Publish();
        Assert.Equal(Avail | 1, (int)queue.Slot(0).Flags);
        Assert.Equal(Avail | 2, (int)queue.Slot(1).Flags);
        Assert.Equal((0x22ul, 2u), (queue.Slot(1).Address, queue.Slot(1).LengthBytes));
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out DescriptorChain chain));
        queue.Device.Return(chain.Head, 2);
        queue.Device.Publish();
        Assert.Equal(Avail | Used | 2, (int)queue.Slot(0).Flags);
        Assert.Equal(Avail | 2, (int)queue.Slot(1).Flags); // skipped
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: false, token: 0));
        queue.Driver.Publish();
        Assert.Equal(Used, (int)queue.Slot(0).Flags); // the second turn's marks
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out chain));
        queue.Device.Return(chain.Head, 0);
        queue.Device.Publish();
        Assert.Equal(0, (int)queue.Slot(0).Flags); // nothing written: no WRITE
    }

    [Fact]
    public void A_batch_is_seen_whole_or_not_at_all()
    {
        using PackedTestQueue queue = new(5);
        for (int token = 0; token < 3; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
        Assert.Equal(RingStatus.Empty, queue.Device.TryTake(_scratch, out _));
        queue.Driver.Publish();
        ushort[] heads = [Take(queue), Take(queue), Take(queue)];
        foreach (ushort head in heads) queue.Device.Return(head, 8);
        Assert.False(queue.Driver.HasUsed());
        queue.Device.Publish();
        int[] tokens = [Reclaim(queue), Reclaim(queue), Reclaim(queue)];
        Assert.Equal([0, 1, 2], tokens);
    }

    [Fact]
    public void Chains_come_back_in_any_order_and_free_what_they_took()
    {
        using PackedTestQueue queue = new(7);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer, Buffer], [Buffer], token: 1)); // slots 0 to 2
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer], [Buffer], token: 2));         // slots 3, 4
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 3));     // slot 5
        Assert.Equal(RingStatus.Full, queue.Driver.TryOffer([Buffer], [Buffer], token: 4));
        Assert.Equal(1, queue.DriverState.FreeCount);
        queue.Driver.Publish();
        ushort[] heads = [Take(queue), Take(queue), Take(queue)];
        foreach (int index in (int[])[2, 0, 1]) queue.Device.Return(heads[index], (uint)index + 10);
        queue.Device.Publish();
        Assert.Equal(3, Reclaim(queue));
        Assert.Equal(2, queue.DriverState.FreeCount);
        Assert.Equal(1, Reclaim(queue));
        Assert.Equal(2, Reclaim(queue));
        Assert.Equal(7, queue.DriverState.FreeCount);
        // Over the end of the ring:
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer, Buffer, Buffer], [Buffer, Buffer], token: 5));
        queue.Driver.Publish();
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out DescriptorChain chain));
        Assert.Equal((3, 2), (chain.Readable.Length, chain.Writable.Length));
    }

    [Fact]
    public void An_indirect_chain_takes_one_slot()
    {
        using PackedTestQueue queue = new(3, RingFeatures.Indirect);
        for (int slot = 0; slot < 2; slot++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 8));
        VringSegment[] readable = [new(1, 10), new(2, 20)], writable = [new(3, 30)];
        Span<byte> table = queue.Tables.Span.Slice(160, 48);
        Assert.Equal(RingStatus.Ok,
            queue.Driver.TryOfferIndirect(table, PackedTestQueue.TablesAddress + 160, readable, writable, token: 9));
        Assert.Equal(RingStatus.Full, queue.Driver.TryOfferIndirect(table, 0, readable, [], token: 9));
        queue.Driver.Publish();
        Assert.Equal(Avail | 4, (int)queue.Slot(2).Flags);
        Assert.Equal((PackedTestQueue.TablesAddress + 160, 48u), (queue.Slot(2).Address, queue.Slot(2).LengthBytes));
        for (int slot = 0; slot < 2; slot++) _ = Take(queue);
        PackedTestQueue.TableMap map = queue.Map;
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(ref map, _scratch, out DescriptorChain chain));
        Assert.Equal(readable, chain.Readable.ToArray());
        Assert.Equal(writable, chain.Writable.ToArray());
        queue.Device.Return(chain.Head, 30);
        queue.Device.Publish();
        Assert.Equal(9, Reclaim(queue));
    }

    [Fact]
    public void In_order_one_used_descriptor_stands_for_a_batch()
    {
        using PackedTestQueue queue = new(6, RingFeatures.InOrder);
        for (int token = 0; token < 2; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer, Buffer], [], token));
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 2));
        queue.Driver.Publish();
        for (int i = 0; i < 3; i++) queue.Device.Return(Take(queue), i == 2 ? 100u : 0);
        queue.Device.Publish();
        Assert.Equal((2, Avail | Used | 2, 100u), ((int)queue.Slot(0).Id, (int)queue.Slot(0).Flags, queue.Slot(0).LengthBytes));
        Assert.Equal(Avail, (int)queue.Slot(2).Flags & ~1); // skipped
        for (int token = 0; token < 3; token++)
        {
            Assert.True(queue.Driver.HasUsed());
            Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int got, out uint written));
            Assert.Equal((token, token == 2 ? 100u : 0), (got, written));
        }

        Assert.Equal(RingStatus.Empty, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(6, queue.DriverState.FreeCount);
    }

    [Theory]
    [InlineData(false, 3u)]
    [InlineData(true, 512u)] // the driver was told that the first is full
    public void In_order_a_chain_that_is_not_full_is_skipped_only_when_the_device_may(bool coalescesUsed, uint firstWritten)
    {
        using PackedTestQueue queue = new(4, RingFeatures.InOrder, coalescesUsed);
        for (int token = 0; token < 2; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
        queue.Driver.Publish();
        ushort[] heads = [Take(queue), Take(queue)];
        queue.Device.Return(heads[1], 512); // too early
        Assert.Equal(2, queue.DeviceState.TakenCount);
        queue.Device.Publish();
        Assert.False(queue.Driver.HasUsed());
        queue.Device.Return(heads[0], 3);
        Assert.Equal(0, queue.DeviceState.TakenCount);
        queue.Device.Publish();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int first, out uint written));
        Assert.Equal((0, firstWritten), (first, written));
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int second, out written));
        Assert.Equal((1, 512u), (second, written));
    }

    [Theory]
    [InlineData(RingFeatures.None)]
    [InlineData(RingFeatures.EventIndex)]
    public void A_side_is_notified_when_it_asked_and_not_else(RingFeatures features)
    {
        using PackedTestQueue queue = new(3, features);
        for (int round = 0; round < 9; round++)
        {
            Assert.False(queue.Device.ArmKick());
            Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 0));
            queue.Driver.Publish();
            Assert.True(queue.Driver.ShouldKick());
            Assert.True(queue.Device.ArmKick());
            queue.Device.DisarmKick();
            Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 0));
            queue.Driver.Publish();
            Assert.False(queue.Driver.ShouldKick());
            Assert.False(queue.Driver.ArmInterrupt());
            queue.Device.Return(Take(queue), 1);
            queue.Device.Publish();
            Assert.True(queue.Device.ShouldInterrupt());
            _ = Reclaim(queue); // moves the event on with event indices
            queue.Device.Return(Take(queue), 1);
            queue.Device.Publish();
            Assert.True(queue.Device.ShouldInterrupt());
            Assert.True(queue.Driver.ArmInterrupt());
            queue.Driver.DisarmInterrupt();
            _ = Reclaim(queue);
            Assert.False(queue.Device.ShouldInterrupt());
        }
    }

    [Fact]
    public void With_event_indices_an_event_that_was_not_reached_is_not_announced()
    {
        using PackedTestQueue queue = new(3, RingFeatures.EventIndex);
        queue.DeviceEvent = (2u << 16) | 0x8000 | 1; // the second slot
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 0));
        queue.Driver.Publish();
        Assert.False(queue.Driver.ShouldKick());
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 0));
        queue.Driver.Publish();
        Assert.True(queue.Driver.ShouldKick());
        Assert.False(queue.Driver.ShouldKick());
    }

    [Fact]
    public void After_a_reset_both_halves_begin_anew()
    {
        using PackedTestQueue queue = new(3, RingFeatures.EventIndex);
        for (int token = 0; token < 2; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
        queue.Driver.Publish();
        queue.Device.Return(Take(queue), 1);
        _ = queue.Driver.ArmInterrupt();
        queue.DriverState.Reset();
        queue.DeviceState.Reset();
        queue.Region.Span.Clear();
        A_batch_of(queue, 3);
        Assert.Equal((3, 0, 0u), (queue.DriverState.FreeCount, queue.DeviceState.TakenCount, queue.DriverEvent));
    }

    [Fact]
    public void Misuse_by_the_caller_throws()
    {
        using PackedTestQueue queue = new(3);
        using PackedTestQueue indirect = new(3, RingFeatures.Indirect);
        Assert.Throws<ArgumentException>(() => queue.Driver.TryOffer([], [], token: 0));
        Assert.Throws<InvalidOperationException>(() => queue.Driver.TryOfferIndirect(new byte[16], 0, [Buffer], [], token: 0));
        Assert.Throws<ArgumentException>(() => indirect.Driver.TryOfferIndirect(new byte[31], 0, [Buffer, Buffer], [], token: 0));
        Assert.Throws<InvalidOperationException>(() => queue.Device.Return(0, 0));
        Assert.Throws<InvalidOperationException>(() => queue.Device.Return(3, 0));
    }

    private static void A_batch_of(PackedTestQueue queue, int count)
    {
        VringSegment[] scratch = new VringSegment[1];
        for (int token = 0; token < count; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
        queue.Driver.Publish();
        for (int token = 0; token < count; token++)
        {
            Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
            queue.Device.Return(chain.Head, (uint)token);
        }

        queue.Device.Publish();
        Assert.Equal(Enumerable.Range(0, count), Enumerable.Range(0, count).Select(_ => Reclaim(queue)));
    }

    private ushort Take(PackedTestQueue queue)
    {
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out DescriptorChain chain));
        return chain.Head;
    }

    private static int Reclaim(PackedTestQueue queue)
    {
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int token, out _));
        return token;
    }
}
