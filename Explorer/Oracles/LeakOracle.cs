using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>Nothing is left after the last unload.</summary>
internal sealed class LeakOracle(FindingList findings)
{
    private const string Module = "module ";

    /// <param name="whatIsLeft">
    /// One line for each thing that is still there, its kind and name first: <c>device remoteproc0, 2 references</c>. Numbers, addresses
    /// and what follows them are no part of the key.
    /// </param>
    public void AtEnd(IReadOnlyList<string> whatIsLeft)
    {
        foreach (string line in whatIsLeft)
        {
            if (line.StartsWith(Module, StringComparison.Ordinal)) return; // not everything was unloaded: that is another rule's
        }

        foreach (string line in whatIsLeft) findings.Add(OracleRule.Leak, KeyOf(line), $"after the last unload there is still {line}");
    }

    private static string KeyOf(string line)
    {
        int end = line.IndexOf(',', StringComparison.Ordinal);
        int at = line.IndexOf(" at ", StringComparison.Ordinal);
        if (at >= 0 && (end < 0 || at < end)) end = at;
        return DeadlockOracle.WithoutNumbers(end < 0 ? line : line[..end]).TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ' ');
    }
}
