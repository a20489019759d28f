namespace RemoteprocEmu.Board.Bench;

/// <summary>How much is measured.</summary>
internal sealed record BenchOptions
{
    /// <summary>Length of a run, s.</summary>
    public double RunSeconds { get; init; } = 0.1;

    /// <summary>Runs of a case.</summary>
    public int Runs { get; init; } = 5;

    /// <summary>The mood to wait for before each run: <c>near</c> or <c>far</c>; null to take what comes.</summary>
    public string? Mood { get; init; }

    /// <summary>Time for that, altogether, s; when it is used up, what comes is taken.</summary>
    public double MoodSeconds { get; init; } = 60;

    /// <summary>How often a run is tried on a machine that is not quiet.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>How long a case runs before it counts, s: until its loops are compiled as they stay.</summary>
    public double WarmUpSeconds { get; init; } = 0.3;

    /// <summary>A whole measurement within some time, as far as it goes.</summary>
    /// <param name="caseCount">Cases.</param>
    /// <param name="seconds">Time.</param>
    public static BenchOptions Within(int caseCount, double seconds)
    {
        double each = 0.9 * seconds / System.Math.Max(1, caseCount);
        int runs = each > 0.2 ? 5 : 3;
        double warmUp = System.Math.Clamp(each / 3, 0.02, 0.3);
        return new BenchOptions
        {
            Runs = runs,
            Attempts = each > 0.2 ? 5 : 2,
            MoodSeconds = seconds / 5,
            WarmUpSeconds = warmUp,
            RunSeconds = System.Math.Clamp(((each - warmUp) / runs) - 0.012, 0.005, 0.3), // 12 ms: the line, there and back
        };
    }
}
