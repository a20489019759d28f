using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;
using Xunit;
using Mutex = RemoteprocEmu.Platform.Tasks.Mutex;

namespace RemoteprocEmu.Platform.Tests.Tasks;

public class ThreadedSchedulerTests
{
    private const long Ms = 1_000_000;
    private const long Patience = 60_000 * Ms; // far longer than any test takes: a lost wake-up, not a slow machine

    [Fact]
    public void No_wake_up_is_lost_between_two_processors_over_completions()
    {
        using ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        Completion ping = new(scheduler, "ping"), pong = new(scheduler, "pong");
        int served = 0, answered = 0;
        scheduler.Spawn("remote", async () =>
        {
            while (await ping.WaitAsync(Patience))
            {
                served++;
                pong.Complete();
            }
        }, remote, isDaemon: true);

        scheduler.Run(async () =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                ping.Complete();
                if (!await pong.WaitAsync(Patience)) return;
                answered++;
            }
        });

        Assert.Equal(10_000, answered);
        Assert.Equal(10_000, served);
    }

    [Fact]
    public void No_ring_is_lost_between_two_processors_over_doorbells()
    {
        using ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        Doorbell toRemote = new(scheduler, "to remote", 2), toHost = new(scheduler, "to host", 2);
        int answered = 0;
        scheduler.Spawn("remote", async () =>
        {
            while (await toRemote.WaitAsync(Patience))
            {
                while (toRemote.TryTake(out int line)) toHost.Ring(line);
            }
        }, remote, isDaemon: true);

        scheduler.Run(async () =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                toRemote.Ring(i & 1);
                if (!await toHost.WaitAsync(Patience)) return;
                if (!toHost.TryTake(out int line) || line != (i & 1)) return;
                answered++;
            }
        });

        Assert.Equal(10_000, answered);
    }

    [Fact]
    public void Every_line_rung_by_two_processors_at_once_is_taken()
    {
        using ThreadedScheduler scheduler = new();
        Doorbell doorbell = new(scheduler, "mailbox", 130);
        Completion[] go = [new(scheduler, "go 0"), new(scheduler, "go 1")];
        long[] takenOfLine = new long[130];
        for (int ringer = 0; ringer < 2; ringer++)
        {
            int own = ringer;
            scheduler.Spawn($"ringer {own}", async () =>
            {
                for (int line = own; line < 130; line += 2)
                {
                    doorbell.Ring(line);
                    await go[own].WaitAsync(Patience); // this line was taken: go on to the next
                }
            }, scheduler.CreateCpu($"remoteproc{own}"));
        }

        bool isComplete = true;
        scheduler.Run(async () =>
        {
            for (int taken = 0; taken < 130;)
            {
                if (!(isComplete = await doorbell.WaitAsync(Patience))) return;
                while (doorbell.TryTake(out int line))
                {
                    takenOfLine[line]++;
                    taken++;
                    go[line & 1].Complete();
                }
            }
        });

        Assert.True(isComplete);
        Assert.All(takenOfLine, count => Assert.Equal(1, count));
        Assert.Equal(130, doorbell.RingCount);
    }

    [Fact]
    public void A_mutex_excludes_tasks_of_other_processors()
    {
        using ThreadedScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        int inside = 0, insideMax = 0, total = 0;
        async ValueTask Body()
        {
            for (int i = 0; i < 2_000; i++)
            {
                await mutex.LockAsync();
                insideMax = Math.Max(insideMax, Interlocked.Increment(ref inside));
                total++;
                Interlocked.Decrement(ref inside);
                mutex.Unlock();
            }
        }

        List<KernelTask> tasks = [];
        for (int i = 0; i < 3; i++) tasks.Add(scheduler.Spawn($"task {i}", Body, scheduler.CreateCpu($"remoteproc{i}")));
        scheduler.Run(async () =>
        {
            foreach (KernelTask task in tasks) await task.Ended.WaitAsync(Patience);
        });

        Assert.Equal(1, insideMax);
        Assert.Equal(6_000, total);
    }

    [Fact]
    public void A_delay_lasts_at_least_as_long_as_it_says_and_a_timeout_ends_a_wait()
    {
        using ThreadedScheduler scheduler = new();
        Completion never = new(scheduler, "never");
        long sleptNs = 0, waitedNs = 0;
        bool happened = true;
        scheduler.Run(async () =>
        {
            long beginNs = scheduler.NowNs;
            await scheduler.DelayAsync(5 * Ms);
            sleptNs = scheduler.NowNs - beginNs;
            beginNs = scheduler.NowNs;
            happened = await never.WaitAsync(3 * Ms);
            waitedNs = scheduler.NowNs - beginNs;
        });

        Assert.InRange(sleptNs, 5 * Ms, Patience);
        Assert.InRange(waitedNs, 3 * Ms, Patience);
        Assert.False(happened);
    }

    [Fact]
    public void Timers_of_several_tasks_fire_in_the_order_of_their_deadlines()
    {
        using ThreadedScheduler scheduler = new();
        List<int> order = [];
        List<KernelTask> tasks = [];
        long beginNs = scheduler.NowNs; // one beginning for all, however late each gets its turn
        foreach (int ms in (int[])[300, 100, 200])
        {
            tasks.Add(scheduler.Spawn($"sleeper {ms}", async () =>
            {
                await scheduler.DelayAsync(beginNs + ms * Ms - scheduler.NowNs);
                order.Add(ms);
            }));
        }

        scheduler.Run(async () =>
        {
            foreach (KernelTask task in tasks) await task.Ended.WaitAsync(Patience);
        });
        Assert.Equal([100, 200, 300], order);
    }

    [Fact]
    public void A_wait_that_would_outlast_the_clock_is_a_wait_for_ever()
    {
        using ThreadedScheduler scheduler = new();
        Completion go = new(scheduler, "go");
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        bool happened = false;
        scheduler.Spawn("completer", async () =>
        {
            await scheduler.DelayAsync(5 * Ms);
            go.Complete();
        }, remote);
        scheduler.Run(async () => happened = await go.WaitAsync(Scheduler.Forever - scheduler.NowNs - 1));
        Assert.True(happened);
    }

    [Fact]
    public void A_task_that_never_sleeps_does_not_keep_its_processor_for_itself()
    {
        using ThreadedScheduler scheduler = new();
        scheduler.Run(async () =>
        {
            bool timerFired = false;
            _ = scheduler.Spawn("timer", async () =>
            {
                await scheduler.DelayAsync(Ms);
                timerFired = true;
            });
            while (!timerFired)
            {
                Assert.True(scheduler.NowNs < 10_000 * Ms, "the other task had no turn");
                await scheduler.Point("busy");
            }
        });
    }

    [Fact]
    public void A_task_runs_on_the_thread_of_its_processor_and_knows_itself()
    {
        using ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        string? threadName = null;
        KernelTask? seen = null;
        KernelTask task = scheduler.Spawn("core", async () =>
        {
            await scheduler.DelayAsync(1);
            threadName = Thread.CurrentThread.Name;
            seen = scheduler.Current;
        }, remote);
        scheduler.Run(async () => await task.Ended.WaitAsync(Patience));
        Assert.Equal("remoteproc0", threadName);
        Assert.Same(task, seen);
        Assert.Null(scheduler.Current);
    }

    [Fact]
    public void What_a_task_of_another_processor_throws_comes_out_of_Run()
    {
        using ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        Completion never = new(scheduler, "never");
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => scheduler.Run(async () =>
        {
            scheduler.Spawn("core", () => throw new FormatException("bad opcode"), remote);
            await never.WaitAsync(Patience);
        }));
        Assert.IsType<FormatException>(thrown.InnerException);
    }

    [Fact]
    public void A_killed_task_of_another_processor_ends_and_no_longer_answers()
    {
        using ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        Completion began = new(scheduler, "began"), never = new(scheduler, "never");
        bool finallyRan = false, ended = false;
        KernelTask core = scheduler.Spawn("core", async () =>
        {
            try
            {
                began.Complete();
                await never.WaitAsync();
            }
            finally
            {
                finallyRan = true;
            }
        }, remote);
        scheduler.Run(async () =>
        {
            await began.WaitAsync(Patience);
            scheduler.Kill(core);
            ended = await core.Ended.WaitAsync(Patience);
        });
        Assert.True(ended);
        Assert.False(finallyRan); // its processor is off
        Assert.Null(core.Failure);
        Assert.Empty(scheduler.LiveTasks);
    }

    [Fact]
    public void A_killed_task_that_never_sleeps_ends_at_its_next_scheduling_point()
    {
        using ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        bool ended = false;
        KernelTask core = scheduler.Spawn("core", async () =>
        {
            while (true) await scheduler.Point("poll");
        }, remote);
        scheduler.Run(async () =>
        {
            await scheduler.DelayAsync(2 * Ms);
            scheduler.Kill(core);
            ended = await core.Ended.WaitAsync(Patience);
        });
        Assert.True(ended);
    }

    [Fact]
    public void Processors_may_be_added_while_others_start()
    {
        for (int round = 0; round < 20; round++)
        {
            using ThreadedScheduler scheduler = new();
            int ran = 0;
            List<KernelTask> tasks = [];
            for (int i = 0; i < 16; i++)
            {
                tasks.Add(scheduler.Spawn($"core {i}", () =>
                {
                    Interlocked.Increment(ref ran);
                    return ValueTask.CompletedTask;
                }, scheduler.CreateCpu($"remoteproc{i}")));
            }

            scheduler.Run(async () =>
            {
                foreach (KernelTask task in tasks) await task.Ended.WaitAsync(Patience);
            });
            Assert.Equal(16, ran);
        }
    }

    [Fact]
    public void Dispose_ends_the_threads_while_tasks_sleep_and_may_be_called_twice()
    {
        ThreadedScheduler scheduler = new();
        Completion began = new(scheduler, "began"), never = new(scheduler, "never");
        scheduler.Spawn("sleeper", async () =>
        {
            began.Complete();
            await never.WaitAsync();
        }, scheduler.CreateCpu("remoteproc0"));
        scheduler.Run(async () => await began.WaitAsync(Patience));
        scheduler.Dispose(); // returns when the thread has ended
        scheduler.Dispose();
        Assert.Equal(KernelTaskState.Parked, Assert.Single(scheduler.LiveTasks).State);
    }

    [Fact]
    public void A_run_whose_scheduler_is_disposed_under_it_does_not_pretend_to_have_ended()
    {
        ThreadedScheduler scheduler = new();
        Cpu remote = scheduler.CreateCpu("remoteproc0");
        Completion never = new(scheduler, "never");
        Assert.Throws<ObjectDisposedException>(() => scheduler.Run(async () =>
        {
            scheduler.Spawn("saboteur", () =>
            {
                scheduler.Dispose();
                return ValueTask.CompletedTask;
            }, remote);
            await never.WaitAsync(Patience);
        }));
    }

    [Fact]
    public void A_run_may_follow_a_run()
    {
        using ThreadedScheduler scheduler = new();
        int runs = 0;
        for (int i = 0; i < 3; i++)
        {
            scheduler.Run(async () =>
            {
                await scheduler.DelayAsync(1);
                runs++;
            });
        }

        Assert.Equal(3, runs);
    }
}
