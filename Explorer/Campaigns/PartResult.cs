using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>What one part of a search came to, or several parts together.</summary>
public sealed class PartResult
{
    private readonly SortedDictionary<string, FindingTally> _findings = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, UnmetTally> _unmet = new(StringComparer.Ordinal);

    /// <summary>Runs that count: with reduction, no two differ only in the order of independent steps.</summary>
    public long RunCount { get; private set; }

    /// <summary>Runs that turned out to be such a repetition.</summary>
    public long RedundantCount { get; private set; }

    /// <summary>Runs with at least one finding.</summary>
    public long BadCount { get; private set; }

    /// <summary>Steps of all runs that count.</summary>
    public long StepCount { get; private set; }

    /// <summary>The most steps of a run: k of the bound that PCT has.</summary>
    public int StepCountMax { get; private set; }

    /// <summary>Whether everything there was to run was run.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>Findings by <see cref="Finding.Id"/>.</summary>
    public IReadOnlyDictionary<string, FindingTally> Findings => _findings;

    /// <summary>Runs by outcome: see <see cref="RunResult.Outcome"/>.</summary>
    public IReadOnlyDictionary<string, long> Outcomes => _outcomes;

    /// <summary>Expectations that were not met, by their sentence: see <see cref="RunResult.Unmet"/>.</summary>
    public IReadOnlyDictionary<string, UnmetTally> Unmet => _unmet;

    /// <summary>Makes one from what another process wrote down.</summary>
    public static PartResult Restore(
        long runCount, long redundantCount, long badCount, long stepCount, int stepCountMax, bool isComplete,
        IEnumerable<FindingTally> findings, IEnumerable<KeyValuePair<string, long>> outcomes, IEnumerable<UnmetTally> unmet)
    {
        ArgumentNullException.ThrowIfNull(findings);
        ArgumentNullException.ThrowIfNull(outcomes);
        ArgumentNullException.ThrowIfNull(unmet);
        PartResult result = new()
        {
            RunCount = runCount,
            RedundantCount = redundantCount,
            BadCount = badCount,
            StepCount = stepCount,
            StepCountMax = stepCountMax,
            IsComplete = isComplete,
        };
        foreach (FindingTally tally in findings) result.AddTally(tally);
        foreach ((string outcome, long count) in outcomes) result.AddOutcome(outcome, count);
        foreach (UnmetTally tally in unmet) result.AddUnmet(tally);
        return result;
    }

    /// <summary>Adds another part's.</summary>
    /// <remarks>Parts added in the same order give the same result; in another order only the schedules kept for findings differ.</remarks>
    public void Add(PartResult other)
    {
        ArgumentNullException.ThrowIfNull(other);
        RunCount += other.RunCount;
        RedundantCount += other.RedundantCount;
        BadCount += other.BadCount;
        StepCount += other.StepCount;
        StepCountMax = Math.Max(StepCountMax, other.StepCountMax);
        IsComplete &= other.IsComplete;
        foreach (FindingTally tally in other._findings.Values) AddTally(tally);
        foreach ((string outcome, long count) in other._outcomes) AddOutcome(outcome, count);
        foreach (UnmetTally tally in other._unmet.Values) AddUnmet(tally);
    }

    internal void AddRedundant() => RedundantCount++;

    internal void BreakOff() => IsComplete = false;

    internal void AddRun(RunResult run, Search.Schedule schedule)
    {
        RunCount++;
        StepCount += schedule.StepCount;
        StepCountMax = Math.Max(StepCountMax, schedule.StepCount);
        AddOutcome(run.Outcome, 1);
        foreach (string text in run.Unmet)
        {
            if (_unmet.TryGetValue(text, out UnmetTally? tally)) _unmet[text] = tally with { Count = tally.Count + 1 };
            else _unmet.Add(text, new UnmetTally(text, 1, [.. schedule.Picks]));
        }

        if (run.Findings.Count == 0) return;
        BadCount++;
        foreach (Finding finding in run.Findings)
        {
            if (_findings.TryGetValue(finding.Id, out FindingTally? tally)) _findings[finding.Id] = tally with { Count = tally.Count + 1 };
            else _findings.Add(finding.Id, new FindingTally(finding, 1, [.. schedule.Picks]));
        }
    }

    private void AddTally(FindingTally tally)
    {
        string id = tally.Finding.Id;
        if (_findings.TryGetValue(id, out FindingTally? mine)) _findings[id] = mine with { Count = mine.Count + tally.Count };
        else _findings.Add(id, tally);
    }

    private void AddUnmet(UnmetTally tally)
    {
        if (_unmet.TryGetValue(tally.Text, out UnmetTally? mine)) _unmet[tally.Text] = mine with { Count = mine.Count + tally.Count };
        else _unmet.Add(tally.Text, tally);
    }

    private void AddOutcome(string outcome, long count) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + count;
}
