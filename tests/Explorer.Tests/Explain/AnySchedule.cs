using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Tests.Explain;

/// <summary>Answers drawn from a seed.</summary>
internal sealed class AnySchedule(ulong seed) : Schedule
{
    private readonly SeededChoices _choices = new(seed);

    /// <summary>The first schedule, in order of seeds, in which a subject has a finding.</summary>
    public static int[] ThatFinds(ISubject subject, string id)
    {
        for (ulong seed = 1; seed < 10_000; seed++)
        {
            AnySchedule schedule = new(seed);
            schedule.Begin();
            foreach (Finding finding in subject.Run(schedule).Findings)
            {
                if (finding.Id == id) return [.. schedule.Picks];
            }
        }

        throw new InvalidOperationException($"no schedule finds {id}");
    }

    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound) =>
        bound == 1 ? 0 : _choices.Pick(bound);

    protected override int ChooseValue(int bound) => _choices.Pick(bound);
}
