using System;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>How far a campaign has come.</summary>
/// <param name="RunCount">Runs so far, those found redundant included.</param>
/// <param name="BadCount">Runs with a finding.</param>
/// <param name="FindingCount">Different findings.</param>
/// <param name="PartsDone">Parts that are done.</param>
/// <param name="PartCount">Parts of this share.</param>
/// <param name="Elapsed">Time so far.</param>
public readonly record struct CampaignProgress(
    long RunCount, long BadCount, int FindingCount, int PartsDone, int PartCount, TimeSpan Elapsed)
{
    /// <summary>Runs a second so far.</summary>
    public double RunsPerSecond => Elapsed.TotalSeconds > 0 ? RunCount / Elapsed.TotalSeconds : 0;

    /// <summary>Time that is left, judged by the parts that are done; null before the first is.</summary>
    /// <remarks>A guess: parts of an exhaustive search differ in size.</remarks>
    public TimeSpan? Remaining => PartsDone == 0 ? null : Elapsed * ((double)(PartCount - PartsDone) / PartsDone);
}
