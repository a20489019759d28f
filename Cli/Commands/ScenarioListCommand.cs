using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Scenarios;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc scenario list</c>: the scenarios that come with the command.</summary>
internal sealed class ScenarioListCommand : Command, IHasExamples
{
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public ScenarioListCommand(Terminal terminal) : base("list", "Lists the scenarios that come with rproc: name, eras, title.")
    {
        _terminal = terminal;
        Add(_json);
        SetAction(result => List(result.GetValue(_json)));
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc scenario list                   a line each
          rproc scenario list --json            for a program
        """;

    private int List(bool asJson)
    {
        Scenario[] scenarios = [.. ScenarioFiles.Names.Select(name => LoadedScenario.FindOwn(name)!.Scenario)];
        if (asJson)
        {
            WriteJson(scenarios);
            return ExitCode.Ok;
        }

        int nameWidth = ScenarioFiles.Names.Max(name => name.Length);
        int eraWidth = scenarios.Max(scenario => Eras(scenario).Length);
        foreach ((string name, Scenario scenario) in ScenarioFiles.Names.Zip(scenarios))
            _terminal.Output.WriteLine($"{name.PadRight(nameWidth)}  {Eras(scenario).PadRight(eraWidth)}  {scenario.Title}");
        return ExitCode.Ok;
    }

    private void WriteJson(IReadOnlyList<Scenario> scenarios) => JsonText.Write(_terminal.Output, json =>
    {
        json.WriteStartArray("scenarios");
        foreach ((string name, Scenario scenario) in ScenarioFiles.Names.Zip(scenarios))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("title", scenario.Title);
            json.WriteString("why", scenario.Why);
            json.WriteStartArray("eras");
            foreach (string era in scenario.Eras.Select(era => era.Name)) json.WriteStringValue(era);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Eras(Scenario scenario) => string.Join(' ', scenario.Eras.Select(era => era.Name));
}
