using System.CommandLine;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc link</c>: talks to another process over shared memory.</summary>
internal sealed class LinkCommand : Command, IHasExamples
{
    /// <summary>Creates the command.</summary>
    public LinkCommand(Terminal terminal) : base("link", "Is one of two processes that share memory: the host, or the remote processor.")
    {
        Add(new LinkOpenAmpCommand(terminal));
        SetAction(_ =>
        {
            terminal.Complain("say which: 'rproc link openamp --role host|remote --side server|client'");
            return ExitCode.Usage;
        });
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc link openamp --role remote --side server      serve an OpenAMP host process
          rproc link openamp --role host --side client        drive an OpenAMP remote process
        """;
}
