using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Minimise;
using RemoteprocEmu.Explorer.Search;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Explain;

public class MinimiserTests
{
    private const string FlagId = "Leak: flag";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Late_publication_needs_no_preemption_at_all(ulong seed)
    {
        using ToySubject subject = Toys.LatePublication(bystanders: 4);
        MinimalSchedule minimal = Minimiser.Minimise(subject, Random(subject, Toys.UnpublishedId, seed), Toys.UnpublishedId)!;
        // The remote runs when the host waits for it; that the other vdev's worker has not come yet is one switch out of turn.
        Assert.Equal((0, 0), (minimal.PreemptionCount, minimal.EventCount));
        Assert.Equal(1, minimal.Picks.Count(pick => pick != 0));
        Assert.True(minimal.IsComplete);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Two_locks_need_one_preemption(ulong seed)
    {
        using ToySubject subject = Toys.LockInversion();
        MinimalSchedule minimal = Minimiser.Minimise(subject, Random(subject, "Deadlock: A and B", seed), "Deadlock: A and B")!;
        Assert.Equal((1, 0), (minimal.PreemptionCount, minimal.EventCount));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_preemption_and_the_least_of_the_faults_that_do_it(ulong seed)
    {
        using ToySubject subject = Toys.FaultAndPreemption();
        MinimalSchedule minimal = Minimiser.Minimise(subject, Random(subject, FlagId, seed), FlagId)!;
        Assert.Equal((1, 1), (minimal.PreemptionCount, minimal.EventCount));
        Assert.Equal(2, minimal.Picks.Max()); // the second question's third answer; the first question's is left out
    }

    [Fact]
    public void A_minimal_schedule_replays_and_a_second_minimisation_changes_nothing()
    {
        using ToySubject subject = Toys.LatePublication(bystanders: 3);
        MinimalSchedule minimal = Minimiser.Minimise(subject, Random(subject, Toys.UnpublishedId, 9), Toys.UnpublishedId)!;
        ReplaySchedule replay = new(minimal.Picks);
        replay.Begin();
        Assert.Contains(subject.Run(replay).Findings, finding => finding.Id == Toys.UnpublishedId);
        Assert.Equal(minimal.Picks, Minimiser.Minimise(subject, minimal.Picks, Toys.UnpublishedId)!.Picks);
    }

    [Fact]
    public void Same_input_same_output()
    {
        using ToySubject subject = Toys.LockInversion();
        int[] picks = Random(subject, "Deadlock: A and B", 5);
        MinimalSchedule first = Minimiser.Minimise(subject, picks, "Deadlock: A and B")!;
        MinimalSchedule second = Minimiser.Minimise(subject, picks, "Deadlock: A and B")!;
        Assert.Equal(first.Picks, second.Picks);
        Assert.Equal(first.RunCount, second.RunCount);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(20)]
    public void Runs_are_bounded_and_the_result_is_never_worse(int runCountMax)
    {
        using ToySubject subject = Toys.LatePublication(bystanders: 4);
        int[] picks = Random(subject, Toys.UnpublishedId, 3);
        ReplaySchedule replay = new(picks);
        replay.Begin();
        _ = subject.Run(replay);
        int before = subject.RunCount;
        MinimalSchedule minimal = Minimiser.Minimise(subject, picks, Toys.UnpublishedId, runCountMax)!;
        Assert.InRange(subject.RunCount - before, 1, runCountMax);
        Assert.InRange(minimal.PreemptionCount, 0, replay.PreemptionCount);
        if (runCountMax == 1) Assert.False(minimal.IsComplete);
    }

    [Fact]
    public void A_schedule_without_the_finding_is_not_minimised()
    {
        using ToySubject subject = Toys.LockInversion();
        Assert.Null(Minimiser.Minimise(subject, [], "Deadlock: A and B"));
    }

    /// <summary>A schedule with the finding, and as much else as chance put in.</summary>
    private static int[] Random(ToySubject subject, string id, ulong seed)
    {
        List<int[]> found = [];
        for (ulong at = seed * 1000; found.Count == 0; at++)
        {
            AnySchedule schedule = new(at);
            schedule.Begin();
            if (subject.Run(schedule).Findings.Any(finding => finding.Id == id)) found.Add([.. schedule.Picks]);
            if (at > (seed * 1000) + 900) throw new InvalidOperationException("chance has not found it");
        }

        return found[0];
    }
}
