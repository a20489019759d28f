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
    private ScenarioSubject? _subject;
    private SearchSchedule _search = new(isReduced: true);
    private int _searchedCount; // schedules of _search
    private int _scheduleCount; // of a whole search
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
        _scheduleCount = runCount;
    }

    [GlobalCleanup]
    public void DisposeSubject() => _subject!.Dispose();

    [Benchmark(Description = "one schedule of an exhaustive, reduced search, begun again at its end")]
    public void Search()
    {
        if (!_search.MoveNext())
        {
            Check.That(_searchedCount == _scheduleCount, "each search is the same");
            _search = new SearchSchedule(isReduced: true);
            _searchedCount = 0;
            Check.That(_search.MoveNext(), "a search has a first schedule");
        }

        _searchedCount++;
        Run(_search);
    }

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
