using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>Nothing can move, somebody never does, and somebody sleeps who need not.</summary>
public sealed class DeadlockOracleTests
{
    [Fact]
    public void Two_locks_in_two_orders_are_a_deadlock_named_link_by_link()
    {
        using WatchedMachine machine = new(new EchoProgram());
        Scheduler scheduler = machine.Machine.Scheduler;
        Mutex one = new(scheduler, "one"), two = new(scheduler, "two");
        _ = machine.Run(async () =>
        {
            KernelTask other = scheduler.Spawn("other", async () =>
            {
                await two.LockAsync();
                await scheduler.DelayAsync(1);
                await one.LockAsync();
            });
            await one.LockAsync();
            await scheduler.DelayAsync(1);
            await two.LockAsync();
            _ = await other.Ended.WaitAsync();
        });
        Assert.Equal(["Deadlock: main waits for Mutex \"two\", held by other; other waits for Mutex \"one\", held by main"], machine.Found);
    }

    [Fact]
    public void A_task_that_sleeps_when_all_is_over_is_stuck()
    {
        using WatchedMachine machine = new(new EchoProgram());
        Completion never = new(machine.Machine.Scheduler, "crash_comp");
        _ = machine.Run(async () =>
        {
            _ = machine.Machine.Scheduler.Spawn("kworker/rproc", async () => _ = await never.WaitAsync());
            await machine.LoadAsync(WatchedMachine.VirtioRpmsg, WatchedMachine.PlatformDriver);
        });
        Assert.Equal("Deadlock: kworker/rproc waits for Completion \"crash_comp\"", machine.Found[0]);
        Assert.Equal("crash_comp", machine.Watch.Findings[0].State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_sleeper_whose_condition_holds_has_lost_its_wake_up(bool othersMove)
    {
        using WatchedMachine machine = new(new EchoProgram());
        Scheduler scheduler = machine.Machine.Scheduler;
        WaitQueue queue = new(scheduler, "flag");
        bool[] flag = [false];
        _ = machine.Run(async () =>
        {
            KernelTask sleeper = scheduler.Spawn("sleeper", async () => _ = await queue.WaitAsync(flag, static flag => flag[0]));
            await scheduler.DelayAsync(1);
            flag[0] = true; // and nobody is woken
            if (!othersMove) _ = await sleeper.Ended.WaitAsync(); // nothing at all can move then
        });
        Assert.Equal(["Deadlock: sleeper is not woken for flag"], machine.Found);
    }

    [Fact]
    public void A_sleeper_that_is_woken_while_it_is_probed_has_lost_nothing()
    {
        using WatchedMachine machine = new(new EchoProgram());
        Scheduler scheduler = machine.Machine.Scheduler;
        WaitQueue queue = new(scheduler, "flag");
        bool[] flags = [false, false];
        _ = machine.Run(async () =>
        {
            _ = scheduler.Spawn("first", async () =>
            {
                _ = await queue.WaitAsync(flags, static flags => flags[0]);
                flags[1] = true;
                queue.WakeAll();
            });
            _ = scheduler.Spawn("second", async () => _ = await queue.WaitAsync(flags, static flags => flags[1]));
            await scheduler.DelayAsync(1);
            flags[0] = true;
        });
        Assert.Equal(["Deadlock: first is not woken for flag"], machine.Found);
    }

    [Fact]
    public void A_lock_that_its_owner_takes_again_is_a_deadlock_too()
    {
        using WatchedMachine machine = new(new EchoProgram());
        Mutex mutex = new(machine.Machine.Scheduler, "one");
        _ = machine.Run(async () =>
        {
            await mutex.LockAsync();
            await mutex.LockAsync();
        });
        string found = Assert.Single(machine.Found);
        Assert.Equal("Deadlock: invariant broken: a task does not lock a mutex that it holds", found);
    }
}
