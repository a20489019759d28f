using System;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Ring;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Does an interleaving lose a notification? All of them are tried, at every shared word and every store delay that x86
/// allows.</summary>
/// <remarks>Each proof has a twin whose only difference is the missing fence, and which must fail.</remarks>
public sealed class ExplorationTests(ITestOutputHelper output)
{
    private static readonly VringSegment Buffer = new(0x1000, 512);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_kick_is_lost(bool eventIndex) => Assert.Equal(0, CountLostKicks<ExploredAccess>(eventIndex));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_kick_is_lost_can_fail(bool eventIndex) => Assert.NotEqual(0, CountLostKicks<UnfencedAccess>(eventIndex));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_interrupt_is_lost(bool eventIndex) => Assert.Equal(0, CountLostInterrupts<ExploredAccess>(eventIndex));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_interrupt_is_lost_can_fail(bool eventIndex) => Assert.NotEqual(0, CountLostInterrupts<UnfencedAccess>(eventIndex));

    [Fact]
    public void No_interrupt_is_lost_by_a_driver_that_stays_armed() => Assert.Equal(0, CountLostWhileArmed<ExploredAccess>());

    [Fact]
    public void No_interrupt_is_lost_by_a_driver_that_stays_armed_can_fail() => Assert.NotEqual(0, CountLostWhileArmed<UnfencedAccess>());

    [Fact]
    public void A_schedule_that_loses_a_kick_replays_from_its_printed_choices()
    {
        string? schedule = null;
        int first = CountLostKicks<UnfencedAccess>(eventIndex: true, found => schedule ??= found);
        Assert.NotEqual(0, first);
        using Explorer explorer = new(laneCount: 2);
        Assert.True(LosesKick<UnfencedAccess>(eventIndex: true, explorer, new ReplayChoices(schedule!)));
    }

    /// <summary>The device drains and arms while the driver makes one offer.</summary>
    private int CountLostKicks<TAccess>(bool eventIndex, Action<string>? onLost = null) where TAccess : struct, ISharedAccess
    {
        using Explorer explorer = new(laneCount: 2);
        ExhaustiveChoices choices = new();
        int lost = 0, runs = 0;
        for (; choices.MoveNext(); runs++)
        {
            if (!LosesKick<TAccess>(eventIndex, explorer, choices)) continue;
            lost++;
            onLost?.Invoke(choices.ToString());
        }
        output.WriteLine($"{runs} schedules, {lost} lose the kick");
        return lost;
    }

    private static bool LosesKick<TAccess>(bool eventIndex, Explorer explorer, IChoices choices)
        where TAccess : struct, ISharedAccess
    {
        using TestQueue queue = new(2, eventIndex);
        PassOne(queue);
        queue.Device.DisarmKick();
        bool kicked = false, taken = false;
        explorer.Run(choices,
            () =>
            {
                SplitQueueDriver<TAccess> driver = queue.DriverWith<TAccess>();
                _ = driver.TryOffer(Buffer, writable: false, token: 0);
                driver.Publish();
                kicked = driver.ShouldKick();
            },
            () =>
            {
                SplitQueueDevice<TAccess> device = queue.DeviceWith<TAccess>();
                Span<VringSegment> scratch = stackalloc VringSegment[1];
                do
                {
                    while (device.TryTake(scratch, out _) == RingStatus.Ok) taken = true;
                }
                while (device.ArmKick());
            });
        return !taken && !kicked;
    }

    /// <summary>The driver drains and arms while the device makes one return.</summary>
    private int CountLostInterrupts<TAccess>(bool eventIndex) where TAccess : struct, ISharedAccess
    {
        using Explorer explorer = new(laneCount: 2);
        ExhaustiveChoices choices = new();
        int lost = 0, runs = 0;
        for (; choices.MoveNext(); runs++)
        {
            using TestQueue queue = new(2, eventIndex);
            PassOne(queue);
            ushort head = TakeOne(queue);
            queue.Driver.DisarmInterrupt();
            bool interrupted = false, reclaimed = false;
            explorer.Run(choices,
                () =>
                {
                    SplitQueueDevice<TAccess> device = queue.DeviceWith<TAccess>();
                    device.Return(head, 0);
                    device.Publish();
                    interrupted = device.ShouldInterrupt();
                },
                () =>
                {
                    SplitQueueDriver<TAccess> driver = queue.DriverWith<TAccess>();
                    do
                    {
                        while (driver.TryReclaim(out _, out _) == RingStatus.Ok) reclaimed = true;
                    }
                    while (driver.ArmInterrupt());
                });
            if (!reclaimed && !interrupted) lost++;
        }
        output.WriteLine($"{runs} schedules, {lost} lose the interrupt");
        return lost;
    }

    /// <summary>The driver, in its interrupt handler, drains without disarming, as the kernel's does, while the device makes a second
    /// return.</summary>
    private int CountLostWhileArmed<TAccess>() where TAccess : struct, ISharedAccess
    {
        using Explorer explorer = new(laneCount: 2);
        ExhaustiveChoices choices = new();
        int lost = 0, runs = 0;
        for (; choices.MoveNext(); runs++)
        {
            using TestQueue queue = new(2, eventIndex: true);
            ushort first = TakeOne(queue), second = TakeOne(queue);
            queue.Device.Return(first, 0);
            queue.Device.Publish();
            Assert.True(queue.Device.ShouldInterrupt());
            bool interrupted = false;
            int reclaimed = 0;
            explorer.Run(choices,
                () =>
                {
                    SplitQueueDevice<TAccess> device = queue.DeviceWith<TAccess>();
                    device.Return(second, 0);
                    device.Publish();
                    interrupted = device.ShouldInterrupt();
                },
                () =>
                {
                    SplitQueueDriver<TAccess> driver = queue.DriverWith<TAccess>();
                    while (driver.TryReclaim(out _, out _) == RingStatus.Ok) reclaimed++;
                });
            if (reclaimed < 2 && !interrupted) lost++;
        }
        output.WriteLine($"{runs} schedules, {lost} lose the interrupt");
        return lost;
    }

    private static void PassOne(TestQueue queue)
    {
        queue.Device.Return(TakeOne(queue), 0);
        queue.Device.Publish();
        _ = queue.Device.ShouldInterrupt();
        _ = queue.Driver.TryReclaim(out _, out _);
    }

    private static ushort TakeOne(TestQueue queue)
    {
        _ = queue.Driver.TryOffer(Buffer, writable: false, token: 0);
        queue.Driver.Publish();
        _ = queue.Driver.ShouldKick();
        _ = queue.Device.TryTake(new VringSegment[1], out DescriptorChain chain);
        return chain.Head;
    }
}
