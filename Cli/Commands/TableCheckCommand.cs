using System;
using System.Collections.Generic;
using System.CommandLine;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Firmware.Check;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc table check</c>: every rule that images break.</summary>
internal sealed class TableCheckCommand : Command, IHasExamples
{
    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = "Firmware ELF files, or names of samples.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public TableCheckCommand(Terminal terminal)
        : base("check", "Finds every rule that an image and its resource table break: where, why, what the kernel does, what to change.")
    {
        _terminal = terminal;
        Add(_images);
        Add(_json);
        SetAction(result => Check(result.GetRequiredValue(_images), result.GetValue(_json)));
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc table check firmware.elf        a paragraph for each finding, and a line that counts
          rproc table check build/*.elf         all of them; the exit code is that of the worst
          rproc table check firmware.elf --json for a CI job

        Exit codes:
          0 clean; notes alone are clean   1 errors or warnings   2 no such file   3 not an ELF file
        """;

    private int Check(string[] names, bool asJson)
    {
        int exitCode = ExitCode.Ok;
        List<(string Name, CheckReport Report)> reports = [];
        foreach (string name in names)
        {
            int read = ImageFile.TryRead(name, out ImageFile? file, out string complaint);
            exitCode = Math.Max(exitCode, read);
            if (file is null)
            {
                _terminal.Complain(complaint);
                continue;
            }

            CheckReport report = ImageChecker.Check(file.Bytes);
            reports.Add((file.Name, report));
            exitCode = Math.Max(exitCode, !report.IsElf ? ExitCode.BadInput : report.HasProblems ? ExitCode.Finding : ExitCode.Ok);
            if (!asJson) CheckReportWriter.WriteText(file.Name, report, _terminal);
        }

        if (asJson) WriteJson(reports);
        return exitCode;
    }

    private void WriteJson(List<(string Name, CheckReport Report)> reports) => JsonText.Write(_terminal.Output, json =>
    {
        json.WriteStartArray("files");
        foreach ((string name, CheckReport report) in reports)
        {
            json.WriteStartObject();
            CheckReportWriter.WriteJson(name, report, json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
