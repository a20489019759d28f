using System;
using System.Diagnostics;
using System.Threading;
using RemoteprocEmu.Board.Bench.Lanes;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board.Bench.Host;

/// <summary>How long one cache line takes from one core to the other and back: below it no round trip between them can be.</summary>
/// <remarks>
/// A guest's cores may lie in one core complex of the host or in two, and move within seconds. What two threads can do differs by three
/// to five times then. So this is measured before and after each run, and every number says in which mood it was taken.
/// </remarks>
internal sealed unsafe class LineRoundTrip : IDisposable
{
    /// <summary>Below it the two cores are near each other, ns: one core complex takes 60 to 120, two take 300 to 500.</summary>
    public const double NearNsMax = 200;

    private const int Blocks = 9;
    private const int RoundsOfBlock = 300;

    private readonly PinnedThread _first;
    private readonly PinnedThread _second;
    private readonly SharedMemory _memory = SharedMemory.Create("line", SharedMemory.PageBytes);
    private readonly double[] _blockNs = new double[Blocks];
    private readonly Action _ping;
    private readonly Action _pong;

    /// <summary>Prepares a measurement between two threads.</summary>
    public LineRoundTrip(PinnedThread first, PinnedThread second)
    {
        _first = first;
        _second = second;
        _ping = Ping;
        _pong = Pong;
    }

    /// <summary>Measures.</summary>
    /// <returns>The median of short series, ns.</returns>
    public double MeasureNs()
    {
        Volatile.Write(ref *(long*)_memory.Base, 0);
        _second.Begin(_pong);
        _first.Begin(_ping);
        _first.Wait();
        _second.Wait();
        return Statistics.Median(_blockNs);
    }

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)_memory).Dispose();

    private void Ping()
    {
        long* line = (long*)_memory.Base; // SAFETY: a page, which lives as long as this
        long value = 0;
        for (int block = 0; block < Blocks; block++)
        {
            long begin = Stopwatch.GetTimestamp();
            for (int round = 0; round < RoundsOfBlock; round++)
            {
                Volatile.Write(ref *line, value + 1);
                value += 2;
                WaitFor(line, value);
            }

            _blockNs[block] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / RoundsOfBlock;
        }
    }

    private void Pong()
    {
        long* line = (long*)_memory.Base; // SAFETY: as in Ping
        for (long value = 1; value < 2 * Blocks * RoundsOfBlock; value += 2)
        {
            WaitFor(line, value);
            Volatile.Write(ref *line, value + 1);
        }
    }

    private static void WaitFor(long* line, long value)
    {
        Gate.Patience patience = default;
        for (uint looks = 1; Volatile.Read(ref *line) != value; looks++)
        {
            if (looks % 65536 == 0 && patience.IsOver()) throw new TimeoutException("the other core does not answer");
        }
    }
}
