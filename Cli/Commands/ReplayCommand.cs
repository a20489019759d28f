using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using System.Text.Json;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Explain.Replay;
using RemoteprocEmu.Explorer.Explain.Report;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc replay</c>: a finding again, from the line that stands for it.</summary>
internal sealed class ReplayCommand : Command, IHasExamples
{
    private readonly Argument<string[]> _token = new("TOKEN")
    {
        Description = "The token, as a report has it. A mail program's breaks do no harm.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string?> _era = new("--era")
    {
        Description = "Show what becomes of the same schedule in this era.",
        HelpName = "E",
    };

    private readonly Option<string?> _scenario = new("--scenario")
    {
        Description = "The scenario's file, when it is not one that comes with rproc.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _report = new("--report")
    {
        Description = "A folder for report.html, finding-N.svg, findings.json and findings.txt.",
        HelpName = "DIR",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public ReplayCommand(Terminal terminal) : base("replay", "Replays a finding from its token, and explains it.")
    {
        _terminal = terminal;
        Add(_token);
        Option[] options = [_era, _scenario, _report, _json];
        foreach (Option option in options) Add(option);
        SetAction(Replay);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc replay rproc1~RP-06~A~...             what happens, in which order
          rproc replay rproc1~RP-06~A~... --era C     and in an era that fixed it
          rproc replay rproc1~mine~D~... --scenario my.yaml   one of your own
          rproc replay rproc1~RP-06~A~... --report out    a page for a browser, a picture

        A token means something only to the version that made it, with the same scenario and image.

        Exit codes:
          0 the schedule breaks no rule   1 the finding is there   2 usage
          3 a token that is damaged, or of another version or configuration   4 internal error
        """;

    private int Replay(ParseResult result)
    {
        string text = string.Concat(result.GetRequiredValue(_token));
        if (!ReplayToken.TryParse(text, out ReplayToken? token, out ReplayTokenError? error)) return Refuse(ExitCode.BadInput, error!.Text);
        string? path = result.GetValue(_scenario);
        if (token!.ProductVersion != ProductVersion.Text)
            return Refuse(ExitCode.BadInput, token.Check(ProductVersion.Text, token.Scenario, token.Era, token.Fingerprint)!.Text);
        LoadedScenario? scenario;
        if (path is not null)
        {
            int exitCode = ScenarioFile.TryLoad(path, _terminal, out scenario);
            if (scenario is null) return exitCode;
        }
        else if ((scenario = LoadedScenario.FindOwn(token.Scenario)) is null)
        {
            return Refuse(ExitCode.Usage,
                $"the token is for the scenario {token.Scenario}, which does not come with rproc: name its file with --scenario FILE");
        }

        if (!scenario.TryFindEra(token.Era, out Era? era))
            return Refuse(ExitCode.BadInput, $"the token is for era {token.Era}, and {scenario.Source} is not for that era any more");
        error = token.Check(ProductVersion.Text, scenario.Scenario.Name, era.Name, scenario.Fingerprint(era));
        if (error is not null) return Refuse(ExitCode.BadInput, error.Text);
        Era? elsewhere = null;
        if (result.GetValue(_era) is { } name && !scenario.TryFindEra(name, out elsewhere))
            return Refuse(ExitCode.Usage, $"--era {name}: {scenario.Scenario.Name} is for " +
                $"{string.Join(", ", scenario.Scenario.Eras.Select(one => one.Name))}");
        return Replay(token, scenario, era, elsewhere, result);
    }

    private int Replay(ReplayToken token, LoadedScenario scenario, Era era, Era? elsewhere, ParseResult result)
    {
        using ScenarioSubject subject = scenario.NewSubject(era);
        Recording run;
        try
        {
            run = Recorder.Record(subject, token.Picks);
        }
        catch (InvalidOperationException exception)
        {
            return Refuse(ExitCode.BadInput, $"this build does not come to the token's questions: {exception.Message}");
        }

        if (token.CheckReplay(run.TraceHash) is { } other) return Refuse(ExitCode.BadInput, other.Text);
        List<Explanation> explained = [];
        List<Finding> also = []; // the same schedule, another key
        foreach (Finding finding in run.Result.Findings)
        {
            using ScenarioSubject? compared = elsewhere is null ? null : scenario.NewSubject(elsewhere);
            Explanation? explanation = Explanation.Explain(new ExplainRequest
            {
                Subject = subject,
                Picks = token.Picks,
                FindingId = finding.Id,
                Scenario = scenario.Scenario.Name,
                Title = scenario.Scenario.Title,
                Era = era.Name,
                ProductVersion = ProductVersion.Text,
                Fingerprint = token.Fingerprint,
                Elsewhere = compared,
                ElsewhereEra = elsewhere?.Name ?? "",
            });
            if (explanation is null || explained.Any(one => one.Token == explanation.Token)) also.Add(finding);
            else explained.Add(explanation);
        }

        int exitCode = explained.Count > 0 ? ExitCode.Finding : ExitCode.Ok;
        if (result.GetValue(_json)) JsonText.Write(_terminal.Output, json => WriteJson(token, explained, exitCode, json));
        else WriteText(token, explained, also);
        if (result.GetValue(_report) is not { } folder) return exitCode;
        ScenarioReport page = new(scenario.Scenario.Name, scenario.Scenario.Title, era.Name, explained, [], null, 0);
        return new ReportFolder(_terminal, folder).TryWrite([page], withJUnit: false) ? exitCode : ExitCode.Usage;
    }

    private void WriteText(ReplayToken token, List<Explanation> explained, List<Finding> also)
    {
        foreach (Explanation explanation in explained)
        {
            _terminal.Output.WriteLine(FindingText.Write(explanation).TrimEnd('\n'));
            _terminal.Output.WriteLine();
        }

        foreach (Finding finding in also) _terminal.Output.WriteLine($"also in this run: {finding.Id}");
        string run = $"the same run as when the token was made, trace hash {token.TraceHash:x16}";
        _terminal.Output.WriteLine(explained.Count > 0 ? $"finding: {run}" : $"ok: {run}, breaks no rule: the finding is no longer there");
    }

    private static void WriteJson(ReplayToken token, List<Explanation> explained, int exitCode, Utf8JsonWriter json)
    {
        json.WriteString("scenario", token.Scenario);
        json.WriteString("era", token.Era);
        json.WriteString("outcome", exitCode == ExitCode.Ok ? "ok" : "finding");
        json.WriteNumber("exit_code", exitCode);
        json.WriteString("trace_hash", token.TraceHash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
        json.WriteStartArray("findings");
        foreach (Explanation explanation in explained) FindingJson.Write(json, explanation);
        json.WriteEndArray();
    }

    private int Refuse(int exitCode, string text)
    {
        _terminal.Complain(text);
        return exitCode;
    }
}
