using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Explain;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>A finding of a search, as it is reported.</summary>
/// <param name="Finding">The finding.</param>
/// <param name="Count">Schedules that have it.</param>
/// <param name="IsExpected">Whether the scenario says that this era has it.</param>
/// <param name="Token">A schedule that has it, in a line.</param>
/// <param name="Explanation">Everything about it; null for all but the first few.</param>
internal sealed record ExploreFinding(Finding Finding, long Count, bool IsExpected, string Token, Explanation? Explanation);
