using System;
using System.Linq;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Does each status happen, and leave what it promised?</summary>
public sealed class SplitQueueTests
{
    private static readonly VringSegment Buffer = new(0x1000, 512);

    [Fact]
    public void A_buffer_goes_round_with_its_token_and_the_written_length()
    {
        using TestQueue queue = new(4);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 42));
        queue.Driver.Publish();
        VringSegment[] scratch = new VringSegment[4];
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
        Assert.Equal(0, chain.Readable.Length);
        Assert.Equal(Buffer, Assert.Single(chain.Writable.ToArray()));
        queue.Device.Return(chain.Head, 77);
        queue.Device.Publish();
        Assert.True(queue.Driver.HasUsed());
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int token, out uint written));
        Assert.Equal((42, 77u), (token, written));
        Assert.Equal(4, queue.DriverState.FreeCount);
    }

    [Fact]
    public void Nothing_is_seen_before_it_is_published()
    {
        using TestQueue queue = new(4);
        VringSegment[] scratch = new VringSegment[4];
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: false, token: 0));
        Assert.Equal(RingStatus.Empty, queue.Device.TryTake(scratch, out _));
        queue.Driver.Publish();
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
        queue.Device.Return(chain.Head, 0);
        Assert.Equal(RingStatus.Empty, queue.Driver.TryReclaim(out _, out _));
        queue.Device.Publish();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
    }

    [Fact]
    public void A_chain_arrives_readable_first_and_in_order()
    {
        using TestQueue queue = new(8);
        VringSegment[] readable = [new(1, 10), new(2, 20)];
        VringSegment[] writable = [new(3, 30), new(4, 40), new(5, 50)];
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(readable, writable, token: 1));
        queue.Driver.Publish();
        Assert.Equal(3, queue.DriverState.FreeCount);
        VringSegment[] scratch = new VringSegment[8];
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
        Assert.Equal(readable, chain.Readable.ToArray());
        Assert.Equal(writable, chain.Writable.ToArray());
    }

    [Fact]
    public void Full_changes_nothing_and_a_reclaimed_chain_makes_room()
    {
        using TestQueue queue = new(4);
        VringSegment[] three = [Buffer, Buffer, Buffer];
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(three, [], token: 1));
        byte[] before = queue.Region.Span.ToArray();
        Assert.Equal(RingStatus.Full, queue.Driver.TryOffer([Buffer], [Buffer], token: 2));
        Assert.Equal(before, queue.Region.Span.ToArray());
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 3));
        Assert.Equal(RingStatus.Full, queue.Driver.TryOffer(Buffer, writable: true, token: 4));
        queue.Driver.Publish();
        VringSegment[] scratch = new VringSegment[4];
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
        queue.Device.Return(chain.Head, 0);
        queue.Device.Publish();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int token, out _));
        Assert.Equal(1, token);
        Assert.Equal(3, queue.DriverState.FreeCount);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer], [Buffer], token: 5));
    }

    [Fact]
    public void An_empty_chain_is_the_callers_mistake()
    {
        using TestQueue queue = new(4);
        Assert.Throws<ArgumentException>(() => queue.Driver.TryOffer([], [], token: 0));
    }

    [Fact]
    public void A_return_without_a_take_is_the_callers_mistake()
    {
        using TestQueue queue = new(4);
        Assert.Throws<InvalidOperationException>(() => queue.Device.Return(0, 0));
    }

    [Fact]
    public void Chains_come_back_in_the_order_of_return()
    {
        using TestQueue queue = new(4);
        for (int token = 10; token < 14; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
        queue.Driver.Publish();
        VringSegment[] scratch = new VringSegment[1];
        ushort[] heads = new ushort[4];
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
            heads[i] = chain.Head;
        }
        foreach (int i in new[] { 2, 0, 3, 1 }) queue.Device.Return(heads[i], (uint)i);
        queue.Device.Publish();
        int[] tokens = new int[4];
        for (int i = 0; i < 4; i++) Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out tokens[i], out _));
        Assert.Equal([12, 10, 13, 11], tokens);
    }

    [Fact]
    public void Free_descriptors_are_used_first_in_first_out_so_that_entries_repeat_each_turn()
    {
        using TestQueue queue = new(4);
        for (int turn = 0; turn < 3; turn++)
        {
            for (int slot = 0; slot < 4; slot++) PassOne(queue, token: slot);
            Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(slot => (int)queue.AvailSlot(slot)));
        }
    }

    [Fact]
    public void RM_38_indices_wrap_from_65535_to_0_without_loss()
    {
        using TestQueue queue = new(4);
        for (int i = 0; i < 100_000; i++) Assert.Equal((i, (uint)i), PassOne(queue, i));
        Assert.Equal(100_000 - 65_536, queue.AvailIndex);
        Assert.Equal(100_000 - 65_536, queue.UsedIndex);
    }

    [Fact]
    public void RM_41_a_device_reset_forgets_both_positions()
    {
        using TestQueue queue = new(4);
        for (int i = 0; i < 5; i++) PassOne(queue, i);
        queue.Region.Span.Clear(); // what find_vqs does on a new probe
        queue.DriverState.Reset();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 9));
        queue.Driver.Publish();
        VringSegment[] scratch = new VringSegment[1];
        Assert.Equal(RingStatus.IndexTooFarAhead, queue.Device.TryTake(scratch, out _)); // a remote that missed the reset: 1 after 5
        queue.DeviceState.Reset();
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
        queue.Device.Return(chain.Head, 0);
        queue.Device.Publish();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out int token, out _));
        Assert.Equal(9, token);
    }

    [Fact]
    public void A_round_allocates_nothing()
    {
        using TestQueue queue = new(64, eventIndex: true);
        Spin(queue, 10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Spin(queue, 100_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Spin(TestQueue queue, int rounds)
    {
        SplitQueueDriver<HostAccess> driver = queue.Driver;
        SplitQueueDevice<HostAccess> device = queue.Device;
        Span<VringSegment> scratch = stackalloc VringSegment[4];
        Span<VringSegment> chained = [Buffer, Buffer];
        for (int i = 0; i < rounds; i++)
        {
            _ = driver.TryOffer(Buffer, writable: false, i);
            _ = driver.TryOffer(chained, chained, i);
            driver.Publish();
            _ = driver.ShouldKick();
            while (device.TryTake(scratch, out DescriptorChain chain) == RingStatus.Ok) device.Return(chain.Head, 7);
            _ = device.ArmKick();
            device.Publish();
            _ = device.ShouldInterrupt();
            while (driver.TryReclaim(out _, out _) == RingStatus.Ok) { }
            _ = driver.ArmInterrupt();
        }
    }

    /// <summary>One buffer all the way round; the device writes as many bytes as the token says.</summary>
    private static (int Token, uint WrittenBytes) PassOne(TestQueue queue, int token)
    {
        Span<VringSegment> scratch = stackalloc VringSegment[1];
        _ = queue.Driver.TryOffer(Buffer, writable: true, token);
        queue.Driver.Publish();
        _ = queue.Device.TryTake(scratch, out DescriptorChain chain);
        queue.Device.Return(chain.Head, (uint)token);
        queue.Device.Publish();
        _ = queue.Driver.TryReclaim(out int back, out uint written);
        return (back, written);
    }
}
