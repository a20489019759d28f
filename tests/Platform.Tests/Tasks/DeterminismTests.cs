using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

/// <summary>Same choices, same run: seeds repeat, and small worlds are walked completely.</summary>
public class DeterminismTests
{
    [Fact]
    public void A_seed_gives_the_same_trace_twice_and_two_seeds_another()
    {
        HashSet<ulong> hashes = [];
        for (ulong seed = 0; seed < 1_000; seed++)
        {
            TraceHash first = RunBusy(seed), second = RunBusy(seed);
            Assert.Equal((first.Value, first.Count), (second.Value, second.Count));
            hashes.Add(first.Value);
        }

        Assert.InRange(hashes.Count, 900, 1_000);
    }

    [Fact]
    public void Every_order_of_two_critical_sections_is_tried_and_they_never_overlap()
    {
        (int runs, HashSet<string> orders, int overlaps) = Explore(takeTheLock: true);
        Assert.Equal(0, overlaps);
        Assert.Equal(["a a b b", "b b a a"], new SortedSet<string>(orders, StringComparer.Ordinal));
        Assert.InRange(runs, 2, 10_000);
    }

    [Fact]
    public void Every_order_of_two_critical_sections_is_a_test_that_can_fail()
    {
        (_, HashSet<string> orders, int overlaps) = Explore(takeTheLock: false);
        Assert.NotEqual(0, overlaps);
        Assert.Equal(6, orders.Count); // all interleavings of two times two steps
    }

    [Fact]
    public void Tasks_whose_time_comes_at_one_moment_run_in_every_order()
    {
        HashSet<string> orders = [];
        ExhaustiveChoices choices = new();
        while (choices.MoveNext())
        {
            VirtualScheduler scheduler = new(choices);
            List<string> order = [];
            async ValueTask Sleeper(string name)
            {
                await scheduler.DelayAsync(100);
                order.Add(name + "1");
                await scheduler.Point("between");
                order.Add(name + "2");
            }

            KernelTask a = scheduler.Spawn("a", () => Sleeper("a")), b = scheduler.Spawn("b", () => Sleeper("b"));
            scheduler.Run(async () =>
            {
                await a.Ended.WaitAsync();
                await b.Ended.WaitAsync();
            });
            orders.Add(string.Join(' ', order));
        }

        Assert.Equal(6, orders.Count);
    }

    [Fact]
    public void No_order_of_a_ring_and_a_wait_loses_the_ring()
    {
        int runs = 0;
        ExhaustiveChoices choices = new();
        while (choices.MoveNext())
        {
            runs++;
            VirtualScheduler scheduler = new(choices);
            Doorbell doorbell = new(scheduler, "mailbox", 2);
            scheduler.Spawn("ringer", async () =>
            {
                doorbell.Ring(1);
                await scheduler.Point("between");
                doorbell.Ring(0);
            });
            scheduler.Run(async () =>
            {
                for (int taken = 0; taken < 2;)
                {
                    await doorbell.WaitAsync();
                    while (doorbell.TryTake(out _)) taken++;
                }
            });
            Assert.Equal(2, doorbell.RingCount);
        }

        Assert.InRange(runs, 2, 10_000);
    }

    private static (int Runs, HashSet<string> Orders, int Overlaps) Explore(bool takeTheLock)
    {
        int runs = 0, overlaps = 0;
        HashSet<string> orders = [];
        ExhaustiveChoices choices = new();
        while (choices.MoveNext())
        {
            runs++;
            VirtualScheduler scheduler = new(choices);
            Mutex mutex = new(scheduler, "lock");
            List<string> order = [];
            int inside = 0;
            async ValueTask Section(string name)
            {
                await scheduler.Point("begin");
                if (takeTheLock) await mutex.LockAsync();
                if (inside++ != 0) overlaps++;
                order.Add(name);
                await scheduler.Point("inside");
                order.Add(name);
                inside--;
                if (takeTheLock) mutex.Unlock();
            }

            KernelTask a = scheduler.Spawn("a", () => Section("a")), b = scheduler.Spawn("b", () => Section("b"));
            scheduler.Run(async () =>
            {
                await a.Ended.WaitAsync();
                await b.Ended.WaitAsync();
            });
            orders.Add(string.Join(' ', order));
        }

        return (runs, orders, overlaps);
    }

    /// <summary>Five tasks that lock, sleep, signal and ring, with what they do drawn from the same seed.</summary>
    private static TraceHash RunBusy(ulong seed)
    {
        TraceHash hash = new();
        SeededChoices choices = new(seed);
        VirtualScheduler scheduler = new(choices, hash);
        Mutex[] mutexes = [new(scheduler, "a"), new(scheduler, "b")];
        Completion completion = new(scheduler, "c");
        Doorbell doorbell = new(scheduler, "d", 3);
        scheduler.Spawn("owner", async () =>
        {
            while (await doorbell.WaitAsync())
            {
                while (doorbell.TryTake(out _)) completion.Complete();
            }
        }, isDaemon: true);
        List<KernelTask> tasks = [];
        for (int i = 0; i < 5; i++)
        {
            int own = i;
            tasks.Add(scheduler.Spawn($"task {i}", async () =>
            {
                for (int step = 0; step < 6; step++)
                {
                    Mutex mutex = mutexes[choices.Pick(2)];
                    await mutex.LockAsync();
                    await scheduler.DelayAsync(choices.Pick(3) * 10);
                    doorbell.Ring((own + step) % 3);
                    mutex.Unlock();
                    if (!await completion.WaitAsync(15)) await scheduler.Point("timed out");
                }
            }));
        }

        scheduler.Run(async () =>
        {
            foreach (KernelTask task in tasks) await task.Ended.WaitAsync();
        });
        return hash;
    }
}
