using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>An expectation that was not met, how often, and one schedule in which it was not.</summary>
/// <param name="Text">The sentence; see <see cref="RunResult.Unmet"/>.</param>
/// <param name="Count">Runs that have it.</param>
/// <param name="Picks">The answers of the first of them.</param>
public sealed record UnmetTally(string Text, long Count, IReadOnlyList<int> Picks);
