using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Explain.Report;
using RemoteprocEmu.Explorer.Scenarios;

namespace RemoteprocEmu.Cli.Output;

/// <summary>What a search came to, for people: a block for each era, and a line for all.</summary>
internal static class ExploreReportText
{
    private const int Width = 76; // of a mail
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>Writes what is known before the search.</summary>
    public static void WriteHead(LoadedScenario scenario, string plan, Terminal terminal)
    {
        terminal.Output.WriteLine($"{scenario.Scenario.Name}: {scenario.Scenario.Title}");
        terminal.Output.WriteLine(plan);
    }

    /// <summary>Writes an era's block.</summary>
    public static void Write(EraReport report, Terminal terminal)
    {
        terminal.WriteTitle($"Era {report.Era.Name}");
        Say(terminal, report.Era.Kernels);
        Say(terminal, Counts(report));
        if (Speed(report) is { Length: > 0 } speed) Say(terminal, speed);
        foreach (ExploreFinding finding in report.Findings) Write(report, finding, terminal);
        foreach (UnmetTally unmet in report.Total.Unmet.Values) Say(terminal, $"unmet in {Share(report, unmet.Count)}: {unmet.Text}");
        foreach (ExpectedFinding missing in report.Missing)
            Say(terminal, $"missing: the scenario says that era {report.Era.Name} has {missing}");
        foreach (string sentence in ProofText.Of(report)) Say(terminal, sentence);
        foreach (ExploreFinding finding in report.Findings)
        {
            if (finding.Explanation is not { } explanation) continue;
            terminal.Output.WriteLine();
            terminal.Output.WriteLine(FindingText.Write(explanation).TrimEnd('\n'));
        }
    }

    /// <summary>Everything in one line.</summary>
    public static string LastLine(LoadedScenario scenario, IReadOnlyList<EraReport> reports, bool wasInterrupted)
    {
        int unexpected = reports.Sum(report => report.Findings.Count(finding => !finding.IsExpected));
        int expected = reports.Sum(report => report.Findings.Count(finding => finding.IsExpected));
        int amiss = reports.Sum(report => report.Missing.Count + report.Total.Unmet.Count);
        string verdict = wasInterrupted ? "interrupted" : reports.All(report => report.IsGood) ? "ok" : "finding";
        List<string> parts = [];
        if (unexpected > 0) parts.Add(Count(unexpected, "finding", "findings"));
        if (expected > 0) parts.Add(Count(expected, "finding", "findings") + " that the scenario expects");
        if (amiss > 0) parts.Add(Count(amiss, "expectation", "expectations") + " not met");
        if (parts.Count == 0) parts.Add("no finding in what was seen");
        string how = reports.All(report => report.IsExhaustive) ? reports[0].Bound.Length == 0 ? "all schedules were seen"
            : $"all schedules with {reports[0].Bound} were seen"
            : reports[0].IsByChance ? $"{N(reports.Sum(report => report.Total.RunCount))} schedules by chance"
            : reports[0].IsShard && reports.All(report => report.IsComplete) ? "one shard of several" : "not all schedules were seen";
        string eras = reports.Count == 1 ? $"era {reports[0].Era.Name}" : $"{reports.Count} eras";
        return $"{verdict}: {scenario.Scenario.Name} in {eras}: {string.Join(", ", parts)}; {how}";
    }

    private static string Counts(EraReport report)
    {
        PartResult total = report.Total;
        bool hasClasses = report.Request.Kind == PlanKind.Exhaustive;
        string seen = hasClasses ? $"{Count(total.RunCount, "class", "classes")} in {Count(report.ScheduleCount, "schedule", "schedules")}"
            : Count(total.RunCount, "schedule", "schedules");
        string outcomes = Count(total.Outcomes.Count, "outcome", "outcomes");
        return $"{report.PlanWords}: {seen}, {N(total.BadCount)} bad; {outcomes}";
    }

    private static string Speed(EraReport report)
    {
        PartResult total = report.Total;
        string steps = total.RunCount == 0 ? "" : string.Create(s_culture,
            $"{(double)total.StepCount / total.RunCount:0.#} steps a schedule, at most {total.StepCountMax}; ");
        if (report.Duration is not { } duration) return steps.TrimEnd(' ', ';');
        string rate = duration.TotalMilliseconds < 1 || report.RunsHere == 0 ? ""
            : string.Create(s_culture, $"{Rounded(report.RunsHere / duration.TotalSeconds):N0} schedules/s, ");
        return $"{steps}{rate}{Duration.ToText(duration)} on {Count(report.WorkerCount, "thread", "threads")}";
    }

    private static void Write(EraReport report, ExploreFinding finding, Terminal terminal)
    {
        string expected = finding.IsExpected ? "expected" : "finding";
        Say(terminal, $"{expected}: {finding.Finding.Id}, in {Share(report, finding.Count)}");
        if (finding.Explanation is null) terminal.Output.WriteLine($"    rproc replay {finding.Token}");
    }

    private static string Share(EraReport report, long count) => report.IsByChance
        ? $"{N(count)} of {N(report.Total.RunCount)} schedules: {ProofText.Probability(count, report.Total.RunCount)}"
        : $"{N(count)} of {N(report.Total.RunCount)} {(report.Request.Kind == PlanKind.Exhaustive ? "classes" : "schedules")}";

    private static void Say(Terminal terminal, string text)
    {
        string indent = "  ";
        foreach (string line in TextWrap.Lines(text, Width))
        {
            terminal.Output.WriteLine(indent + line);
            indent = "    ";
        }
    }

    /// <summary>Two digits that count are all that a rate has.</summary>
    private static double Rounded(double rate)
    {
        if (rate < 100) return rate;
        double unit = System.Math.Pow(10, System.Math.Floor(System.Math.Log10(rate)) - 1);
        return System.Math.Round(rate / unit) * unit;
    }

    private static string Count(long count, string one, string many) => count == 1 ? $"1 {one}" : $"{N(count)} {many}";

    private static string N(long value) => value.ToString("N0", s_culture);
}
