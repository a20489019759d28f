using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

public class CompletionTests
{
    [Fact]
    public void Complete_lets_one_waiter_go_on_and_CompleteAll_all_of_them_for_ever()
    {
        VirtualScheduler scheduler = new();
        Completion completion = new(scheduler, "it");
        int wentOn = 0;
        scheduler.Run(async () =>
        {
            List<KernelTask> waiters = [];
            for (int i = 0; i < 5; i++)
            {
                waiters.Add(scheduler.Spawn($"waiter {i}", async () =>
                {
                    Assert.True(await completion.WaitAsync());
                    wentOn++;
                }));
            }

            await scheduler.DelayAsync(1);
            completion.Complete();
            await scheduler.DelayAsync(1);
            Assert.Equal(1, wentOn);
            Assert.False(completion.IsDone);

            completion.CompleteAll();
            foreach (KernelTask waiter in waiters) await waiter.Ended.WaitAsync();
            Assert.Equal(5, wentOn);
            Assert.True(completion.IsDone);
            Assert.True(await completion.WaitAsync(0)); // and now
        });
    }

    [Fact]
    public void Completes_without_waiters_are_counted()
    {
        VirtualScheduler scheduler = new();
        Completion completion = new(scheduler, "it");
        completion.Complete();
        completion.Complete();
        scheduler.Run(async () =>
        {
            Assert.True(await completion.WaitAsync(0));
            Assert.True(await completion.WaitAsync(0));
            Assert.False(await completion.WaitAsync(0));
        });
    }

    [Fact]
    public void Complete_after_CompleteAll_changes_nothing_and_Reset_makes_it_not_have_happened()
    {
        VirtualScheduler scheduler = new();
        Completion completion = new(scheduler, "it");
        completion.CompleteAll();
        completion.Complete();
        scheduler.Run(async () =>
        {
            for (int i = 0; i < 3; i++) Assert.True(await completion.WaitAsync(0));
            completion.Reset();
            Assert.False(completion.IsDone);
            Assert.False(await completion.WaitAsync(0));
        });
    }

    [Fact]
    public void A_timeout_of_fifteen_seconds_passes_in_virtual_time_alone()
    {
        VirtualScheduler scheduler = new();
        Completion completion = new(scheduler, "it");
        scheduler.Run(async () => Assert.False(await completion.WaitAsync(15_000_000_000)));
        Assert.Equal(15_000_000_000, scheduler.NowNs);
        Assert.InRange(scheduler.SwitchCount, 1, 3);
    }

    [Fact]
    public void What_happens_at_the_deadline_itself_has_happened()
    {
        VirtualScheduler scheduler = new();
        Completion completion = new(scheduler, "it");
        scheduler.Spawn("completer", async () =>
        {
            await scheduler.DelayAsync(100);
            completion.Complete();
        });
        scheduler.Run(async () => Assert.True(await completion.WaitAsync(100)));
        Assert.Equal(100, scheduler.NowNs);
    }
}
