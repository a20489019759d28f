using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Search;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>Every schedule; with reduction, one of each class of schedules that differ only in the order of independent steps.</summary>
public sealed class ExhaustivePlan : SearchPlan
{
    private readonly bool _isReduced;
    private readonly IReadOnlyList<SearchJob> _jobs;

    /// <summary>Cuts the search into parts; runs the subject a few times for it.</summary>
    /// <param name="subject">What is searched.</param>
    /// <param name="isReduced">Whether orders of independent steps count as one.</param>
    /// <param name="partCount">Parts wanted, about. The more, the less reduction.</param>
    public ExhaustivePlan(ISubject subject, bool isReduced = true, int partCount = 1)
    {
        _isReduced = isReduced;
        _jobs = SearchSplit.Split(subject, isReduced, partCount);
    }

    /// <inheritdoc/>
    public override string Words => _isReduced ? "exhaustive with reduction" : "exhaustive without reduction";

    /// <inheritdoc/>
    public override int PartCount => _jobs.Count;

    /// <inheritdoc/>
    protected override void RunPart(ISubject subject, int part, PartResult result, Func<PartResult, bool> onRun)
    {
        SearchSchedule schedule = new(_isReduced, _jobs[part]);
        while (schedule.MoveNext())
        {
            if (!RunOne(subject, schedule, result, onRun)) return;
        }
    }
}
