using System.Collections.Generic;
using RemoteprocEmu.Explorer.Search;
using Xunit;

namespace RemoteprocEmu.Explorer.Tests.Search;

/// <summary>Bounded walks against the whole: exactly the schedules within the bound, each once.</summary>
public sealed class BoundedScheduleTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Has_exactly_the_schedules_with_so_many_preemptions(int boundMax)
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            ToySubject subject = ToySubject.Random(seed, 2, 3, variableCount: 2);
            HashSet<string> within = [];
            SearchSchedule all = new(isReduced: false);
            while (all.MoveNext())
            {
                _ = subject.Run(all);
                if (all.PreemptionCount <= boundMax) Assert.True(within.Add(string.Join(',', all.Picks)));
            }

            HashSet<string> bounded = [];
            BoundedSchedule schedule = new(ScheduleBound.Preemptions, boundMax);
            while (schedule.MoveNext())
            {
                _ = subject.Run(schedule);
                Assert.True(bounded.Add(string.Join(',', schedule.Picks)), "no schedule comes twice");
                Assert.Equal(-1, schedule.DivergedAt);
            }

            Assert.True(within.SetEquals(bounded), $"seed {seed}: {within.Count} within the bound, {bounded.Count} walked");
        }
    }

    [Fact]
    public void Without_delays_there_is_one_schedule_and_each_delay_adds_some()
    {
        ToySubject subject = new([(ToyOp.Increment, 0)], [(ToyOp.Increment, 0)], [(ToyOp.Read, 0)]);
        int last = 0;
        for (int delays = 0; delays < 4; delays++)
        {
            BoundedSchedule schedule = new(ScheduleBound.Delays, delays);
            int count = 0;
            while (schedule.MoveNext())
            {
                _ = subject.Run(schedule);
                count++;
            }

            Assert.True(delays == 0 ? count == 1 : count > last, $"{delays} delays: {count} schedules");
            last = count;
        }
    }
}
