using System;
using System.Diagnostics;
using System.Threading;
using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Board.Bench.Host;

/// <summary>The machine that is measured on: two threads on two cores, what a line takes between them, and what a sleep costs.</summary>
internal sealed class BenchHost : IDisposable
{
    private const int WakeRounds = 200;
    private const int LooksMeasured = 20_000;

    private readonly LineRoundTrip _line;

    /// <summary>Starts the threads.</summary>
    /// <param name="cores">Which cores; null for two that the machine has.</param>
    public BenchHost((int First, int Second)? cores = null)
    {
        (int first, int second) = cores ?? HostThreads.ChooseTwo(HostThreads.AllowedCores());
        First = new PinnedThread("bench host", first);
        Second = new PinnedThread("bench remote", second);
        _line = new LineRoundTrip(First, Second);
        First.Do(static () => { });
        Second.Do(static () => { });
        CpuModel = HostThreads.CpuModel();
        string kernel = Environment.OSVersion.Version.ToString();
        Machine = $"{Environment.ProcessorCount} cores, Linux {kernel}, .NET {Environment.Version}, cores {first} and {second}";
    }

    /// <summary>Where the host's half runs.</summary>
    public PinnedThread First { get; }

    /// <summary>Where the remote's half runs.</summary>
    public PinnedThread Second { get; }

    /// <summary>Whether the two threads have a core each; otherwise only one thread can be measured.</summary>
    public bool HasTwoCores => First.Core != Second.Core;

    /// <summary>The processor's name.</summary>
    public string CpuModel { get; }

    /// <summary>Cores, kernel and runtime.</summary>
    public string Machine { get; }

    /// <summary>What it costs to sleep and to be woken, ns: the bound of spinning. 0 before <see cref="Calibrate"/>.</summary>
    public long SleepNs { get; private set; }

    /// <summary>Looks that take as long. 0 before <see cref="Calibrate"/>.</summary>
    public int SpinLooks { get; private set; }

    /// <summary>A cache line's way from one core to the other and back, now, ns.</summary>
    public double LineNs() => _line.MeasureNs();

    /// <summary>Measures what a sleep costs, and how many looks are worth it.</summary>
    public void Calibrate()
    {
        for (int i = 0; i < 30; i++) _ = LineNs(); // until the loops are compiled as they stay
        using EventFd ping = EventFd.Create();
        using EventFd pong = EventFd.Create();
        double[] roundsNs = new double[WakeRounds];
        Second.Begin(() =>
        {
            for (int i = 0; i < WakeRounds; i++)
            {
                _ = ping.Wait();
                pong.Ring();
            }
        });
        First.Do(() =>
        {
            for (int i = 0; i < WakeRounds; i++)
            {
                long begin = Stopwatch.GetTimestamp();
                ping.Ring();
                _ = pong.Wait();
                roundsNs[i] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
            }
        });
        Second.Wait();
        SleepNs = (long)(Statistics.Median(roundsNs) / 2);
        double lookNs = 0;
        First.Do(() => lookNs = LookNs());
        SpinLooks = (int)Math.Max(1, SleepNs / lookNs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        First.Dispose();
        Second.Dispose();
        _line.Dispose();
    }

    private static double LookNs()
    {
        long word = 0;
        double best = double.MaxValue;
        for (int series = 0; series < 5; series++)
        {
            long begin = Stopwatch.GetTimestamp();
            AdaptiveSpin spin = new(LooksMeasured, 1);
            while (spin.Next() && Volatile.Read(ref word) == 0) { }
            best = Math.Min(best, Stopwatch.GetElapsedTime(begin).TotalNanoseconds / LooksMeasured);
        }

        return best;
    }
}
