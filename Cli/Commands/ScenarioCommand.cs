using System.CommandLine;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc scenario</c>: what there is to explore.</summary>
internal sealed class ScenarioCommand : Command, IHasExamples
{
    /// <summary>Creates the command.</summary>
    public ScenarioCommand(Terminal terminal) : base("scenario",
        "Lists, shows and runs scenarios: events on a machine, and what is expected of them.")
    {
        Add(new ScenarioListCommand(terminal));
        Add(new ScenarioShowCommand(terminal));
        Add(new ScenarioRunCommand(terminal));
        SetAction(_ =>
        {
            terminal.Complain("say what: 'rproc scenario list', 'rproc scenario show NAME' or 'rproc scenario run NAME'");
            return ExitCode.Usage;
        });
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc scenario list                   those that come with it
          rproc scenario show RP-06             what it does, in words, and its text to begin your own from
          rproc scenario run RP-06              once in each era
          rproc explore RP-06                   in every order of its events
        """;
}
