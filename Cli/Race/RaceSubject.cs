using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Cli.Race;

/// <summary>A scenario of which only the race is looked at: rings that are not published when the firmware takes them.</summary>
/// <param name="subject">The scenario.</param>
/// <param name="seen">What the firmware found of each vdev's rings, over all runs.</param>
internal sealed class RaceSubject(ScenarioSubject subject, FirstLook[] seen) : ISubject
{
    /// <inheritdoc/>
    public RunResult Run(Schedule schedule, ITraceSink? trace = null)
    {
        RunResult result = subject.Run(schedule, trace);
        IReadOnlyList<VdevSnapshot> first = subject.FirstInstruction;
        for (int i = 0; i < seen.Length && i < first.Count; i++)
            seen[i] |= first[i].Vring0.Address.IsAny || first[i].Vring1.Address.IsAny ? FirstLook.Unset : FirstLook.Published;
        return result with { Findings = [.. result.Findings.Where(IsRace)] };
    }

    /// <inheritdoc/>
    public void Dispose() => subject.Dispose();

    private static bool IsRace(Finding finding) =>
        finding.Rule == OracleRule.Memory && finding.Key.EndsWith(" unpublished", StringComparison.Ordinal);
}
