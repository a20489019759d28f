using System.CommandLine;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc table</c>: looks at resource tables without booting them.</summary>
internal sealed class TableCommand : Command, IHasExamples
{
    /// <summary>Creates the command.</summary>
    public TableCommand(Terminal terminal) : base("table", "Shows or checks the resource table of a firmware image.")
    {
        Add(new TableDumpCommand(terminal));
        Add(new TableCheckCommand(terminal));
        SetAction(_ =>
        {
            terminal.Complain("say what: 'rproc table dump IMAGE' or 'rproc table check IMAGE...'");
            return ExitCode.Usage;
        });
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc table dump firmware.elf         the table, field by field, with debugfs's labels
          rproc table check build/*.elf         every rule they break, for CI
        """;
}
