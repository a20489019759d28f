using System;
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary>The command <c>rproc</c>: reads a command line, runs it, and returns its exit code.</summary>
internal sealed class RprocCommandLine : RootCommand, IHasExamples
{
    private RprocCommandLine(Terminal terminal)
        : base("Boots remote processors from their firmware images, without a board: remoteproc, virtio and rpmsg as in Linux.")
    {
        HelpName = "rproc";
        Add(new RunCommand(terminal));
        Add(new TableCommand(terminal));
        Add(new LinkCommand(terminal));
        Add(new SamplesCommand(terminal));
        Add(new RaceCommand(terminal));
        Add(new ScenarioCommand(terminal));
        Add(new ExploreCommand(terminal));
        Add(new MergeCommand(terminal));
        Add(new ReplayCommand(terminal));
        Add(new ServeCommand(terminal));
        Add(new BenchCommand(terminal));
        Add(new BenchChildCommand());
        HelpOption option = Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((HelpAction)option.Action!, terminal);
        SetAction(_ => ExitCode.Usage); // never: without arguments it is 'run'. A root without an action adds an error of its own
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc                                 boot the sample, exchange messages, crash, recover, stop
          rproc run firmware.elf                boot your image with a scripted firmware behind the doorbell
          rproc table check firmware.elf        what a kernel would say about its resource table
          rproc table dump firmware.elf         the table, field by field
          rproc samples                         images that come with rproc
          rproc race                            a race of 2016, its schedule, and the proof of its fix
          rproc scenario list                   what there is to explore
          rproc explore RP-06                   every order of its events, in each era
          rproc replay TOKEN                    a finding again
          rproc bench --quick                   messages over vrings between two cores, measured
          rproc serve vhost-user --socket S     a device for a real Linux kernel
          rproc run --help                      more, by example

        Exit codes:
          0 ok   1 a finding   2 usage   3 bad input   4 internal error   130 interrupted
        """;

    /// <summary>Runs a command line; without arguments, <c>rproc run</c>.</summary>
    /// <param name="arguments">What came after the command's name.</param>
    /// <param name="terminal">Where to write.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(string[] arguments, Terminal terminal)
    {
        ParseResult result = new RprocCommandLine(terminal).Parse(arguments.Length == 0 ? ["run"] : arguments);
        InvocationConfiguration configuration = new()
        {
            Output = terminal.Output,
            Error = terminal.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // Ctrl-C is the run's: it stops the processor in order
        };
        if (result.Errors.Count > 0 && result.Action is not HelpWithExamples)
        {
            foreach (ParseError error in result.Errors) terminal.Complain(OnOneLine(error.Message));
            string command = result.CommandResult.Command is RprocCommandLine ? "rproc" : $"rproc {CommandPath(result.CommandResult)}";
            terminal.Error.WriteLine($"Try '{command} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            return result.Invoke(configuration);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return OnDefect(terminal, arguments, exception);
        }
    }

    /// <summary>Whatever comes here is a defect of ours: says what, how to see it again, and what to report.</summary>
    private static int OnDefect(Terminal terminal, string[] arguments, Exception exception)
    {
        terminal.Complain($"internal error: {exception.Message}");
        terminal.Error.WriteLine($"again: rproc {string.Join(' ', arguments)}");
        terminal.Error.WriteLine($"This is a defect of rproc {ProductVersion.Text}. Please report this text, and the scenario or image " +
            $"if it is yours:");
        terminal.Error.WriteLine(exception.ToString());
        return ExitCode.Internal;
    }

    private static string OnOneLine(string message) =>
        message.Replace(":\n\t", ": ", StringComparison.Ordinal).Replace("\n\t", ", ", StringComparison.Ordinal);

    private static string CommandPath(CommandResult result) => result.Parent is CommandResult { Command: not RootCommand } parent
        ? $"{CommandPath(parent)} {result.Command.Name}"
        : result.Command.Name;
}
