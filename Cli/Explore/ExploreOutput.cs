using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Report;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>Where a search's results go: the terminal, and files that were asked for.</summary>
internal sealed class ExploreOutput(Terminal terminal)
{
    /// <summary>One JSON object in place of the text.</summary>
    public bool AsJson { get; init; }

    /// <summary>A file for JUnit's XML; null for none.</summary>
    public string? JUnitPath { get; init; }

    /// <summary>A folder for the whole report; null for none.</summary>
    public string? ReportFolder { get; init; }

    /// <summary>Writes everything.</summary>
    /// <param name="scenario">Of what.</param>
    /// <param name="shard">Which share: <c>1/1</c>.</param>
    /// <param name="reports">What it came to.</param>
    /// <param name="wasInterrupted">Whether Ctrl-C ended it.</param>
    /// <returns>The exit code.</returns>
    public int Write(LoadedScenario scenario, string shard, IReadOnlyList<EraReport> reports, bool wasInterrupted)
    {
        int exitCode = wasInterrupted ? ExitCode.Interrupted : reports.All(report => report.IsGood) ? ExitCode.Ok : ExitCode.Finding;
        string outcome = OutcomeOf(exitCode);
        if (AsJson) JsonText.Write(terminal.Output, json => ExploreReportJson.Write(scenario, shard, reports, outcome, exitCode, json));
        else WriteText(scenario, reports, wasInterrupted);
        ScenarioReport[] cases = [.. reports.Select(report => ToCase(scenario, report))];
        if (JUnitPath is { } path && !TryWrite(path, stream => JUnitReport.Write(stream, cases))) return ExitCode.Usage;
        if (ReportFolder is not { } folder) return exitCode;
        if (!new ReportFolder(terminal, folder).TryWrite(cases, withJUnit: true)) return ExitCode.Usage;
        if (!AsJson) terminal.Output.WriteLine($"report: {Path.Combine(folder, "report.html")}");
        return exitCode;
    }

    private void WriteText(LoadedScenario scenario, IReadOnlyList<EraReport> reports, bool wasInterrupted)
    {
        foreach (EraReport report in reports) ExploreReportText.Write(report, terminal);
        terminal.Output.WriteLine();
        terminal.Output.WriteLine(ExploreReportText.LastLine(scenario, reports, wasInterrupted));
    }

    private bool TryWrite(string path, Action<Stream> write) => Explore.ReportFolder.TryWriteFile(terminal, path, write);

    private static string OutcomeOf(int exitCode) => exitCode switch
    {
        ExitCode.Ok => "ok",
        ExitCode.Interrupted => "interrupted",
        _ => "finding",
    };

    private static ScenarioReport ToCase(LoadedScenario scenario, EraReport report)
    {
        List<Explanation> explained = [];
        List<string> failures = [];
        foreach (ExploreFinding finding in report.Findings.Where(finding => !finding.IsExpected))
        {
            if (finding.Explanation is { } explanation) explained.Add(explanation);
            else failures.Add($"{finding.Finding}; rproc replay {finding.Token}");
        }

        failures.AddRange(report.Total.Unmet.Keys);
        failures.AddRange(report.Missing.Select(missing => $"not found, though the scenario expects it: {missing}"));
        return new ScenarioReport(scenario.Scenario.Name, scenario.Scenario.Title, report.Era.Name, explained, failures,
            report.CountsOf(report.Total.BadCount), (long)(report.Duration ?? TimeSpan.Zero).TotalMilliseconds)
        {
            Expected = [.. report.Findings.Where(static finding => finding.IsExpected).Select(static finding => finding.Explanation)
                .OfType<Explanation>()],
        };
    }
}
