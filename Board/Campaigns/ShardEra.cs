namespace RemoteprocEmu.Board.Campaigns;

/// <summary>An era of a campaign, as a shard's file begins with it.</summary>
/// <param name="Era">Its name.</param>
/// <param name="Fingerprint">See <see cref="Scenarios.LoadedScenario.Fingerprint"/>.</param>
/// <param name="PlanWords">See <see cref="Explorer.Campaigns.SearchPlan.Words"/>.</param>
/// <param name="Bound">See <see cref="Explorer.Campaigns.SearchPlan.Bound"/>.</param>
/// <param name="PartCount">Parts of all shards together.</param>
public sealed record ShardEra(string Era, ulong Fingerprint, string PlanWords, string Bound, int PartCount);
