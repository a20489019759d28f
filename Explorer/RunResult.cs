using System.Collections.Generic;

namespace RemoteprocEmu.Explorer;

/// <summary>What one run came to.</summary>
/// <param name="Findings">Broken rules, in the order of their happening; one for each rule and key. Empty for a clean run.</param>
/// <param name="Outcome">
/// What an observer could tell apart of how it ended, as text: two schedules that differ only in what nobody can see have the same.
/// </param>
public sealed record RunResult(IReadOnlyList<Finding> Findings, string Outcome)
{
    /// <summary>What was expected to be seen at the end of this run and was not, a sentence each. Empty where everything was.</summary>
    public IReadOnlyList<string> Unmet { get; init; } = [];
}
