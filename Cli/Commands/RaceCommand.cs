using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Cli.Race;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Report;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc race</c>: the race that the ring life cycle was changed for, in each era, side by side.</summary>
internal sealed class RaceCommand : Command, IHasExamples
{
    private readonly Option<int> _vdevs = new("--vdevs")
    {
        Description = "Vdevs: 2 are rpmsg-two-vdevs.elf, 8 are net-eight.elf; for others an image is made.",
        HelpName = "N",
        DefaultValueFactory = _ => RaceScenario.VdevsMin,
    };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "A folder for report.html, finding-N.svg, findings.json and findings.txt.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public RaceCommand(Terminal terminal)
        : base("race", "Shows the multi-vdev race of 2016: who loses rings, by which order of events, and where every order is clean.")
    {
        _terminal = terminal;
        Add(_vdevs);
        Add(_report);
        Add(_json);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc race                            two rpmsg vdevs, five kernels, every order of events
          rproc race --vdevs 8                  eight network vdevs
          rproc race --report out               with a page for a browser and pictures for slides
          rproc explore race-2-first            the same as a scenario; race-2-later, race-8-first, ...

        Exit codes:
          0 as history has it: A, B and D lose rings; C and Emu never do, nor D with firmware that waits
          1 otherwise   2 usage   4 internal error   130 interrupted
        """;

    private int Run(ParseResult result)
    {
        int vdevCount = result.GetValue(_vdevs);
        if (vdevCount is < RaceScenario.VdevsMin or > RaceScenario.VdevsMax)
        {
            _terminal.Complain($"--vdevs: {RaceScenario.VdevsMin} to {RaceScenario.VdevsMax}");
            return ExitCode.Usage;
        }

        using Interruption interruption = new(_terminal);
        RaceRun run = new(vdevCount, new ProgressLine(_terminal), interruption);
        IReadOnlyList<RaceRow> rows = run.Run();
        Explanation? together = run.FindTogether();
        int exitCode = interruption.HasCome ? ExitCode.Interrupted : rows.All(row => row.IsAsExpected) ? ExitCode.Ok : ExitCode.Finding;
        if (result.GetValue(_json)) JsonText.Write(_terminal.Output, json => WriteJson(vdevCount, rows, exitCode, json));
        else RaceReportText.Write(vdevCount, rows, together, _terminal);
        if (result.GetValue(_report) is not { } folder) return exitCode;
        return new ReportFolder(_terminal, folder).TryWrite([.. rows.Select(row => ToPage(row, together))], withJUnit: false) ? exitCode
            : ExitCode.Usage;
    }

    /// <summary>A row for the page, with what was found: there it is no matter of being expected.</summary>
    private static ScenarioReport ToPage(RaceRow row, Explanation? together)
    {
        List<Explanation> explained = [];
        if (row.Explanation is { } explanation) explained.Add(explanation);
        if (together is not null && row.Era.Name == together.Era && row.Loading == RaceLoading.Later) explained.Add(together);
        long scheduleCount = row.Total.RunCount + row.Total.RedundantCount;
        SearchCounts counts = new(row.Total.RunCount, scheduleCount, row.Total.BadCount, row.IsComplete, "");
        return new ScenarioReport(row.Waits ? "race, firmware that waits" : "race",
            row.Loading == RaceLoading.First ? "driver loaded first" : "driver loaded later", row.Era.Name, explained, [], counts, 0);
    }

    private static void WriteJson(int vdevCount, IReadOnlyList<RaceRow> rows, int exitCode, Utf8JsonWriter json)
    {
        json.WriteNumber("vdevs", vdevCount);
        json.WriteString("image", RaceScenario.ImageOf(vdevCount));
        json.WriteString("outcome", exitCode switch { ExitCode.Ok => "ok", ExitCode.Interrupted => "interrupted", _ => "finding" });
        json.WriteNumber("exit_code", exitCode);
        json.WriteStartArray("rows");
        foreach (RaceRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("era", row.Era.Name);
            json.WriteString("driver_loaded", row.Loading == RaceLoading.First ? "first" : "later");
            json.WriteBoolean("waits", row.Waits);
            json.WriteStartArray("first_instruction");
            foreach (FirstLook look in row.Seen) json.WriteStringValue(RaceReportText.Word(look));
            json.WriteEndArray();
            json.WriteNumber("classes", row.Total.RunCount);
            json.WriteNumber("schedules", row.Total.RunCount + row.Total.RedundantCount);
            json.WriteNumber("bad", row.Total.BadCount);
            json.WriteBoolean("is_exhaustive", row.IsComplete);
            json.WritePropertyName("explanation");
            if (row.Explanation is { } explanation) FindingJson.Write(json, explanation);
            else json.WriteNullValue();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
