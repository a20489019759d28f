using System;
using System.CommandLine;
using RemoteprocEmu.Board.Bench.Lanes;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc bench-child</c>: the other process of <c>rproc bench</c>, which starts it; not for people.</summary>
internal sealed class BenchChildCommand : Command
{
    /// <summary>Its name.</summary>
    public const string CommandName = "bench-child";

    private readonly Argument<string[]> _arguments = new("arguments");

    /// <summary>Creates the command.</summary>
    public BenchChildCommand() : base(CommandName, "The other process of 'rproc bench'.")
    {
        Hidden = true;
        Add(_arguments);
        SetAction(result =>
        {
            BenchChild.Run(result.GetValue(_arguments)!, Console.In, Console.Out);
            return ExitCode.Ok;
        });
    }
}
