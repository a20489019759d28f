using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Benchmarks.Search;

/// <summary>
/// How many schedules a second one core explores: a row's whole search, with all oracles, again and again; the median of the later ones.
/// </summary>
internal static class Rate
{
    /// <summary>Markdown: a line for each era that the row runs in.</summary>
    public static string Table(string row, string? era, TimeSpan budget)
    {
        Scenario scenario = ScenarioFiles.TryReadOwn(row, out IReadOnlyList<ScenarioError> errors)
            ?? throw new InvalidOperationException(string.Join('\n', errors));
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"| {row} in era | schedules of a search | steps each | µs each |")
            .Append(" bytes allocated each | schedules/s, one core |\n|---|---|---|---|---|---|\n");
        foreach (Era candidate in Era.All)
        {
            if (era is null || candidate.Name == era) _ = text.Append(Line(scenario, candidate, budget));
        }

        return text.ToString();
    }

    private static string Line(Scenario scenario, Era era, TimeSpan budget)
    {
        using ScenarioSubject subject = new(scenario, era);
        _ = Search(subject, out _); // a first one, so that there is a second
        List<double> seconds = [];
        long bytes = 0;
        long runs = 0;
        long steps = 0;
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < budget)
        {
            long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
            long began = Stopwatch.GetTimestamp();
            runs = Search(subject, out steps);
            seconds.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            bytes = GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
        }

        seconds.RemoveRange(0, seconds.Count / 2); // until then code was compiled, and compiled better
        seconds.Sort();
        double median = seconds[seconds.Count / 2] / runs;
        return string.Create(CultureInfo.InvariantCulture, $"| {era.Name} | {runs:N0} | {(double)steps / runs:N0} | ")
            + string.Create(CultureInfo.InvariantCulture, $"{median * 1e6:N1} | {bytes / runs:N0} | {1 / median:N0} |\n");
    }

    /// <summary>One whole search.</summary>
    private static long Search(ScenarioSubject subject, out long steps)
    {
        SearchSchedule schedule = new(isReduced: true);
        long runs = 0;
        steps = 0;
        while (schedule.MoveNext())
        {
            _ = subject.Run(schedule);
            runs++;
            steps += schedule.StepCount;
        }

        return runs;
    }
}
