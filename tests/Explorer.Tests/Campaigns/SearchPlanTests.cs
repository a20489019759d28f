using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Explorer.Tests.Search;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Trace;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Campaigns;

/// <summary>Parts of a plan: what they come to, when they are broken off, and what happens when a subject is not a function.</summary>
public sealed class SearchPlanTests
{
    private static readonly ToySubject s_deadlocks = new([(ToyOp.NestedLock, 0)], [(ToyOp.NestedLock, 1)]);

    [Fact]
    public void A_part_counts_its_findings_and_keeps_a_schedule_for_each()
    {
        PartResult result = new ExhaustivePlan(s_deadlocks).RunPart(s_deadlocks, 0, static _ => true);
        FindingTally tally = Assert.Single(result.Findings).Value;
        Assert.True(result.IsComplete && result.BadCount == tally.Count && tally.Count < result.RunCount);
        ReplaySchedule replay = new(tally.Picks);
        replay.Begin();
        Assert.Equal(tally.Finding.Id, Assert.Single(s_deadlocks.Run(replay).Findings).Id);
    }

    [Fact]
    public void A_part_that_is_broken_off_is_not_complete()
    {
        PartResult result = new ExhaustivePlan(s_deadlocks, isReduced: false).RunPart(s_deadlocks, 0, static _ => false);
        Assert.False(result.IsComplete);
        Assert.Equal(1, result.RunCount);
    }

    [Fact]
    public void Parts_add_up()
    {
        RandomPlan plan = new(s_deadlocks, runCount: 2500, seed: 1, depth: 0);
        Assert.Equal(3, plan.PartCount);
        PartResult total = new();
        for (int part = 0; part < plan.PartCount; part++) total.Add(plan.RunPart(s_deadlocks, part, static _ => true));
        Assert.Equal(2500, total.RunCount);
        long outcomes = 0;
        foreach (long count in total.Outcomes.Values) outcomes += count;
        Assert.Equal(2500, outcomes);
    }

    [Fact]
    public void What_one_process_wrote_down_another_restores()
    {
        PartResult result = new ExhaustivePlan(s_deadlocks).RunPart(s_deadlocks, 0, static _ => true);
        PartResult restored = PartResult.Restore(result.RunCount, result.RedundantCount, result.BadCount, result.StepCount,
            result.StepCountMax, result.IsComplete, result.Findings.Values, result.Outcomes, result.Unmet.Values);
        Assert.Equal(result.Outcomes, restored.Outcomes);
        Assert.Equal(result.Findings.Keys, restored.Findings.Keys);
        Assert.Equal((result.RunCount, result.BadCount), (restored.RunCount, restored.BadCount));
    }

    [Fact]
    public void A_subject_that_is_not_a_function_of_its_schedule_is_our_own_defect()
    {
        using Whimsical subject = new();
        InvariantException exception = Assert.Throws<InvariantException>(() =>
            new ExhaustivePlan(subject, isReduced: false).RunPart(subject, 0, static _ => true));
        Assert.Contains("not a function of its schedule", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 100, 0.0, 0.037)]
    [InlineData(50, 100, 0.404, 0.596)]
    [InlineData(100, 100, 0.963, 1.0)]
    public void A_share_has_the_interval_of_Wilson(long hits, long runs, double low, double high)
    {
        Proportion share = Proportion.Of(hits, runs);
        Assert.Equal((double)hits / runs, share.Estimate);
        Assert.Equal(low, share.Low, 3);
        Assert.Equal(high, share.High, 3);
    }

    /// <summary>Has another program each time.</summary>
    private sealed class Whimsical : ISubject
    {
        private readonly List<ToySubject> _subjects =
            [new([(ToyOp.Increment, 0)], [(ToyOp.Increment, 0)]), new([(ToyOp.Read, 0)], [(ToyOp.Read, 0)], [(ToyOp.Read, 0)])];

        private int _runs;

        public RunResult Run(Schedule schedule, ITraceSink? trace = null) => _subjects[_runs++ % 2].Run(schedule, trace);

        public void Dispose() { }
    }
}
