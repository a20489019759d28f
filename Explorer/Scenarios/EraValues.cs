using System;
using System.Collections.Generic;
using System.Text;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>What may be seen, for each kernel or for all: any of several values is right.</summary>
/// <param name="ByEra">The values for eras that are named.</param>
/// <param name="Otherwise">The values for the others; null when nothing is expected of them.</param>
public sealed record EraValues(IReadOnlyDictionary<string, string[]> ByEra, string[]? Otherwise)
{
    /// <summary>The values that are right in an era; null when any is.</summary>
    public string[]? Find(Era era)
    {
        ArgumentNullException.ThrowIfNull(era);
        return ByEra.TryGetValue(era.Name, out string[]? values) ? values : Otherwise;
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        foreach ((string era, string[] values) in ByEra) _ = text.Append(era).Append(": ").AppendJoin(" or ", values).Append(", ");
        return Otherwise is null ? text.ToString().TrimEnd(' ', ',') : text.AppendJoin(" or ", Otherwise).ToString();
    }
}
