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

/// <summary>How many schedules a second one core explores: a row's whole search, with all oracles, again and again.</summary>
internal static class Rate
{
    /// <summary>Markdown: a line for each era that the row runs in.</summary>
    public static string Table(string row, string? era, TimeSpan budget)
    {
        Scenario scenario = ScenarioFiles.TryReadOwn(row, out IReadOnlyList<ScenarioError> errors)
            ?? throw new InvalidOperationException(string.Join('\n', errors));
        StringBuilder text = new();
        _ = text.Append(CultureInfo.InvariantCulture, $"| {row} in era | schedules of a search | steps each | µs each | bytes allocated each |")
            .Append(" schedules/s, one core |\n|---|---|---|---|---|---|\n");
        foreach (Era candidate in Era.All)
        {
            if (era is null || candidate.Name == era) _ = text.Append(Line(scenario, candidate, budget));
        }

        return text.ToString();
    }

    private static string Line(Scenario scenario, Era era, TimeSpan budget)
    {
        using ScenarioSubject subject = new(scenario, era);
        _ = SearchFor(subject, budget / 2, out _, out _); // compiled, and compiled better
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch clock = Stopwatch.StartNew();
        long runs = SearchFor(subject, budget, out long steps, out long searches);
        double seconds = clock.Elapsed.TotalSeconds;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        return string.Create(CultureInfo.InvariantCulture, $"| {era.Name} | {runs / searches:N0} | {(double)steps / runs:N0} | ")
            + string.Create(CultureInfo.InvariantCulture, $"{seconds * 1e6 / runs:N1} | {bytes / runs:N0} | {runs / seconds:N0} |\n");
    }

    /// <summary>Searches all there is, for as long, and to the end.</summary>
    private static long SearchFor(ScenarioSubject subject, TimeSpan budget, out long steps, out long searches)
    {
        Stopwatch clock = Stopwatch.StartNew();
        long runs = 0;
        steps = searches = 0;
        do
        {
            SearchSchedule schedule = new(isReduced: true);
            while (schedule.MoveNext())
            {
                _ = subject.Run(schedule);
                runs++;
                steps += schedule.StepCount;
            }

            searches++;
        }
        while (clock.Elapsed < budget);
        return runs;
    }
}
