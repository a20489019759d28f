using System;
using RemoteprocEmu.Explorer.Explain.Compare;
using RemoteprocEmu.Explorer.Explain.Minimise;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class SameScheduleTests
{
    private const string DeadlockId = "Deadlock: A and B";

    [Fact]
    public void The_fix_is_named_by_the_step_that_comes_first_now()
    {
        using ToySubject bad = Toys.LatePublication(bystanders: 3);
        using ToySubject good = Toys.LatePublication(isFixed: true, bystanders: 3);
        Comparison comparison = Compare(bad, Toys.UnpublishedId, good, "era C");
        Assert.Equal(ComparisonVerdict.Harmless, comparison.Verdict);
        Assert.Equal("In era C rproc_handle_vdev() writes vdev1 vring0 da before rproc_ops_start() starts remoteproc0.", comparison.Text);
        Assert.Empty(comparison.Run.Result.Findings);
    }

    [Fact]
    public void The_same_subject_has_the_same_finding()
    {
        using ToySubject bad = Toys.LatePublication(bystanders: 3);
        Comparison comparison = Compare(bad, Toys.UnpublishedId, bad, "era A");
        Assert.Equal(ComparisonVerdict.SameFinding, comparison.Verdict);
        Assert.Null(comparison.Obstacle);
    }

    [Fact]
    public void A_lock_in_the_way_is_named_with_who_has_it()
    {
        using ToySubject bad = Toys.LockInversion();
        using ToySubject good = Toys.LockInversion(isFixed: true);
        Comparison comparison = Compare(bad, DeadlockId, good, "era C");
        Assert.Equal(ComparisonVerdict.Blocked, comparison.Verdict);
        Assert.Equal("In era C rmmod cannot come to has one in its turn: it sleeps in mutex_lock(A), which insmod has.", comparison.Text);
    }

    [Fact]
    public void Another_finding_is_not_called_harmless()
    {
        using ToySubject bad = Toys.LockInversion();
        using ToySubject worse = new(async run =>
        {
            await run.Scheduler.Point("begins");
            run.Find(OracleRule.Leak, "worse", "always");
        });
        Comparison comparison = Compare(bad, DeadlockId, worse, "era B");
        Assert.Equal(ComparisonVerdict.OtherFinding, comparison.Verdict);
        Assert.Contains("Leak: worse", comparison.Text, StringComparison.Ordinal);
    }

    private static Comparison Compare(ToySubject bad, string id, ToySubject other, string era)
    {
        Recording run = Recorder.Record(bad, Minimiser.Minimise(bad, AnySchedule.ThatFinds(bad, id), id)!.Picks);
        Finding finding = run.Find(id)!;
        return SameSchedule.Compare(run, finding, RaceFinder.Find(run, new CausalOrder(run), finding), other, era);
    }
}
