using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

public class WaitQueueTests
{
    private sealed class Counter
    {
        public int Value;
    }

    [Fact]
    public void A_sleeper_looks_again_each_time_it_is_woken_and_goes_on_when_the_condition_holds()
    {
        VirtualScheduler scheduler = new();
        WaitQueue queue = new(scheduler, "three");
        Counter counter = new();
        int looks = 0;
        scheduler.Run(async () =>
        {
            KernelTask waiter = scheduler.Spawn("waiter", async () =>
                Assert.Equal(WaitResult.Ok, await queue.WaitAsync(counter, value =>
                {
                    looks++;
                    return value.Value == 3;
                })));
            for (int i = 1; i <= 3; i++)
            {
                await scheduler.DelayAsync(1);
                Assert.Equal(1, queue.SleeperCount);
                counter.Value = i;
                queue.WakeAll();
            }

            await waiter.Ended.WaitAsync();
        });
        Assert.Equal(4, looks);
        Assert.Equal(0, queue.SleeperCount);
    }

    [Fact]
    public void A_spurious_wake_up_does_not_prolong_the_timeout()
    {
        VirtualScheduler scheduler = new();
        WaitQueue queue = new(scheduler, "never");
        scheduler.Run(async () =>
        {
            KernelTask waiter = scheduler.Spawn("waiter", async () =>
                Assert.Equal(WaitResult.TimedOut, await queue.WaitAsync(0, _ => false, timeoutNs: 100)));
            await scheduler.DelayAsync(70);
            queue.WakeAll();
            await waiter.Ended.WaitAsync();
            Assert.Equal(100, scheduler.NowNs);
        });
        Assert.Equal(0, queue.SleeperCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_timeout_of_nothing_looks_once(long timeoutNs)
    {
        VirtualScheduler scheduler = new();
        WaitQueue queue = new(scheduler, "never");
        int looks = 0;
        scheduler.Run(async () => Assert.Equal(WaitResult.TimedOut, await queue.WaitAsync(0, _ => ++looks < 0, timeoutNs)));
        Assert.Equal(1, looks);
        Assert.Equal(0, scheduler.NowNs);
    }

    [Fact]
    public void An_old_timeout_does_not_end_a_later_sleep()
    {
        VirtualScheduler scheduler = new();
        WaitQueue queue = new(scheduler, "event");
        Counter counter = new();
        scheduler.Run(async () =>
        {
            KernelTask waker = scheduler.Spawn("waker", async () =>
            {
                await scheduler.DelayAsync(10);
                counter.Value = 1;
                queue.WakeAll();
            });
            Assert.Equal(WaitResult.Ok, await queue.WaitAsync(counter, value => value.Value == 1, timeoutNs: 100));
            await scheduler.DelayAsync(500); // sleeps over the moment at which the old timeout was due
            Assert.Equal(510, scheduler.NowNs);
            await waker.Ended.WaitAsync();
        });
    }

    [Fact]
    public void A_signal_ends_only_interruptible_sleeps()
    {
        VirtualScheduler scheduler = new();
        WaitQueue queue = new(scheduler, "never");
        scheduler.Run(async () =>
        {
            KernelTask deaf = scheduler.Spawn("deaf", async () =>
                Assert.Equal(WaitResult.TimedOut, await queue.WaitAsync(0, _ => false, timeoutNs: 100)));
            KernelTask listening = scheduler.Spawn("listening", async () =>
                Assert.Equal(WaitResult.Interrupted, await queue.WaitAsync(0, _ => false, timeoutNs: 100, interruptible: true)));
            await scheduler.DelayAsync(10);
            scheduler.Signal(deaf);
            scheduler.Signal(listening);
            await listening.Ended.WaitAsync();
            Assert.Equal(10, scheduler.NowNs);
            await deaf.Ended.WaitAsync();
            Assert.Equal(100, scheduler.NowNs);
        });
    }

    [Fact]
    public void Delays_end_in_the_order_of_their_deadlines_and_equal_ones_as_they_began()
    {
        VirtualScheduler scheduler = new();
        List<string> order = [];
        scheduler.Run(async () =>
        {
            List<KernelTask> tasks = [];
            foreach ((string name, long durationNs) in ((string, long)[])[("late", 30), ("early", 10), ("middle a", 20), ("middle b", 20)])
            {
                tasks.Add(scheduler.Spawn(name, async () =>
                {
                    await scheduler.DelayAsync(durationNs);
                    order.Add(name);
                }));
            }

            foreach (KernelTask task in tasks) await task.Ended.WaitAsync();
        });
        Assert.Equal(["early", "middle a", "middle b", "late"], order);
        Assert.Equal(30, scheduler.NowNs);
    }
}
