using System;
using RemoteprocEmu.Explorer.Search;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Search;

/// <summary>PCT keeps its promise: a defect of depth d is met at least as often as 1 / (n * k^(d-1)).</summary>
public sealed class PctScheduleTests
{
    private const int Runs = 4000;

    [Fact]
    public void A_lost_increment_of_depth_two_is_met_as_often_as_promised()
    {
        ToySubject subject = new(
            [(ToyOp.Touchless, 0), (ToyOp.Increment, 0)], [(ToyOp.Touchless, 0), (ToyOp.Increment, 0)], [(ToyOp.Touchless, 0)]);
        ReplaySchedule first = new([]);
        first.Begin();
        _ = subject.Run(first);
        int tasks = 4;
        int hits = 0;
        for (ulong seed = 0; seed < Runs; seed++)
        {
            PctSchedule schedule = new(seed, depth: 2, first.StepCount);
            schedule.Begin();
            if (subject.Run(schedule).Outcome.StartsWith("1,", StringComparison.Ordinal)) hits++;
        }

        double promised = (double)Runs / (tasks * first.StepCount);
        Assert.True(hits >= promised, $"{hits} of {Runs}, at least {promised:f0} were promised");
    }

    [Fact]
    public void Of_depth_one_it_never_preempts()
    {
        ToySubject subject = new([(ToyOp.Increment, 0)], [(ToyOp.Increment, 0)]);
        for (ulong seed = 0; seed < 200; seed++)
        {
            PctSchedule schedule = new(seed, depth: 1, stepCount: 10);
            schedule.Begin();
            Assert.StartsWith("2,", subject.Run(schedule).Outcome, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_answers()
    {
        ToySubject subject = ToySubject.Random(7, 3, 4, variableCount: 2);
        for (ulong seed = 0; seed < 50; seed++)
        {
            PctSchedule one = new(seed, 3, 20);
            PctSchedule other = new(seed, 3, 20);
            one.Begin();
            _ = subject.Run(one);
            other.Begin();
            _ = subject.Run(other);
            Assert.Equal(one.Picks, other.Picks);
        }
    }
}
