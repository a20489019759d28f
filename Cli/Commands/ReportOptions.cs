using System.CommandLine;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary>The options that say where a search's results go.</summary>
internal sealed class ReportOptions
{
    private readonly Option<string?> _report = new("--report")
    {
        Description = "A folder for report.html, finding-N.svg, findings.json, findings.txt and junit.xml.",
        HelpName = "DIR",
    };

    private readonly Option<string?> _junit = new("--junit")
    {
        Description = "A file for JUnit's XML: a test case an era.",
        HelpName = "FILE",
    };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_report);
        command.Add(_junit);
        command.Add(_json);
    }

    /// <summary>Where results go, as the command line says.</summary>
    public ExploreOutput OutputOf(ParseResult result, Terminal terminal) => new(terminal)
    {
        AsJson = result.GetValue(_json),
        JUnitPath = result.GetValue(_junit),
        ReportFolder = result.GetValue(_report),
    };
}
