using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Explain.Replay;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>A search of a scenario, one era after the other.</summary>
internal sealed class ExploreRun(ExploreOptions options, ProgressLine progress, Interruption interruption)
{
    private const int ExplainedMax = 3; // schedules an era; the other findings have their token
    private const int MinimisedMax = 8; // findings an era: two may turn out to be the same schedule

    private readonly Stopwatch _clock = Stopwatch.StartNew();

    /// <summary>Where parts that are done are written down, and which are done already; null for nowhere.</summary>
    public ShardWriter? Writer { get; init; }

    /// <summary>Why parts could not be written down any more; null while they could. The search goes on without.</summary>
    public IOException? WriteFailure { get; private set; }

    /// <summary>Parts that are done already.</summary>
    public ShardFile? Resumed { get; init; }

    /// <summary>Makes the plan for each era.</summary>
    public static IReadOnlyList<(Era Era, SearchPlan Plan)> Plan(ExploreOptions options)
    {
        List<(Era, SearchPlan)> plans = [];
        foreach (Era era in options.Eras)
        {
            using ScenarioSubject subject = options.Scenario.NewSubject(era);
            plans.Add((era, options.Plan.Create(subject)));
        }

        return plans;
    }

    /// <summary>Runs it.</summary>
    public IReadOnlyList<EraReport> Run(IReadOnlyList<(Era Era, SearchPlan Plan)> plans)
    {
        List<EraReport> reports = [];
        for (int i = 0; i < plans.Count; i++)
        {
            (Era era, SearchPlan plan) = plans[i];
            TimeSpan? budget = options.Budget is { } whole ? (whole - _clock.Elapsed) / (plans.Count - i) : null;
            if (budget < TimeSpan.Zero) budget = TimeSpan.Zero;
            reports.Add(Search(era, plan, budget));
        }

        progress.Clear();
        return [.. reports.Select(report => Judge(options.Scenario, report, reports))];
    }

    /// <summary>Explains the first few findings, and tells those that are expected from the others.</summary>
    /// <param name="scenario">The scenario.</param>
    /// <param name="report">What was found in an era.</param>
    /// <param name="others">What was found in others, to compare with.</param>
    public static EraReport Judge(LoadedScenario scenario, EraReport report, IReadOnlyList<EraReport> others)
    {
        List<ExploreFinding> findings = [];
        HashSet<string> explained = [];
        using ScenarioSubject subject = scenario.NewSubject(report.Era);
        IEnumerable<FindingTally> inOrder = report.Total.Findings.Values.OrderBy(tally =>
            scenario.Scenario.IsExpected(tally.Finding, report.Era));
        foreach (FindingTally tally in inOrder)
        {
            bool isExpected = scenario.Scenario.IsExpected(tally.Finding, report.Era);
            Explanation? explanation = null;
            if (explained.Count < ExplainedMax && findings.Count < MinimisedMax)
                explanation = Explain(scenario, subject, report, tally, others);
            string token = explanation?.Token.ToString() ?? TokenOf(scenario, subject, report, tally);
            Finding finding = explanation?.Finding ?? tally.Finding;
            if (explanation is not null && !explained.Add(token)) explanation = null; // one text for a schedule
            findings.Add(new ExploreFinding(finding, tally.Count, isExpected, token, explanation));
        }

        return report with
        {
            Findings = findings,
            Missing = report.IsExhaustive ? [.. scenario.Scenario.Findings.Where(expected => expected.IsFor(report.Era) &&
                !report.Total.Findings.Values.Any(tally => expected.Covers(tally.Finding, report.Era)))] : [],
        };
    }

    /// <summary>Tasks of a run.</summary>
    public static int CountTasks(ISubject subject) => Recorder.Record(subject, []).Tasks.Count;

    private EraReport Search(Era era, SearchPlan plan, TimeSpan? budget)
    {
        Dictionary<int, PartResult> done = Resumed is null ? [] : new(Resumed.PartsOf(era.Name));
        long runsBefore = done.Values.Sum(part => part.RunCount + part.RedundantCount);
        CampaignResult result = Campaign.Run(new CampaignOptions
        {
            NewSubject = () => options.Scenario.NewSubject(era),
            Plan = plan,
            Budget = budget,
            WorkerCount = options.WorkerCount,
            ShardIndex = options.ShardIndex,
            ShardCount = options.ShardCount,
            DoneParts = done,
            Progressed = how => progress.Show(ProgressOf(era, how, budget)),
            PartDone = (part, partResult) => WriteDown(era, part, partResult),
            Cancellation = interruption.Token,
        });
        using ScenarioSubject subject = options.Scenario.NewSubject(era);
        return new EraReport
        {
            Era = era,
            Fingerprint = options.Scenario.Fingerprint(era),
            Request = options.Plan,
            PlanWords = plan.Words,
            Bound = plan.Bound,
            Total = result.Total,
            PartCount = result.PartCount,
            PartsDone = result.DoneParts.Count,
            IsShard = options.ShardCount > 1,
            Duration = result.Duration,
            RunsHere = result.Total.RunCount + result.Total.RedundantCount - runsBefore,
            WorkerCount = result.WorkerCount,
            TaskCount = CountTasks(subject),
        };
    }

    private void WriteDown(Era era, int part, PartResult result)
    {
        if (Writer is null || WriteFailure is not null) return; // half a line may be there: nothing may follow it
        try
        {
            Writer.Append(era.Name, part, result);
        }
        catch (IOException exception)
        {
            WriteFailure = exception;
        }
    }

    private static string ProgressOf(Era era, CampaignProgress how, TimeSpan? budget)
    {
        TimeSpan? left = how.Remaining;
        if (budget is { } whole && (left is null || left > whole - how.Elapsed)) left = whole - how.Elapsed;
        string estimate = left is { } time && time > TimeSpan.Zero ? $", at most {Duration.ToText(time)} more" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"era {era.Name}: {how.RunCount:N0} schedules, {how.RunsPerSecond:N0}/s, {how.BadCount:N0} bad, part {how.PartsDone} of " +
                $"{how.PartCount}{estimate}");
    }

    private static Explanation? Explain(
        LoadedScenario scenario, ScenarioSubject subject, EraReport report, FindingTally tally, IReadOnlyList<EraReport> others)
    {
        Era? elsewhere = FindElsewhere(scenario, report, tally.Finding.Id, others);
        using ScenarioSubject? other = elsewhere is null ? null : scenario.NewSubject(elsewhere);
        return Explanation.Explain(new ExplainRequest
        {
            Subject = subject,
            Picks = tally.Picks,
            FindingId = tally.Finding.Id,
            Scenario = scenario.Scenario.Name,
            Title = scenario.Scenario.Title,
            Era = report.Era.Name,
            ProductVersion = ProductVersion.Text,
            Fingerprint = report.Fingerprint,
            Elsewhere = other,
            ElsewhereEra = elsewhere?.Name ?? "",
            Counts = report.CountsOf(tally.Count),
        });
    }

    /// <summary>The next era that was searched and has no finding, or at least not this one; if none, our own.</summary>
    private static Era? FindElsewhere(LoadedScenario scenario, EraReport report, string id, IReadOnlyList<EraReport> others)
    {
        EraReport[] later = [.. others.SkipWhile(other => other.Era != report.Era).Where(other => !other.Total.Findings.ContainsKey(id))];
        EraReport? best = later.FirstOrDefault(static other => other.Total.Findings.Count == 0) ?? later.FirstOrDefault();
        if (best is not null) return best.Era;

        return report.Era != Era.Emu && scenario.Scenario.Eras.Contains(Era.Emu) && !others.Any(other => other.Era == Era.Emu) ? Era.Emu
            : null;
    }

    private static string TokenOf(LoadedScenario scenario, ScenarioSubject subject, EraReport report, FindingTally tally)
    {
        Recording run = Recorder.Record(subject, tally.Picks);
        return new ReplayToken(ProductVersion.Text, scenario.Scenario.Name, report.Era.Name, report.Fingerprint, run.TraceHash, run.Picks)
            .ToString();
    }
}
