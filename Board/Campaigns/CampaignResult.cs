using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>What a campaign came to.</summary>
/// <param name="Total">All parts together.</param>
/// <param name="DoneParts">Parts that were run to their end, now or earlier, with their results.</param>
/// <param name="PartCount">Parts of this share.</param>
/// <param name="Duration">Time that it took.</param>
/// <param name="WorkerCount">Threads that it took.</param>
public sealed record CampaignResult(
    PartResult Total, IReadOnlyDictionary<int, PartResult> DoneParts, int PartCount, TimeSpan Duration, int WorkerCount)
{
    /// <summary>Whether every part of this share was run to its end.</summary>
    public bool IsComplete => DoneParts.Count == PartCount;
}
