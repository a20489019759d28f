using System;
using System.Collections.Generic;
using System.Threading;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>How a search is carried out on this machine.</summary>
public sealed record CampaignOptions
{
    /// <summary>Makes a subject; called once for each worker, from its thread.</summary>
    public required Func<ISubject> NewSubject { get; init; }

    /// <summary>What is searched.</summary>
    public required SearchPlan Plan { get; init; }

    /// <summary>Time that it may take; null for as long as it needs.</summary>
    public TimeSpan? Budget { get; init; }

    /// <summary>Threads; at least 1.</summary>
    public int WorkerCount { get; init; } = Environment.ProcessorCount;

    /// <summary>Which share of the parts is ours, from 0: those whose number leaves this remainder when divided by the count.</summary>
    public int ShardIndex { get; init; }

    /// <summary>Shares there are; at least 1.</summary>
    public int ShardCount { get; init; } = 1;

    /// <summary>Parts that an earlier campaign has done, with their results: they are not run again.</summary>
    public IReadOnlyDictionary<int, PartResult> DoneParts { get; init; } = new Dictionary<int, PartResult>();

    /// <summary>Called a few times a second, from any worker, one at a time.</summary>
    public Action<CampaignProgress>? Progressed { get; init; }

    /// <summary>Called with each part that was run to its end, from any worker, one at a time: to be written down, so that a campaign
    /// that is broken off can go on from there.</summary>
    public Action<int, PartResult>? PartDone { get; init; }

    /// <summary>Ends it early; what was found by then is kept.</summary>
    public CancellationToken Cancellation { get; init; }
}
