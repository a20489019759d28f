using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>What may go wrong in a scenario: each time a named step comes, somebody chooses whether it fails.</summary>
internal sealed class ScenarioFaultPlan(IReadOnlyList<ScenarioFault> faults) : IFaultPlan
{
    private readonly int[] _left = new int[faults.Count];

    /// <summary>Who is asked; set once the machine is made.</summary>
    public VirtualScheduler? Scheduler { get; set; }

    /// <summary>A run begins.</summary>
    public void Begin()
    {
        for (int i = 0; i < _left.Length; i++) _left[i] = faults[i].TimesMax;
    }

    /// <summary>The explored part is over: nothing fails any more.</summary>
    public void End() => Array.Clear(_left);

    /// <inheritdoc/>
    public Errno At(string site)
    {
        for (int i = 0; i < _left.Length; i++)
        {
            if (_left[i] == 0 || !string.Equals(faults[i].Site, site, StringComparison.Ordinal)) continue;
            if (Scheduler!.Choose(2) == 0) return Errno.Ok;
            _left[i]--;
            return faults[i].Errno;
        }

        return Errno.Ok;
    }
}
