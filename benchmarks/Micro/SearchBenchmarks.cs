using System;
using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>
/// How many schedules a second does one core explore? Scenario RP-06, two vdevs and one boot, with its expectations and all oracles.
/// </summary>
/// <remarks>Each operation is one schedule: schedules a second and core are 10^9 divided by its ns.</remarks>
[MemoryDiagnoser]
public class SearchBenchmarks
{
    /// <summary>Schedules that RP-06 has in era Emu, of those that differ only in the order of independent steps one.</summary>
    private const int ScheduleCount = 107;

    private ScenarioSubject? _subject;
    private ulong _seed;

    [GlobalSetup]
    public void MakeSubject()
    {
        Scenario? scenario = ScenarioFiles.TryReadOwn("RP-06", out _);
        Check.That(scenario is not null, "the scenario comes with the emulator");
        _subject = new ScenarioSubject(scenario!, Era.Emu);
        (int runCount, int redundantCount, long stepCount) = SearchAll();
        Console.WriteLine($"// a search is {runCount} schedules, {redundantCount} of them redundant, " +
            $"of {(double)stepCount / runCount:F1} steps");
        Check.That(runCount == ScheduleCount, "a search has as many schedules as the time is divided by");
    }

    [GlobalCleanup]
    public void DisposeSubject() => _subject!.Dispose();

    [Benchmark(Description = "one schedule of an exhaustive, reduced search", OperationsPerInvoke = ScheduleCount)]
    public void Search() => Check.That(SearchAll().RunCount == ScheduleCount, "each search is the same");

    [Benchmark(Description = "one schedule by chance")]
    public void Random()
    {
        RandomSchedule schedule = new(++_seed);
        schedule.Begin();
        Run(schedule);
    }

    private (int RunCount, int RedundantCount, long StepCount) SearchAll()
    {
        SearchSchedule schedule = new(isReduced: true);
        int runCount = 0;
        int redundantCount = 0;
        long stepCount = 0;
        while (schedule.MoveNext())
        {
            Run(schedule);
            runCount++;
            stepCount += schedule.StepCount;
            if (schedule.IsRedundant) redundantCount++;
        }

        return (runCount, redundantCount, stepCount);
    }

    private void Run(Schedule schedule)
    {
        RunResult result = _subject!.Run(schedule);
        Check.That(result.Findings.Count == 0 && result.Unmet.Count == 0, "the scenario holds under each schedule");
    }
}
