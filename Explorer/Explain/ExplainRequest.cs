using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain;

/// <summary>What is to be explained.</summary>
public sealed record ExplainRequest
{
    /// <summary>What runs.</summary>
    public required ISubject Subject { get; init; }

    /// <summary>A schedule that has the finding.</summary>
    public required IReadOnlyList<int> Picks { get; init; }

    /// <summary>See <see cref="Finding.Id"/>.</summary>
    public required string FindingId { get; init; }

    /// <summary>The scenario's name.</summary>
    public required string Scenario { get; init; }

    /// <summary>What the scenario is about, in a line; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>The era's name: <c>A</c>.</summary>
    public required string Era { get; init; }

    /// <summary>The version that makes the token.</summary>
    public required string ProductVersion { get; init; }

    /// <summary>Hash of scenario text, image and options; see <see cref="Replay.ReplayToken.Fingerprint"/>.</summary>
    public required ulong Fingerprint { get; init; }

    /// <summary>The same scenario in an era to compare with; null for none.</summary>
    public ISubject? Elsewhere { get; init; }

    /// <summary>That era's name; empty for none.</summary>
    public string ElsewhereEra { get; init; } = "";

    /// <summary>What the search has seen; null for a replay.</summary>
    public SearchCounts? Counts { get; init; }

    /// <summary>Runs that cutting down the schedule may take; at least 1.</summary>
    public int RunCountMax { get; init; } = 1_000;
}
