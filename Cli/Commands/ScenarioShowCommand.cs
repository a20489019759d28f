using System.CommandLine;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc scenario show</c>: a scenario in words, and its text.</summary>
internal sealed class ScenarioShowCommand : Command, IHasExamples
{
    private readonly Argument<string> _name = new("NAME") { Description = "A scenario's name, or a file." };
    private readonly Option<bool> _text = new("--text") { Description = "Print its text alone: to begin your own from." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public ScenarioShowCommand(Terminal terminal) : base("show", "Says what a scenario does and expects, in words, and prints its text.")
    {
        _terminal = terminal;
        Add(_name);
        Add(_text);
        SetAction(Show);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc scenario show RP-06                     in words, then the file
          rproc scenario show RP-06 --text > my.yaml    to change it
          rproc scenario show my.yaml                   checks it, too

        Exit codes:
          0 ok   2 no such scenario or file   3 a mistake in the file: each with line and expectation
        """;

    private int Show(ParseResult result)
    {
        int exitCode = ScenarioFile.TryLoad(result.GetRequiredValue(_name), _terminal, out LoadedScenario? scenario);
        if (scenario is null) return exitCode;
        if (!result.GetValue(_text))
        {
            ScenarioWords.Write(scenario.Scenario, _terminal);
            _terminal.WriteTitle("The file");
            _terminal.Output.WriteLine();
        }

        _terminal.Output.Write(scenario.Text);
        return ExitCode.Ok;
    }
}
