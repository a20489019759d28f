using System;
using System.Collections.Generic;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>A finding that some order of events leads to in some era: it shows what that kernel does.</summary>
/// <param name="Rule">The rule that is broken.</param>
/// <param name="KeyPattern">Its key; <c>*</c> stands for any text.</param>
/// <param name="Eras">The names of the eras; empty for every one.</param>
/// <param name="Place">Where it was written.</param>
public sealed record ExpectedFinding(OracleRule Rule, string KeyPattern, IReadOnlyList<string> Eras, ScenarioPlace Place)
{
    /// <summary>Whether it is expected in an era.</summary>
    public bool IsFor(Era era)
    {
        ArgumentNullException.ThrowIfNull(era);
        if (Eras.Count == 0) return true;
        foreach (string name in Eras)
        {
            if (string.Equals(name, era.Name, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>Whether a finding in an era is this one.</summary>
    public bool Covers(Finding finding, Era era)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return finding.Rule == Rule && IsFor(era) && Matches(KeyPattern, finding.Key);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Rule}: {KeyPattern}";

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int star = pattern.IndexOf('*');
        if (star < 0) return pattern.SequenceEqual(text);
        if (!text.StartsWith(pattern[..star], StringComparison.Ordinal)) return false;
        for (int at = star; at <= text.Length; at++)
        {
            if (Matches(pattern[(star + 1)..], text[at..])) return true;
        }

        return false;
    }
}
