using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>What came of a scenario in an era.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Title">What it is about; may be empty.</param>
/// <param name="Era">The era's name.</param>
/// <param name="Findings">Its findings that were not expected.</param>
/// <param name="Failures">What else was not as it should be, each a sentence: an expectation that was not met.</param>
/// <param name="Counts">What the search has seen; null for a replay.</param>
/// <param name="DurationMs">How long it took, ms.</param>
public sealed record ScenarioReport(
    string Scenario, string Title, string Era, IReadOnlyList<Explanation> Findings, IReadOnlyList<string> Failures, SearchCounts? Counts,
    long DurationMs)
{
    /// <summary>Its findings that the scenario says this era has: worth a page, and no failure.</summary>
    public IReadOnlyList<Explanation> Expected { get; init; } = [];

    /// <summary>Whether nothing was wrong.</summary>
    public bool IsGood => Findings.Count == 0 && Failures.Count == 0;
}
