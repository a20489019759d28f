using System.Diagnostics;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>All cases, with an equal share of operations each.</summary>
public static class ConformanceSuite
{
    private const ulong CaseFactor = 0x9E37_79B9_7F4A_7C15;

    /// <summary>Runs all cases, up to the first difference.</summary>
    /// <param name="operations">Operations in all; rounded up to a multiple of the number of cases.</param>
    /// <param name="seed">Decides all of them.</param>
    /// <returns>The sum, and how long it took in seconds.</returns>
    public static (ConformanceResult Result, double ElapsedSeconds) Run(long operations, ulong seed)
    {
        long start = Stopwatch.GetTimestamp();
        int count = QueueCase.All.Count;
        long share = (operations + count - 1) / count;
        long done = 0, rounds = 0;
        string? failure = null;
        for (int i = 0; i < count && failure is null; i++)
        {
            ConformanceResult result = ConformanceRun.Run(QueueCase.All[i], share, seed ^ ((ulong)i * CaseFactor));
            done += result.Operations;
            rounds += result.Rounds;
            failure = result.Failure;
        }

        return (new ConformanceResult(done, rounds, failure), Stopwatch.GetElapsedTime(start).TotalSeconds);
    }
}
