using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Who is told, and when: flags and event indices, VIRTIO 1.3, 2.7.7 and 2.7.10.</summary>
public sealed class NotificationTests
{
    private static readonly VringSegment Buffer = new(0x1000, 512);

    [Theory]
    [InlineData(0, 1, 0, true)]
    [InlineData(1, 2, 0, false)]
    [InlineData(0xffff, 0x0002, 0, true)]
    [InlineData(0xffff, 0x0002, 5, false)]
    [InlineData(7, 7, 7, false)]
    [InlineData(7, 7, 6, false)]
    public void An_event_is_needed_when_it_lies_among_the_new_entries(ushort oldIndex, ushort newIndex, ushort eventIndex, bool expected) =>
        Assert.Equal(expected, VringNotification.NeedEvent(eventIndex, newIndex, oldIndex));

    [Fact]
    public void RM_30_an_event_far_ahead_means_no_kick_until_it_is_crossed()
    {
        using TestQueue queue = new(8, eventIndex: true);
        queue.AvailEvent = 3;
        bool[] kicks = new bool[5];
        for (int i = 0; i < kicks.Length; i++) kicks[i] = OfferOne(queue);
        Assert.Equal([false, false, false, true, false], kicks);
    }

    [Fact]
    public void RM_31_no_notify_means_no_kick()
    {
        using TestQueue queue = new(8);
        Assert.True(OfferOne(queue));
        queue.UsedFlags = VringNotification.UsedNoNotify;
        Assert.False(OfferOne(queue));
        queue.UsedFlags = 0;
        Assert.True(OfferOne(queue));
    }

    [Fact]
    public void A_flag_is_tested_not_compared()
    {
        using TestQueue queue = new(8);
        queue.UsedFlags = 0xfffe; // bits that mean nothing to us
        Assert.True(OfferOne(queue));
        queue.UsedFlags = 0xffff;
        Assert.False(OfferOne(queue));
    }

    [Fact]
    public void RM_32_an_interrupt_against_the_flag_finds_nothing_and_harms_nothing()
    {
        using TestQueue queue = new(4);
        queue.Driver.DisarmInterrupt();
        Assert.Equal(VringNotification.AvailNoInterrupt, queue.AvailFlags);
        Assert.False(queue.Driver.HasUsed());
        Assert.Equal(RingStatus.Empty, queue.Driver.TryReclaim(out _, out _));
        Assert.True(OfferOne(queue));
        ReturnOne(queue);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
    }

    [Fact]
    public void One_decision_covers_a_whole_batch()
    {
        using TestQueue queue = new(8, eventIndex: true);
        queue.AvailEvent = 2;
        for (int i = 0; i < 5; i++) Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, i));
        queue.Driver.Publish();
        Assert.Equal(5, queue.DriverState.PublishedSinceKick);
        Assert.True(queue.Driver.ShouldKick());
        Assert.Equal(0, queue.DriverState.PublishedSinceKick);
        Assert.False(queue.Driver.ShouldKick());
    }

    [Fact]
    public void After_65536_undecided_entries_both_halves_notify_whatever_the_event()
    {
        using TestQueue queue = new(4, eventIndex: true);
        queue.AvailEvent = 0;
        queue.UsedEvent = 0;
        queue.Driver.DisarmInterrupt();
        for (int i = 0; i < 65536; i++)
        {
            Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(Buffer, writable: true, i));
            queue.Driver.Publish();
            TakeAndReturn(queue);
            Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        }
        Assert.Equal(0, queue.AvailIndex); // the 16-bit difference to the last decision is 0
        Assert.True(queue.Driver.ShouldKick());
        Assert.True(queue.Device.ShouldInterrupt());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_disarmed_device_is_not_kicked_and_an_armed_one_is(bool eventIndex)
    {
        using TestQueue queue = new(8, eventIndex);
        Assert.True(OfferOne(queue)); // a new queue wants its first kick
        ReturnOne(queue);
        queue.Device.DisarmKick();
        Assert.False(OfferOne(queue));
        Assert.True(queue.Device.ArmKick()); // that offer slipped in
        ReturnOne(queue);
        Assert.False(queue.Device.ArmKick());
        Assert.True(OfferOne(queue));
        Assert.Equal(0, eventIndex ? queue.UsedFlags : queue.AvailEvent); // each way leaves the other's word alone
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_disarmed_driver_is_not_interrupted_and_an_armed_one_is(bool eventIndex)
    {
        using TestQueue queue = new(8, eventIndex);
        for (int i = 0; i < 4; i++) OfferOne(queue);
        Assert.True(ReturnOne(queue)); // a new queue wants its first interrupt
        queue.Driver.DisarmInterrupt();
        Assert.False(ReturnOne(queue));
        Assert.True(queue.Driver.ArmInterrupt()); // that return slipped in
        while (queue.Driver.TryReclaim(out _, out _) == RingStatus.Ok) { }
        Assert.False(queue.Driver.ArmInterrupt());
        Assert.True(ReturnOne(queue));
        Assert.Equal(0, eventIndex ? queue.AvailFlags : queue.UsedEvent);
    }

    [Fact]
    public void While_armed_each_reclaim_moves_the_event_and_while_disarmed_none_does()
    {
        using TestQueue queue = new(8, eventIndex: true);
        for (int i = 0; i < 4; i++) OfferOne(queue);
        for (int i = 0; i < 4; i++) ReturnOne(queue);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(1, queue.UsedEvent);
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(2, queue.UsedEvent);
        queue.Driver.DisarmInterrupt();
        ushort disarmed = queue.UsedEvent;
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
        Assert.Equal(disarmed, queue.UsedEvent);
    }

    private static bool OfferOne(TestQueue queue)
    {
        _ = queue.Driver.TryOffer(Buffer, writable: true, token: 0);
        queue.Driver.Publish();
        return queue.Driver.ShouldKick();
    }

    private static bool ReturnOne(TestQueue queue)
    {
        TakeAndReturn(queue);
        return queue.Device.ShouldInterrupt();
    }

    private static void TakeAndReturn(TestQueue queue)
    {
        _ = queue.Device.TryTake(new VringSegment[1], out DescriptorChain chain);
        queue.Device.Return(chain.Head, 0);
        queue.Device.Publish();
    }
}
