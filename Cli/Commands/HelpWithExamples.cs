using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary>The library's help, then the command's examples: most people read only these.</summary>
internal sealed class HelpWithExamples(HelpAction help, Terminal terminal) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        help.MaxWidth = terminal.Width;
        int exitCode = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not IHasExamples command) return exitCode;
        parseResult.InvocationConfiguration.Output.WriteLine(command.Examples);
        return exitCode;
    }
}
