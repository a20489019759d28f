using System;
using System.CommandLine;
using System.IO;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc samples</c>: the images that come with the command.</summary>
internal sealed class SamplesCommand : Command, IHasExamples
{
    private readonly Option<string[]> _extract = new("--extract")
    {
        Description = "Write a sample to a file.",
        HelpName = "NAME FILE",
        Arity = new ArgumentArity(2, 2),
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public SamplesCommand(Terminal terminal) : base("samples", "Lists the firmware images that come with rproc, made by cross compilers.")
    {
        _terminal = terminal;
        Add(_extract);
        SetAction(result => result.GetValue(_extract) is { Length: 2 } pair ? Extract(pair[0], pair[1]) : List());
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc samples                                   names and what they are for
          rproc samples --extract rpmsg-echo echo.elf     a file for readelf, or for your board
        """;

    private int List()
    {
        int width = 0;
        foreach (SampleImage sample in SampleImages.All) width = Math.Max(width, sample.Name.Length);
        foreach (SampleImage sample in SampleImages.All) _terminal.Output.WriteLine($"{sample.Name.PadRight(width)}  {sample.Description}");
        return ExitCode.Ok;
    }

    private int Extract(string name, string path)
    {
        if (SampleImages.Find(name) is not { } sample)
        {
            _terminal.Complain($"{name}: no sample of that name ('rproc samples' lists them)");
            return ExitCode.Usage;
        }

        try
        {
            File.WriteAllBytes(path, sample.Read());
            return ExitCode.Ok;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _terminal.Complain($"{path}: {exception.Message}");
            return ExitCode.Usage;
        }
    }
}
