using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>A finding, how often it came, and one schedule that has it.</summary>
/// <param name="Finding">As it came first.</param>
/// <param name="Count">Runs that have it.</param>
/// <param name="Picks">The answers of the first of them.</param>
public sealed record FindingTally(Finding Finding, long Count, IReadOnlyList<int> Picks);
