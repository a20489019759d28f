using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>What a search came to in one era.</summary>
internal sealed record EraReport
{
    /// <summary>The era.</summary>
    public required Era Era { get; init; }

    /// <summary>See <see cref="Board.Scenarios.LoadedScenario.Fingerprint"/>.</summary>
    public required ulong Fingerprint { get; init; }

    /// <summary>What was asked for.</summary>
    public required PlanRequest Request { get; init; }

    /// <summary>See <see cref="SearchPlan.Words"/>.</summary>
    public required string PlanWords { get; init; }

    /// <summary>See <see cref="SearchPlan.Bound"/>.</summary>
    public required string Bound { get; init; }

    /// <summary>Counts and findings.</summary>
    public required PartResult Total { get; init; }

    /// <summary>Parts that there are for this process, or for all together.</summary>
    public required int PartCount { get; init; }

    /// <summary>Parts that were run to their end.</summary>
    public required int PartsDone { get; init; }

    /// <summary>Whether these are the parts of one shard among several.</summary>
    public required bool IsShard { get; init; }

    /// <summary>How long it took here; null when several files were put together.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Runs of this process: those of an earlier one, that it went on from, took no time here.</summary>
    public long RunsHere { get; init; }

    /// <summary>Threads.</summary>
    public int WorkerCount { get; init; }

    /// <summary>Tasks of a run: n of the bound that PCT has.</summary>
    public int TaskCount { get; init; }

    /// <summary>The findings, those that nobody expects first.</summary>
    public IReadOnlyList<ExploreFinding> Findings { get; init; } = [];

    /// <summary>Findings that the scenario says this era has, and a whole search has not.</summary>
    public IReadOnlyList<ExpectedFinding> Missing { get; init; } = [];

    /// <summary>Whether it was drawn by chance.</summary>
    public bool IsByChance => Request.Kind is PlanKind.Pct or PlanKind.Random;

    /// <summary>Whether every part was run to its end.</summary>
    public bool IsComplete => PartsDone == PartCount;

    /// <summary>Whether every schedule within the bound was seen.</summary>
    public bool IsExhaustive => IsComplete && !IsShard && !IsByChance;

    /// <summary>Runs, those that turned out to be repetitions too.</summary>
    public long ScheduleCount => Total.RunCount + Total.RedundantCount;

    /// <summary>Whether everything is as the scenario says.</summary>
    public bool IsGood => Missing.Count == 0 && Total.Unmet.Count == 0 && Findings.All(finding => finding.IsExpected);

    /// <summary>The counts as a report on one finding has them.</summary>
    /// <param name="bad">Schedules that have it.</param>
    public SearchCounts CountsOf(long bad) => new(Total.RunCount, ScheduleCount, bad, IsExhaustive, IsByChance ? PlanWords : Bound);
}
