using System;
using System.Numerics;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Latencies, counted in classes that are 3 % wide; nothing is allocated after creation.</summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 5;
    private const int Sub = 1 << SubBits;

    private readonly long[] _counts = new long[(66 - SubBits) * Sub];

    /// <summary>Latencies counted.</summary>
    public long Count { get; private set; }

    /// <summary>The longest, ns.</summary>
    public long MaxNs { get; private set; }

    /// <summary>Counts one.</summary>
    public void Add(long latencyNs)
    {
        ulong value = (ulong)Math.Max(0, latencyNs);
        int magnitude = Math.Max(0, BitOperations.Log2(value | 1) - SubBits);
        _counts[(magnitude * Sub) + (int)(value >> magnitude)]++;
        Count++;
        if (latencyNs > MaxNs) MaxNs = latencyNs;
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_counts);
        Count = MaxNs = 0;
    }

    /// <summary>The latency that a share of all does not exceed, ns; 0 of nothing.</summary>
    /// <param name="share">0.5 for the median.</param>
    public double PercentileNs(double share)
    {
        long wanted = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (int i = 0; i < _counts.Length && wanted > 0; i++)
        {
            seen += _counts[i];
            if (seen >= wanted) return i < 2 * Sub ? i : ((long)(i % Sub) + Sub) << ((i / Sub) - 1); // as Add made the index
        }

        return 0;
    }
}
