using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Search;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Explorer.Tests.Search;

/// <summary>The reduced walk against the unreduced one: fewer schedules, the same outcomes.</summary>
public sealed class SearchScheduleTests(ITestOutputHelper output)
{
    [Fact]
    public void Two_tasks_that_touch_different_things_have_one_schedule()
    {
        ToySubject subject = new([(ToyOp.Write, 0), (ToyOp.Read, 0)], [(ToyOp.Write, 1), (ToyOp.Read, 1)]);
        Assert.Equal(1, Walk(subject, isReduced: true).Runs);
        Assert.True(Walk(subject, isReduced: false).Runs > 10);
    }

    [Fact]
    public void Two_increments_that_are_not_atomic_lose_one()
    {
        ToySubject subject = new([(ToyOp.Increment, 0)], [(ToyOp.Increment, 0)]);
        Assert.Equal(["1,0,0 |  | ", "2,0,0 |  | "], Walk(subject, isReduced: true).Outcomes.Order());
    }

    [Fact]
    public void Locks_taken_in_two_orders_deadlock()
    {
        ToySubject subject = new([(ToyOp.NestedLock, 0)], [(ToyOp.NestedLock, 1)]);
        Assert.Contains(Walk(subject, isReduced: true).Outcomes, outcome => outcome.EndsWith("deadlock", System.StringComparison.Ordinal));
    }

    [Fact]
    public void Reduced_and_unreduced_walks_agree_on_what_can_happen()
    {
        Compared all = new();
        for (ulong seed = 0; seed < 600; seed++)
        {
            ToySubject subject = ToySubject.Random(seed, 2 + (int)(seed % 2), seed % 2 == 0 ? 4 : 2, variableCount: 1 + (int)(seed % 3));
            Compare(subject, $"seed {seed}", all);
        }

        output.WriteLine(all.ToString());
        Assert.True(all.ReducedRuns * 20 < all.Runs, $"{all}: is this a reduction?");
    }

    [Fact]
    public void They_agree_where_tasks_sleep_until_one_of_several_wakes_them()
    {
        Compared all = new();
        for (ulong seed = 0; seed < 120; seed++)
        {
            ToySubject bells = ToySubject.Random(
                seed, 3, 2, variableCount: 2, ToyOp.Ring, ToyOp.Ring, ToyOp.AnswerLong, ToyOp.Answer, ToyOp.Read, ToyOp.Write);
            Compare(bells, $"bells, seed {seed}", all);
            ToySubject completions = ToySubject.Random(
                seed, 3, 2, variableCount: 2, ToyOp.CompleteOne, ToyOp.Complete, ToyOp.WaitLong, ToyOp.NestedLock, ToyOp.Read);
            Compare(completions, $"completions, seed {seed}", all);
        }

        output.WriteLine(all.ToString());
        Assert.True(all.Programs > 120, $"{all}: small enough to be walked whole");
    }

    [Fact]
    public void A_touch_that_is_not_declared_is_missed_so_the_comparison_can_fail()
    {
        ToySubject forgetful = new([(ToyOp.Increment, 0)], [(ToyOp.Increment, 0)]) { ForgetsWrites = true };
        Assert.NotEqual(Walk(forgetful, isReduced: false).Outcomes.Count, Walk(forgetful, isReduced: true).Outcomes.Count);
    }

    /// <summary>Each job is a walk of its own: what sleeps in it was touched in another, which may have met things in another
    /// order.</summary>
    [Fact]
    public void Jobs_together_have_every_outcome_and_alone_fewer()
    {
        for (ulong seed = 0; seed < 300; seed++)
        {
            ToySubject subject = ToySubject.Random(seed, 3, 2, variableCount: 2);
            Walked whole = Walk(subject, isReduced: true);
            IReadOnlyList<SearchJob> jobs = SearchSplit.Split(subject, isReduced: true, wantedCount: 6);
            HashSet<string> together = [];
            foreach (SearchJob job in jobs) together.UnionWith(Walk(subject, new SearchSchedule(isReduced: true, job)).Outcomes);
            Assert.True(whole.Outcomes.SetEquals(together), $"seed {seed}");
        }
    }

    [Fact]
    public void Jobs_of_an_unreduced_walk_share_no_schedule()
    {
        ToySubject subject = new([(ToyOp.Increment, 0)], [(ToyOp.Increment, 0)], [(ToyOp.Read, 0)]);
        Walked whole = Walk(subject, isReduced: false);
        long runs = SearchSplit.Split(subject, isReduced: false, wantedCount: 10)
            .Sum(job => Walk(subject, new SearchSchedule(isReduced: false, job)).Runs);
        Assert.Equal(whole.Runs, runs);
    }

    private static void Compare(ToySubject subject, string name, Compared sum)
    {
        Walked all = Walk(subject, isReduced: false, runsMax: 4_000);
        if (!all.IsComplete) return;
        Walked reduced = Walk(subject, isReduced: true);
        Assert.True(all.Outcomes.SetEquals(reduced.Outcomes), $"{name}: {Missing(all, reduced)}");
        sum.Programs++;
        sum.Runs += all.Runs;
        sum.ReducedRuns += reduced.Runs;
        sum.RedundantRuns += reduced.RedundantRuns;
    }

    private static string Missing(Walked all, Walked reduced) =>
        $"not seen: {string.Join(" ; ", all.Outcomes.Except(reduced.Outcomes))} " +
        $"not real: {string.Join(" ; ", reduced.Outcomes.Except(all.Outcomes))}";

    private static Walked Walk(ToySubject subject, bool isReduced, long runsMax = 1_000_000) =>
        Walk(subject, new SearchSchedule(isReduced), runsMax);

    private static Walked Walk(ToySubject subject, SearchSchedule schedule, long runsMax = 1_000_000)
    {
        HashSet<string> outcomes = [];
        long runs = 0;
        long redundant = 0;
        while (schedule.MoveNext())
        {
            RunResult result = subject.Run(schedule);
            Assert.Equal(-1, schedule.DivergedAt);
            if (schedule.IsRedundant)
            {
                redundant++;
                continue;
            }

            _ = outcomes.Add(result.Outcome);
            if (++runs >= runsMax) return new Walked(outcomes, runs, redundant, IsComplete: false);
        }

        return new Walked(outcomes, runs, redundant, IsComplete: true);
    }

    private sealed class Compared
    {
        public long Programs { get; set; }

        public long Runs { get; set; }

        public long ReducedRuns { get; set; }

        public long RedundantRuns { get; set; }

        public override string ToString() =>
            $"{Programs} programs: {Runs} schedules, {ReducedRuns} with reduction, {RedundantRuns} more found to be redundant";
    }

    private sealed record Walked(HashSet<string> Outcomes, long Runs, long RedundantRuns, bool IsComplete);
}
