using System.CommandLine;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc serve</c>: faces to programs that others wrote.</summary>
internal sealed class ServeCommand : Command
{
    /// <summary>Creates the command.</summary>
    public ServeCommand(Terminal terminal) : base("serve", "Serves devices to other programs: a Linux kernel, a virtual machine.") =>
        Add(new ServeVhostUserCommand(terminal));
}
