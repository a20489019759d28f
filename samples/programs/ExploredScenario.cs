using System;
using System.Collections.Generic;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Samples;

/// <summary>Every schedule of a scenario, on the kernels up to v4.8, and what was found in how many of them.</summary>
internal static class ExploredScenario
{
    internal static void Run()
    {
        Scenario scenario = ScenarioFiles.TryReadOwn("RP-06", out IReadOnlyList<ScenarioError> errors)
            ?? throw new InvalidOperationException(errors[0].ToString());
        using ScenarioSubject subject = new(scenario, Era.A);
        SearchSchedule schedule = new(isReduced: true);
        SortedDictionary<string, int> found = new(StringComparer.Ordinal);
        int runCount = 0;
        while (schedule.MoveNext())
        {
            RunResult result = subject.Run(schedule);
            if (schedule.IsRedundant) continue; // seen before, but for the order of independent steps
            runCount++;
            foreach (Finding finding in result.Findings) found[finding.Id] = found.GetValueOrDefault(finding.Id) + 1;
        }

        Console.WriteLine($"{scenario} in era A: {runCount} schedules");
        foreach ((string id, int count) in found) Console.WriteLine($"  {count} times: {id}");
    }
}
