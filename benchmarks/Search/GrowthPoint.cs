namespace RemoteprocEmu.Benchmarks.Search;

/// <summary>One search.</summary>
/// <param name="Name">What was searched.</param>
/// <param name="Classes">Schedules of which no two differ only in the order of independent steps.</param>
/// <param name="Redundant">Runs beyond those.</param>
/// <param name="Steps">Steps of a schedule, on average.</param>
/// <param name="Seconds">Time.</param>
/// <param name="IsComplete">Whether it came to its end.</param>
internal sealed record GrowthPoint(string Name, long Classes, long Redundant, double Steps, double Seconds, bool IsComplete)
{
    /// <summary>Runs a second, on one core.</summary>
    public double Rate => (Classes + Redundant) / Seconds;
}
