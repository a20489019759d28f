using System;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Minimise;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class RaceTests
{
    [Fact]
    public void A_read_before_its_write_names_both_and_the_edge_that_is_missing()
    {
        using ToySubject subject = Toys.LatePublication();
        Race race = RaceOf(subject, Toys.UnpublishedId)!;
        Assert.Equal(RaceKind.Unordered, race.Kind);
        Assert.Equal("vdev1 vring0 da", race.State);
        Assert.Equal(("remoteproc0", "reads"), (race.First.Task, race.First.Verb));
        Assert.Equal(("kworker/vdev1", "writes", "rp_find_vq"), (race.Second!.Task, race.Second.Verb, race.Second.Function));
        Assert.Equal(
            "remoteproc0 reads vdev1 vring0 da, and only then kworker/vdev1 in rp_find_vq() writes it. Nothing orders " +
            "the second before the first: remoteproc0 needs only to be created by main in rproc_ops_start(), which does not wait for " +
            "kworker/vdev1.", race.Text);
    }

    [Fact]
    public void What_a_wake_up_orders_is_no_race()
    {
        using ToySubject subject = new(async run =>
        {
            SharedState flag = new(run.Scheduler, "flag");
            Completion done = new(run.Scheduler, "done");
            run.Scheduler.Spawn("writer", async () =>
            {
                await run.Scheduler.Point("writes_it");
                flag.Write();
                done.Complete();
            });
            await done.WaitAsync();
            flag.Read();
            run.Find(OracleRule.Leak, "flag", "always", flag);
        });
        Assert.Null(RaceOf(subject, "Leak: flag"));
        using ToySubject early = new(async run =>
        {
            SharedState flag = new(run.Scheduler, "flag");
            Completion done = new(run.Scheduler, "done");
            KernelTask writer = run.Scheduler.Spawn("writer", () =>
            {
                flag.Write();
                done.Complete();
                return default;
            });
            await run.Scheduler.DelayAsync(1);
            await done.WaitAsync(); // it is done: nobody sleeps
            flag.Read();
            run.Find(OracleRule.Leak, "flag", "always", flag);
        });
        Assert.Null(RaceOf(early, "Leak: flag"));
    }

    [Fact]
    public void What_a_signal_orders_is_no_race_either()
    {
        using ToySubject subject = new(async run =>
        {
            SharedState flag = new(run.Scheduler, "flag");
            WaitQueue queue = new(run.Scheduler, "never");
            KernelTask reader = run.Scheduler.Spawn("reader", async () =>
            {
                _ = await queue.WaitAsync(0, static _ => false, interruptible: true);
                flag.Read();
                run.Find(OracleRule.Leak, "flag", "always", flag);
            });
            await run.Scheduler.DelayAsync(1); // it sleeps now
            flag.Write();
            run.Scheduler.Signal(reader);
            await reader.Ended.WaitAsync();
        });
        Assert.Null(RaceOf(subject, "Leak: flag"));
    }

    [Fact]
    public void A_common_lock_keeps_apart_and_does_not_order()
    {
        using ToySubject subject = new(async run =>
        {
            SharedState flag = new(run.Scheduler, "flag");
            Mutex guard = new(run.Scheduler, "guard");
            bool isSet = false;
            KernelTask setter = run.Scheduler.Spawn("setter", async () =>
            {
                await guard.LockAsync();
                flag.Write();
                isSet = true;
                guard.Unlock();
            });
            await guard.LockAsync();
            flag.Read();
            if (!isSet) run.Find(OracleRule.Leak, "flag", "not set", flag);
            guard.Unlock();
            await setter.Ended.WaitAsync();
        });
        Race race = RaceOf(subject, "Leak: flag")!;
        Assert.Equal(["guard"], race.First.Locks);
        Assert.Contains("Both hold guard, which keeps them apart and does not order them", race.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_of_what_nobody_writes_says_so()
    {
        using ToySubject subject = new(async run =>
        {
            SharedState flag = new(run.Scheduler, "vring0 da");
            await run.Scheduler.Point("reads_it");
            flag.Read();
            run.Find(OracleRule.Memory, "vring0 unpublished", "always"); // names no state: found by its words
        });
        Race race = RaceOf(subject, "Memory: vring0 unpublished")!;
        Assert.Equal(RaceKind.NeverWritten, race.Kind);
        Assert.Contains("main in reads_it() reads vring0 da, which nobody writes in this run", race.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deadlock_is_told_link_by_link()
    {
        using ToySubject subject = Toys.LockInversion();
        Race race = RaceOf(subject, "Deadlock: A and B")!;
        Assert.Equal(RaceKind.Deadlock, race.Kind);
        Assert.Equal(2, race.Others.Count);
        Assert.Contains("insmod sleeps in mutex_lock(B), which rmmod has, holding A.", race.Text, StringComparison.Ordinal);
        Assert.Contains("rmmod sleeps in mutex_lock(A), which insmod has, holding B.", race.Text, StringComparison.Ordinal);
        Assert.EndsWith("Each waits for another of them, and nothing orders who comes first.", race.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Time_orders_what_was_before_with_what_comes_after()
    {
        using ToySubject subject = new(async run =>
        {
            SharedState flag = new(run.Scheduler, "flag");
            run.Scheduler.Spawn("writer", () =>
            {
                flag.Write();
                return default;
            });
            await run.Scheduler.DelayAsync(1_000);
            flag.Read();
            run.Find(OracleRule.Leak, "flag", "always", flag);
        });
        Assert.Null(RaceOf(subject, "Leak: flag"));
    }

    private static Race? RaceOf(ToySubject subject, string id)
    {
        int[] picks = AnySchedule.ThatFinds(subject, id);
        Recording run = Recorder.Record(subject, Minimiser.Minimise(subject, picks, id)!.Picks);
        return RaceFinder.Find(run, new CausalOrder(run), run.Result.Findings.First(finding => finding.Id == id));
    }
}
