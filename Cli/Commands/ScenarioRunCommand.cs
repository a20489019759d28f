using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Eras;
using Spectre.Console;
using Recorder = RemoteprocEmu.Explorer.Explain.Record.Recorder;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc scenario run</c>: a scenario once in each era.</summary>
internal sealed class ScenarioRunCommand : Command, IHasExamples
{
    private readonly Argument<string> _name = new("NAME") { Description = "A scenario's name, or a file." };

    private readonly Option<string> _era = new("--era")
    {
        Description = "On which kernels: one, several with commas, or all that the scenario is for.",
        HelpName = "A,B,...|all",
        DefaultValueFactory = _ => EraList.All,
    };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Draws the order of events from this seed; without one every task goes on for as long as it can.",
        HelpName = "S",
    };

    private readonly Option<bool> _log = new("--log")
    {
        Description = "Print the kernel log of each run; with --json: put it into the " +
        "object.",
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public ScenarioRunCommand(Terminal terminal) : base("run",
        "Runs a scenario under one order of its events in each era, and compares with what it expects.")
    {
        _terminal = terminal;
        Add(_name);
        Option[] options = [_era, _seed, _log, _json];
        foreach (Option option in options) Add(option);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc scenario run RP-06                      a line for each era
          rproc scenario run RP-06 --seed 7             another order, the same each time
          rproc scenario run RP-06 --era D --log        one era, and what the kernel says meanwhile
          rproc explore RP-06                           every order: one alone proves little

        Exit codes:
          0 as the scenario expects   1 an expectation not met, or a finding that it does not expect
          2 usage   3 a mistake in the scenario   4 internal error
        """;

    private int Run(ParseResult result)
    {
        int exitCode = ScenarioFile.TryLoad(result.GetRequiredValue(_name), _terminal, out LoadedScenario? scenario);
        if (scenario is null) return exitCode;
        IReadOnlyList<Era> eras = EraList.Read(result.GetValue(_era)!, scenario, out string complaint);
        if (eras.Count == 0)
        {
            _terminal.Complain(complaint);
            return ExitCode.Usage;
        }

        (Era Era, Recording Run)[] runs = [.. eras.Select(era => (era, RunOnce(scenario, era, result.GetValue(_seed))))];
        bool isGood = runs.All(run => IsGood(scenario, run.Era, run.Run));
        if (result.GetValue(_json)) JsonText.Write(_terminal.Output, json =>
            WriteJson(scenario, runs, isGood, result.GetValue(_log), json));
        else WriteText(scenario, runs, isGood, result.GetValue(_log));
        return isGood ? ExitCode.Ok : ExitCode.Finding;
    }

    private static Recording RunOnce(LoadedScenario scenario, Era era, ulong? seed)
    {
        using ScenarioSubject subject = scenario.NewSubject(era);
        if (seed is null) return Recorder.Record(subject, []);
        RandomSchedule schedule = new(seed.Value);
        schedule.Begin();
        _ = subject.Run(schedule); // its answers are what is wanted
        return Recorder.Record(subject, [.. schedule.Picks]);
    }

    private static bool IsGood(LoadedScenario scenario, Era era, Recording run) =>
        run.Result.Unmet.Count == 0 && run.Result.Findings.All(finding => scenario.Scenario.IsExpected(finding, era));

    private void WriteText(LoadedScenario scenario, (Era Era, Recording Run)[] runs, bool isGood, bool withLog)
    {
        _terminal.Output.WriteLine($"{scenario.Scenario.Name}: {scenario.Scenario.Title}");
        if (withLog)
        {
            foreach ((Era era, Recording run) in runs)
            {
                _terminal.WriteTitle($"Era {era.Name}, kernel log");
                foreach (LogLine line in LogOf(run)) _terminal.WriteLog(line);
            }
        }

        _terminal.WriteTitle("Eras");
        Table table = new() { Border = TableBorder.None, ShowHeaders = true };
        foreach (string column in (string[])["era", "expectations", "rules"])
            _ = table.AddColumn(new TableColumn(new Text(column)) { Padding = new Padding(0, 0, 2, 0) });
        foreach ((Era era, Recording run) in runs)
        {
            string expectations = run.Result.Unmet.Count == 0 ? "met" : string.Join('\n', run.Result.Unmet);
            string rules = run.Result.Findings.Count == 0 ? "none broken" : string.Join('\n', run.Result.Findings.Select(finding =>
                (scenario.Scenario.IsExpected(finding, era) ? "expected: " : "finding: ") + finding.Id));
            _ = table.AddRow(new Text(era.Name), new Text(expectations), new Text(rules));
        }

        _terminal.WriteTable(table);
        _terminal.Output.WriteLine();
        _terminal.Output.WriteLine($"{(isGood ? "ok" : "finding")}: {scenario.Scenario.Name}, one order of events in {runs.Length} " +
            $"era{(runs.Length == 1 ? "" : "s")}{(isGood ? ", as it expects" : "")}; every order: rproc explore {scenario.Source}");
    }

    private static void WriteJson(LoadedScenario scenario, (Era Era, Recording Run)[] runs, bool isGood, bool withLog, Utf8JsonWriter json)
    {
        json.WriteString("scenario", scenario.Scenario.Name);
        json.WriteString("title", scenario.Scenario.Title);
        json.WriteString("outcome", isGood ? "ok" : "finding");
        json.WriteNumber("exit_code", isGood ? ExitCode.Ok : ExitCode.Finding);
        json.WriteStartArray("eras");
        foreach ((Era era, Recording run) in runs)
        {
            json.WriteStartObject();
            json.WriteString("era", era.Name);
            json.WriteString("outcome", run.Result.Outcome);
            json.WriteStartArray("unmet");
            foreach (string unmet in run.Result.Unmet) json.WriteStringValue(unmet);
            json.WriteEndArray();
            json.WriteStartArray("findings");
            foreach (Finding finding in run.Result.Findings)
            {
                json.WriteStartObject();
                json.WriteString("rule", finding.Rule.ToString());
                json.WriteString("key", finding.Key);
                json.WriteString("text", finding.Text);
                json.WriteBoolean("is_expected", scenario.Scenario.IsExpected(finding, era));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (withLog)
            {
                json.WriteStartArray("log");
                foreach (LogLine line in LogOf(run)) json.WriteStringValue(line.ToString());
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static IEnumerable<LogLine> LogOf(Recording run) => run.Events.Where(at => at.Trace == TraceKind.Log)
        .Select(at => new LogLine(at.TimeNs, (LogLevel)at.A, at.Name));
}
