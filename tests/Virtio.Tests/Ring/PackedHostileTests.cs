using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Is each lie of the other half of a packed queue named, and does it move nothing?</summary>
public sealed class PackedHostileTests
{
    private const int Avail = 0x80, Used = 0x8000, Next = 1, Write = 2, Indirect = 4;
    private static readonly VringSegment Buffer = new(0x1000, 512);
    private readonly VringSegment[] _scratch = new VringSegment[4];

    [Theory]
    [InlineData(Avail | Next, 0, RingStatus.LinkNotAvailable, 1u)]
    [InlineData(Avail | Next, Used, RingStatus.LinkNotAvailable, 1u)]
    [InlineData(Avail | Next, Avail | Used, RingStatus.LinkNotAvailable, 1u)]
    [InlineData(Avail | Next, Avail | Indirect, RingStatus.IndirectWithNext, 1u)]
    [InlineData(Avail | Next | Write, Avail, RingStatus.ReadableAfterWritable, 1u)]
    [InlineData(Avail | Indirect | Next, Avail, RingStatus.IndirectWithNext, 0u)]
    public void A_lying_chain_is_named_and_moves_nothing(int flags0, int flags1, RingStatus expected, uint value)
    {
        using PackedTestQueue queue = new(3, RingFeatures.Indirect);
        queue.SetSlot(0, PackedTestQueue.TablesAddress, 16, id: 7, flags0);
        queue.SetSlot(1, PackedTestQueue.TablesAddress, 16, id: 7, flags1);
        Names(queue, expected, value);
    }

    [Theory]
    [InlineData(0u, RingStatus.IndirectLength, 0u)]
    [InlineData(24u, RingStatus.IndirectLength, 24u)]
    [InlineData(80u, RingStatus.ChainTooLong, 0u)]
    [InlineData(0xFFFF_FFF0u, RingStatus.ChainTooLong, 0u)]
    [InlineData(64u, RingStatus.IndirectUnmapped, 0u)]
    public void A_lying_table_is_named_and_moves_nothing(uint lengthBytes, RingStatus expected, uint value)
    {
        using PackedTestQueue queue = new(3, RingFeatures.Indirect);
        queue.SetSlot(0, PackedTestQueue.TablesAddress + 4096 - 48, lengthBytes, id: 0, Avail | Indirect | Write); // WRITE means nothing
        Names(queue, expected, value);
    }

    [Fact]
    public void A_table_that_was_not_negotiated_is_named()
    {
        using PackedTestQueue queue = new(3);
        queue.SetSlot(0, PackedTestQueue.TablesAddress, 16, id: 0, Avail | Indirect);
        Names(queue, RingStatus.IndirectUnsupported, 0);
    }

    [Fact]
    public void In_a_table_only_address_length_and_direction_count()
    {
        using PackedTestQueue queue = new(3, RingFeatures.Indirect);
        PackedDescriptor[] entries =
            [new(1, 10, 0xffff, (PackedDescriptorFlags)(0xffff & ~Write)), new(2, 20, 0xffff, (PackedDescriptorFlags)0xffff)];
        MemoryMarshal.AsBytes(entries.AsSpan()).CopyTo(queue.Tables.Span);
        queue.SetSlot(0, PackedTestQueue.TablesAddress, 32, id: 0, Avail | Indirect);
        PackedTestQueue.TableMap map = queue.Map;
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(ref map, _scratch, out DescriptorChain chain));
        Assert.Equal(new VringSegment(1, 10), Assert.Single(chain.Readable.ToArray()));
        Assert.Equal(new VringSegment(2, 20), Assert.Single(chain.Writable.ToArray()));
    }

    [Theory]
    [InlineData(3, RingStatus.SlotNotFree, 0u)]  // the ring bites its tail: every slot goes on
    [InlineData(8, RingStatus.ChainTooLong, 4u)] // more than the device takes in one chain
    public void A_chain_without_an_end_is_named(int queueSize, RingStatus expected, uint value)
    {
        using PackedTestQueue queue = new(queueSize, RingFeatures.Indirect);
        for (int slot = 0; slot < queueSize; slot++) queue.SetSlot(slot, 0, 1, id: 0, Avail | Next);
        Names(queue, expected, value);
    }

    [Fact]
    public void A_slot_that_the_device_has_not_given_back_is_not_taken_again()
    {
        using PackedTestQueue queue = new(2, RingFeatures.Indirect);
        for (int slot = 0; slot < 2; slot++) queue.SetSlot(slot, 0, 1, id: 0, Avail);
        for (int slot = 0; slot < 2; slot++) Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out _));
        queue.SetSlot(0, 0, 1, id: 0, Used); // the second turn
        Names(queue, RingStatus.SlotNotFree, 0, taken: 2);
        queue.Device.Return(0, 0);
        Names(queue, RingStatus.SlotNotFree, 0, taken: 1); // not before it is published
        queue.Device.Publish();
        queue.SetSlot(0, 0, 1, id: 0, Used);
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out _));
    }

    [Fact]
    public void An_id_is_the_drivers_alone()
    {
        using PackedTestQueue queue = new(2);
        queue.SetSlot(0, 0, 1, id: 0xfffe, Avail);
        queue.SetSlot(1, 0, 1, id: 0xfffe, Avail); // the same twice
        for (int i = 0; i < 2; i++) Assert.Equal(RingStatus.Ok, queue.Device.TryTake(_scratch, out _));
        for (ushort head = 0; head < 2; head++) queue.Device.Return(head, 0);
        queue.Device.Publish();
        Assert.Equal((0xfffe, 0xfffe), (queue.Slot(0).Id, queue.Slot(1).Id));
    }

    [Theory]
    [InlineData(RingFeatures.None, 3, RingStatus.IdOutOfRange)]
    [InlineData(RingFeatures.None, 0xffff, RingStatus.IdOutOfRange)]
    [InlineData(RingFeatures.None, 2, RingStatus.IdNotAHead)]     // a free one
    [InlineData(RingFeatures.None, 1, RingStatus.IdNotAHead)]     // offered and not yet published
    [InlineData(RingFeatures.InOrder, 2, RingStatus.IdNotAHead)]
    [InlineData(RingFeatures.InOrder, 1, RingStatus.IdNotAHead)]
    public void RM_33_a_lying_used_descriptor_is_named_and_moves_nothing(RingFeatures features, ushort id, RingStatus expected)
    {
        using PackedTestQueue queue = new(3, features);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 8));
        queue.Driver.Publish();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 9));
        queue.SetSlot(0, 0, 5, id, Avail | Used | Write);
        for (int attempt = 0; attempt < 2; attempt++) // a fault stays the same fault
        {
            Assert.Equal(expected, queue.Driver.TryReclaim(out int token, out uint written));
            Assert.Equal((0, 0u), (token, written));
            Assert.Equal(id, queue.DriverState.FaultValue);
            Assert.Equal(1, queue.DriverState.FreeCount);
        }
    }

    [Fact]
    public void A_chain_returned_twice_is_named()
    {
        using PackedTestQueue queue = new(3);
        for (int token = 0; token < 2; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
        queue.Driver.Publish();
        queue.SetSlot(0, 0, 5, id: 0, Avail | Used);
        queue.SetSlot(1, 0, 5, id: 0, Avail | Used);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out uint written));
        Assert.Equal(0u, written); // a length without WRITE means nothing
        Assert.Equal(RingStatus.IdNotAHead, queue.Driver.TryReclaim(out _, out _));
    }

    [Fact]
    public void The_driver_never_believes_the_ring_about_a_chain()
    {
        using PackedTestQueue queue = new(5);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer, Buffer], [Buffer], token: 8));
        queue.Driver.Publish();
        for (int slot = 0; slot < 5; slot++) queue.SetSlot(slot, 0, 0, id: 4, Avail | Next); // the device scribbles over the ring
        queue.SetSlot(0, 0, 0, id: 0, Avail | Used | Next);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(5, queue.DriverState.FreeCount);
        for (int token = 0; token < 5; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
    }

    private void Names(PackedTestQueue queue, RingStatus expected, uint value, int taken = 0)
    {
        PackedTestQueue.TableMap map = queue.Map;
        for (int attempt = 0; attempt < 2; attempt++) // a fault stays the same fault
        {
            Assert.Equal(expected, queue.Device.TryTake(ref map, _scratch, out DescriptorChain chain));
            Assert.Equal(value, queue.DeviceState.FaultValue);
            Assert.Equal(0, chain.Readable.Length + chain.Writable.Length);
            Assert.Equal(taken, queue.DeviceState.TakenCount);
        }
    }
}
