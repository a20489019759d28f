namespace RemoteprocEmu.Explorer.Explain;

/// <summary>How much a search has seen, for its report.</summary>
/// <param name="Classes">Schedules of which no two differ only in the order of independent steps.</param>
/// <param name="Schedules">Schedules that were run.</param>
/// <param name="Bad">Of those, how many have the finding.</param>
/// <param name="IsExhaustive">Whether there are no others within the bound.</param>
/// <param name="Bound">The bound, in words: <c>at most 2 preemptions</c>; empty for none.</param>
public sealed record SearchCounts(long Classes, long Schedules, long Bad, bool IsExhaustive, string Bound)
{
    /// <summary>One sentence without its full stop.</summary>
    public override string ToString()
    {
        string bound = Bound.Length == 0 ? "" : $" with {Bound}";
        string whole = IsExhaustive ? $"exhaustive{bound}" : $"not exhaustive{bound}";
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{Classes:N0} {(Classes == 1 ? "class" : "classes")}, {Schedules:N0} {(Schedules == 1 ? "schedule" : "schedules")}, " +
                $"{Bad:N0} bad; {whole}");
    }
}
