using System.Collections.Generic;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>Collects findings up to a bound.</summary>
internal sealed class FindingList(int max)
{
    private readonly List<CheckFinding> _findings = [];

    internal IReadOnlyList<CheckFinding> Findings => _findings;

    /// <summary>Whether a finding had to be dropped: whoever loops may stop.</summary>
    internal bool IsFull { get; private set; }

    internal void Add(CheckRule rule, ulong fileOffset, string field, ulong value, string detail = "")
    {
        if (_findings.Count == max) IsFull = true;
        else _findings.Add(new CheckFinding(rule, fileOffset, field, value, detail));
    }
}
