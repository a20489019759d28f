using System;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Can the other half hurt us? Only statuses come out, whatever lies in shared memory.</summary>
public sealed class HostilePeerTests
{
    private static readonly VringSegment Buffer = new(0x1000, 512);

    [Theory]
    [InlineData(5, 0, RingStatus.IndexTooFarAhead, 5u)]
    [InlineData(0xffff, 0, RingStatus.IndexTooFarAhead, 0xffffu)]
    [InlineData(1, 4, RingStatus.HeadOutOfRange, 4u)]
    [InlineData(1, 0xffff, RingStatus.HeadOutOfRange, 0xffffu)]
    public void A_lying_available_ring_is_named_and_moves_nothing(ushort index, ushort head, RingStatus expected, uint value)
    {
        using TestQueue queue = new(4);
        queue.AvailIndex = index;
        queue.SetAvailSlot(0, head);
        VringSegment[] scratch = new VringSegment[4];
        for (int attempt = 0; attempt < 2; attempt++) // a fault stays the same fault
        {
            Assert.Equal(expected, queue.Device.TryTake(scratch, out DescriptorChain chain));
            Assert.Equal(value, queue.DeviceState.FaultValue);
            Assert.Equal(0, chain.Readable.Length + chain.Writable.Length);
            Assert.Equal(0, queue.DeviceState.TakenCount);
        }
    }

    [Theory]
    [InlineData(1, 4, 0, 0, RingStatus.NextOutOfRange, 4u)]    // NEXT to a descriptor that is none
    [InlineData(1, 0, 0, 0, RingStatus.ChainLoops, 0u)]        // NEXT to itself
    [InlineData(1, 1, 1, 0, RingStatus.ChainLoops, 0u)]        // two that point to each other
    [InlineData(4, 0, 0, 0, RingStatus.IndirectUnsupported, 0u)]
    [InlineData(1, 1, 6, 0, RingStatus.IndirectUnsupported, 1u)]
    [InlineData(3, 1, 0, 0, RingStatus.ReadableAfterWritable, 1u)]
    public void A_lying_chain_is_named_and_moves_nothing(ushort flags0, ushort next0, ushort flags1, ushort next1,
        RingStatus expected, uint value)
    {
        using TestQueue queue = new(4);
        queue.SetDescriptor(0, 0x1000, 8, flags0, next0);
        queue.SetDescriptor(1, 0x2000, 8, flags1, next1);
        queue.AvailIndex = 1;
        VringSegment[] scratch = new VringSegment[4];
        Assert.Equal(expected, queue.Device.TryTake(scratch, out _));
        Assert.Equal(value, queue.DeviceState.FaultValue);
        Assert.Equal(0, queue.DeviceState.TakenCount);
    }

    [Fact]
    public void A_chain_longer_than_the_device_takes_is_named()
    {
        using TestQueue queue = new(4);
        VringSegment[] three = [Buffer, Buffer, Buffer];
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(three, [], token: 0));
        queue.Driver.Publish();
        Assert.Equal(RingStatus.ChainTooLong, queue.Device.TryTake(new VringSegment[2], out _));
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(new VringSegment[3], out _));
    }

    [Theory]
    [InlineData(5, 0u, RingStatus.IndexTooFarAhead, 5u)]
    [InlineData(1, 4u, RingStatus.IdOutOfRange, 4u)]
    [InlineData(1, 0x10000u, RingStatus.IdOutOfRange, 0x10000u)]
    [InlineData(1, 0xffffffffu, RingStatus.IdOutOfRange, 0xffffffffu)]
    [InlineData(1, 1u, RingStatus.IdNotAHead, 1u)]             // the second descriptor of the chain
    [InlineData(1, 3u, RingStatus.IdNotAHead, 3u)]             // a free one
    public void RM_33_a_lying_used_ring_is_named_and_moves_nothing(ushort index, uint id, RingStatus expected, uint value)
    {
        using TestQueue queue = new(4);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer], [Buffer], token: 8));
        queue.Driver.Publish();
        queue.UsedIndex = index;
        queue.SetUsedSlot(0, id, 0);
        for (int attempt = 0; attempt < 2; attempt++)
        {
            Assert.Equal(expected, queue.Driver.TryReclaim(out int token, out uint written));
            Assert.Equal((0, 0u), (token, written));
            Assert.Equal(value, queue.DriverState.FaultValue);
            Assert.Equal(2, queue.DriverState.FreeCount);
        }
    }

    [Fact]
    public void A_chain_returned_twice_is_named()
    {
        using TestQueue queue = new(4);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token: 8));
        queue.Driver.Publish();
        queue.SetUsedSlot(0, 0, 16);
        queue.SetUsedSlot(1, 0, 16);
        queue.UsedIndex = 2;
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(RingStatus.IdNotAHead, queue.Driver.TryReclaim(out _, out _));
    }

    [Fact]
    public void The_driver_never_believes_its_own_table_about_a_chain()
    {
        using TestQueue queue = new(8);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer([Buffer, Buffer], [Buffer], token: 8));
        queue.Driver.Publish();
        for (int index = 0; index < 8; index++) queue.SetDescriptor(index, 0, 0, flags: 1, next: 7); // the device scribbles over the table
        queue.SetUsedSlot(0, 0, 0);
        queue.UsedIndex = 1;
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(8, queue.DriverState.FreeCount);
        for (int token = 0; token < 8; token++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, token));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(4, true)]
    [InlineData(64, true)]
    [InlineData(256, false)]
    public void Mutated_memory_only_ever_gives_statuses(int queueSize, bool eventIndex)
    {
        SeededChoices choices = new(seed: (ulong)queueSize);
        for (int run = 0; run < 300; run++)
        {
            using TestQueue queue = new(queueSize, eventIndex);
            VringSegment[] scratch = new VringSegment[queueSize];
            ushort[] taken = new ushort[queueSize];
            int takenCount = 0;
            for (int step = 0; step < 200; step++)
            {
                if (choices.Pick(3) == 0) Mutate(queue, choices);
                Step(queue, choices, scratch, taken, ref takenCount);
                Assert.InRange(queue.DriverState.FreeCount, 0, queueSize);
                Assert.InRange(queue.DeviceState.TakenCount, 0, queueSize);
            }
            Assert.True(queue.Region.GuardsAreWhole);
        }
    }

    private static void Mutate(TestQueue queue, SeededChoices choices)
    {
        Span<byte> bytes = queue.Region.Span;
        int queueSize = queue.Layout.QueueSize;
        ushort near = (ushort)(queue.AvailIndex + choices.Pick(5) - 2); // near misses find more than noise does
        switch (choices.Pick(6))
        {
            case 0: queue.AvailIndex = near; break;
            case 1: queue.UsedIndex = near; break;
            case 2: queue.SetAvailSlot(choices.Pick(queueSize), (ushort)choices.Pick(queueSize + 2)); break;
            case 3: queue.SetUsedSlot(choices.Pick(queueSize), (uint)choices.Pick(queueSize + 2), 9); break;
            case 4:
                queue.SetDescriptor(choices.Pick(queueSize), 0, 1, (ushort)choices.Pick(8), (ushort)choices.Pick(queueSize + 2));
                break;
            default: bytes[choices.Pick(bytes.Length)] = (byte)choices.NextBits(); break;
        }
    }

    private static void Step(TestQueue queue, SeededChoices choices, VringSegment[] scratch, ushort[] taken, ref int takenCount)
    {
        switch (choices.Pick(9))
        {
            case 0: _ = queue.Driver.TryOffer(Buffer, writable: true, token: 1); break;
            case 1: _ = queue.Driver.TryOffer([Buffer], [Buffer, Buffer], token: 1); break;
            case 2: queue.Driver.Publish(); break;
            case 3: _ = queue.Driver.ShouldKick(); break;
            case 4: _ = queue.Driver.TryReclaim(out _, out _); break;
            case 5: _ = queue.Driver.ArmInterrupt(); break;
            case 6:
                if (queue.Device.TryTake(scratch, out DescriptorChain chain) == RingStatus.Ok && takenCount < taken.Length)
                    taken[takenCount++] = chain.Head;
                break;
            case 7:
                if (takenCount > 0) queue.Device.Return(taken[--takenCount], 1);
                queue.Device.Publish();
                break;
            default: _ = queue.Device.ShouldInterrupt() | queue.Device.ArmKick(); break;
        }
    }
}
