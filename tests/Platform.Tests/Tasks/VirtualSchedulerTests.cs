using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

public class VirtualSchedulerTests
{
    [Fact]
    public void A_spawned_task_runs_where_it_was_told_and_else_where_its_spawner_runs()
    {
        VirtualScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        KernelTask? child = null;
        scheduler.Run(async () =>
        {
            Assert.Same(scheduler.Host, scheduler.Current!.Cpu);
            KernelTask core = scheduler.Spawn("core", () =>
            {
                child = scheduler.Spawn("core's child", () => ValueTask.CompletedTask);
                return ValueTask.CompletedTask;
            }, remote);
            Assert.Same(remote, core.Cpu);
            await core.Ended.WaitAsync();
        });
        Assert.Same(remote, child!.Cpu);
        Assert.Equal((0, 1), (scheduler.Host.Index, remote.Index));
        Assert.Equal("remoteproc0", remote.ToString());
    }

    [Fact]
    public void Tasks_are_numbered_and_live_from_Spawn_until_they_end()
    {
        VirtualScheduler scheduler = new();
        KernelTask? a = null;
        scheduler.Run(async () =>
        {
            a = scheduler.Spawn("a", async () => await scheduler.DelayAsync(10));
            Assert.Equal(KernelTaskState.Ready, a.State);
            Assert.Equal([scheduler.Current!, a], scheduler.LiveTasks);
            await scheduler.DelayAsync(5);
            Assert.Equal(KernelTaskState.Parked, a.State);
            await a.Ended.WaitAsync();
        });
        Assert.Equal("a[2]", a!.ToString());
        Assert.Equal(KernelTaskState.Done, a.State);
        Assert.Empty(scheduler.LiveTasks);
        Assert.Null(scheduler.Current);
    }

    [Fact]
    public void A_deadlock_names_each_link()
    {
        VirtualScheduler scheduler = new();
        Mutex a = new(scheduler, "lock a"), b = new(scheduler, "lock b");
        Completion go = new(scheduler, "firmware loaded");
        DeadlockException deadlock = Assert.Throws<DeadlockException>(() => scheduler.Run(async () =>
        {
            scheduler.Spawn("daemon", async () => await go.WaitAsync(), isDaemon: true);
            scheduler.Spawn("waiter", async () => await go.WaitAsync());
            scheduler.Spawn("other", async () =>
            {
                await b.LockAsync();
                await scheduler.DelayAsync(10);
                await a.LockAsync();
            });
            await a.LockAsync();
            await scheduler.DelayAsync(10);
            await b.LockAsync();
        }));
        Assert.Equal(
            """
            deadlock: nothing can move.
              these wait for each other:
                main[1] waits for Mutex "lock b", held by other[4]
                other[4] waits for Mutex "lock a", held by main[1]
              waiter[3] waits for Completion "firmware loaded"
            """, deadlock.Message);
    }

    [Fact]
    public void A_cycle_over_a_completion_and_the_end_of_a_task_is_named()
    {
        VirtualScheduler scheduler = new();
        Completion loaded = new(scheduler, "firmware loaded");
        Mutex mutex = new(scheduler, "lock");
        DeadlockException deadlock = Assert.Throws<DeadlockException>(() => scheduler.Run(async () =>
        {
            KernelTask booter = scheduler.Spawn("booter", async () =>
            {
                await mutex.LockAsync();
                await loaded.WaitAsync();
            });
            loaded.ExpectedFrom = scheduler.Spawn("loader", async () =>
            {
                await mutex.LockAsync();
                loaded.CompleteAll();
            });
            await booter.Ended.WaitAsync();
        }));
        Assert.Equal(
            """
            deadlock: nothing can move.
              these wait for each other:
                booter[2] waits for Completion "firmware loaded", expected from loader[3]
                loader[3] waits for Mutex "lock", held by booter[2]
              main[1] waits for Completion "booter", expected from booter[2]
            """, deadlock.Message);
    }

    [Fact]
    public void A_deadlock_over_work_names_the_worker()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "rproc->lock");
        Work work = new WorkQueue(scheduler, "rproc_recovery").CreateWork("crash_handler", async () => await mutex.LockAsync());
        DeadlockException deadlock = Assert.Throws<DeadlockException>(() => scheduler.Run(async () =>
        {
            await mutex.LockAsync();
            work.Queue();
            await work.FlushAsync();
        }));
        Assert.Contains("main[1] waits for Event \"kworker/rproc_recovery:crash_handler\", " +
            "expected from kworker/rproc_recovery:crash_handler[2]",
            deadlock.Message, StringComparison.Ordinal);
        Assert.Contains("[2] waits for Mutex \"rproc->lock\", held by main[1]", deadlock.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_main_throws_comes_out_of_Run()
    {
        VirtualScheduler scheduler = new();
        InvalidOperationException thrown =
            Assert.Throws<InvalidOperationException>(() => scheduler.Run(() => throw new FormatException("bad")));
        Assert.IsType<FormatException>(thrown.InnerException);
        Assert.Equal("bad", thrown.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_another_task_throws_comes_out_of_Run_daemon_or_not(bool isDaemon)
    {
        VirtualScheduler scheduler = new();
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => scheduler.Run(async () =>
        {
            scheduler.Spawn("worker", async () =>
            {
                await scheduler.DelayAsync(10);
                throw new FormatException("bad");
            }, isDaemon: isDaemon);
            await scheduler.DelayAsync(1_000);
        }));
        Assert.IsType<FormatException>(thrown.InnerException);
        Assert.Equal(10, scheduler.NowNs);
    }

    [Fact]
    public void A_run_that_only_switches_is_ended_by_its_bound()
    {
        VirtualScheduler scheduler = new() { SwitchCountMax = 1_000 };
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => scheduler.Run(async () =>
        {
            while (true) await scheduler.DelayAsync(1);
        }));
        Assert.Contains("1000 task switches", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_only_polls_is_ended_by_its_bound()
    {
        VirtualScheduler scheduler = new() { SwitchCountMax = 1_000 };
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => scheduler.Run(async () =>
        {
            while (true) await scheduler.DelayAsync(0);
        }));
        Assert.Contains("1000 scheduling points", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_parked_task_that_is_killed_runs_nothing_more_not_even_its_finally_blocks()
    {
        VirtualScheduler scheduler = new();
        Completion never = new(scheduler, "never");
        List<string> events = [];
        scheduler.Run(async () =>
        {
            KernelTask core = scheduler.Spawn("core", async () =>
            {
                try
                {
                    await never.WaitAsync();
                    events.Add("went on");
                }
                finally
                {
                    events.Add("finally");
                }
            });
            await scheduler.DelayAsync(10);
            scheduler.Kill(core);
            Assert.True(await core.Ended.WaitAsync());
            Assert.Null(core.Failure);
            never.Complete();
            Assert.True(never.IsDone); // nobody was there to take it
        });
        Assert.Empty(events);
        Assert.Equal(10, scheduler.NowNs);
    }

    [Fact]
    public void A_sleeping_task_that_is_killed_does_not_sleep_to_the_end()
    {
        VirtualScheduler scheduler = new();
        scheduler.Run(async () =>
        {
            KernelTask core = scheduler.Spawn("core", async () => await scheduler.DelayAsync(1_000_000));
            await scheduler.DelayAsync(10);
            scheduler.Kill(core);
            await core.Ended.WaitAsync();
            await scheduler.DelayAsync(1);
        });
        Assert.Equal(11, scheduler.NowNs);
    }

    [Fact]
    public void A_task_that_is_killed_before_it_begins_never_begins()
    {
        VirtualScheduler scheduler = new();
        bool began = false;
        scheduler.Run(async () =>
        {
            KernelTask core = scheduler.Spawn("core", () =>
            {
                began = true;
                return ValueTask.CompletedTask;
            });
            scheduler.Kill(core);
            await core.Ended.WaitAsync();
        });
        Assert.False(began);
    }

    [Fact]
    public void A_woken_task_that_is_killed_before_it_runs_leaves_what_it_was_woken_for()
    {
        VirtualScheduler scheduler = new();
        Completion completion = new(scheduler, "it");
        scheduler.Run(async () =>
        {
            KernelTask core = scheduler.Spawn("core", async () => await completion.WaitAsync());
            await scheduler.DelayAsync(10);
            completion.Complete();
            Assert.Equal(KernelTaskState.Ready, core.State);
            scheduler.Kill(core);
            await core.Ended.WaitAsync();
            Assert.True(await completion.WaitAsync(0));
        });
    }

    [Fact]
    public void A_running_task_that_kills_itself_ends_at_its_next_await()
    {
        VirtualScheduler scheduler = new();
        List<string> events = [];
        scheduler.Run(async () =>
        {
            KernelTask core = scheduler.Spawn("core", async () =>
            {
                scheduler.Kill(scheduler.Current!);
                events.Add("still runs");
                await scheduler.Point("next");
                events.Add("went on");
            });
            await core.Ended.WaitAsync();
            scheduler.Kill(core); // no effect on the dead
        });
        Assert.Equal(["still runs"], events);
        Assert.Empty(scheduler.LiveTasks);
    }

    [Fact]
    public void A_killed_waiter_leaves_the_mutex_to_the_others()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        scheduler.Run(async () =>
        {
            await mutex.LockAsync();
            KernelTask killed = scheduler.Spawn("killed", async () => await mutex.LockAsync());
            KernelTask next = scheduler.Spawn("next", async () =>
            {
                await mutex.LockAsync();
                mutex.Unlock();
            });
            await scheduler.DelayAsync(1);
            mutex.Unlock(); // wakes both
            scheduler.Kill(killed);
            Assert.True(await next.Ended.WaitAsync(1_000));
        });
        Assert.Null(mutex.Owner);
    }

    [Fact]
    public void A_run_is_not_entered_from_inside()
    {
        VirtualScheduler scheduler = new();
        scheduler.Run(() =>
        {
            Assert.Throws<InvariantException>(() => scheduler.Run(() => ValueTask.CompletedTask));
            return ValueTask.CompletedTask;
        });
    }

    [Fact]
    public void A_second_run_goes_on_where_the_first_ended()
    {
        VirtualScheduler scheduler = new();
        int beats = 0;
        scheduler.Spawn("heart", async () =>
        {
            while (true)
            {
                await scheduler.DelayAsync(10);
                beats++;
            }
        }, isDaemon: true);
        scheduler.Run(async () => await scheduler.DelayAsync(35));
        Assert.Equal(3, beats);
        scheduler.Run(async () => await scheduler.DelayAsync(30));
        Assert.Equal(65, scheduler.NowNs);
        Assert.Equal(6, beats);
    }
}
