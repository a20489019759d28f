using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>The findings of one run: each rule and key once, in the order of their happening.</summary>
internal sealed class FindingList(Scheduler scheduler)
{
    private List<Finding>? _list; // a run that is clean makes none

    public IReadOnlyList<Finding> All => _list ?? (IReadOnlyList<Finding>)[];

    /// <summary>Begins a new list; who has the old one keeps it.</summary>
    public void Begin() => _list = null;

    public bool Has(OracleRule rule)
    {
        foreach (Finding finding in All)
        {
            if (finding.Rule == rule) return true;
        }

        return false;
    }

    /// <summary>Adds a finding, unless the run has it already.</summary>
    public void Add(OracleRule rule, string key, string text, string state = "")
    {
        foreach (Finding other in All)
        {
            if (other.Rule == rule && other.Key == key) return;
        }

        Finding finding = new(rule, key, text, scheduler.Current?.Name ?? "", scheduler.NowNs, state);
        (_list ??= []).Add(finding);
        if (scheduler.Current is not null) scheduler.Trace.Emit(TraceKind.Finding, finding.Id, 0, 0);
    }
}
