using System;
using System.Collections.Generic;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>What is searched, and how.</summary>
internal sealed record ExploreOptions
{
    /// <summary>Of what.</summary>
    public required LoadedScenario Scenario { get; init; }

    /// <summary>On which kernels.</summary>
    public required IReadOnlyList<Era> Eras { get; init; }

    /// <summary>How.</summary>
    public required PlanRequest Plan { get; init; }

    /// <summary>Time for all eras together; null for as long as it takes.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Threads.</summary>
    public required int WorkerCount { get; init; }

    /// <summary>Which share, from 0.</summary>
    public int ShardIndex { get; init; }

    /// <summary>Shares there are.</summary>
    public int ShardCount { get; init; } = 1;
}
