using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Board.Bench;

/// <summary>Few numbers, in one.</summary>
internal static class Statistics
{
    /// <summary>The median; between the two in the middle where their number is even. Not of nothing.</summary>
    public static double Median(IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
