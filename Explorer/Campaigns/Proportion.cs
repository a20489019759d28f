using System;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>How likely something is, as runs by chance have it: an estimate and an interval.</summary>
/// <param name="Estimate">Share of the runs.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end.</param>
public readonly record struct Proportion(double Estimate, double Low, double High)
{
    private const double Z = 1.959964; // 95 %

    /// <summary>The 95 % interval of E. B. Wilson (1927), good for small counts too.</summary>
    /// <param name="hits">Runs that have it.</param>
    /// <param name="runs">Runs; at least 1.</param>
    public static Proportion Of(long hits, long runs)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)hits, (ulong)runs, nameof(hits));
        double n = runs;
        double share = hits / n;
        double middle = share + (Z * Z / (2 * n));
        double half = Z * Math.Sqrt((share * (1 - share) / n) + (Z * Z / (4 * n * n)));
        double scale = 1 + (Z * Z / n);
        return new Proportion(share, Math.Max(0, (middle - half) / scale), Math.Min(1, (middle + half) / scale));
    }
}
