using System.CommandLine;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Dump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc table dump</c>: the table field by field.</summary>
internal sealed class TableDumpCommand : Command, IHasExamples
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "A firmware ELF file, or a sample's name." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public TableDumpCommand(Terminal terminal)
        : base("dump", "Shows the resource table of an image field by field, as readelf would if it knew it.")
    {
        _terminal = terminal;
        Add(_image);
        Add(_json);
        SetAction(result => Dump(result.GetRequiredValue(_image), result.GetValue(_json)));
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc table dump firmware.elf         the table, with file offsets, for comparing with objdump -s
          rproc table dump rpmsg-echo           the same for a sample
          rproc table dump firmware.elf --json  for jq

        Exit codes:
          0 shown   1 shown, and the kernel would refuse this image   2 no such file
          3 nothing to show: not an ELF file, or one without a resource table
        """;

    private int Dump(string name, bool asJson)
    {
        int exitCode = ImageFile.TryRead(name, out ImageFile? file, out string complaint);
        if (file is null)
        {
            _terminal.Complain(complaint);
            return exitCode;
        }

        if (ElfImage.TryOpenForReading(file.Bytes, out ElfImage image, out ElfFault fault) != ElfStatus.Ok)
        {
            _terminal.Complain($"{file.Name}: {fault}");
            return ExitCode.BadInput;
        }

        CheckReport report = ImageChecker.Check(file.Bytes);
        ResourceTableStatus status = ResourceTableSection.TryLocate(image, out ResourceTableSection section);
        if (status != ResourceTableStatus.Ok)
        {
            CheckRule rule = CheckRules.Of(status);
            foreach (CheckFinding finding in report.Findings)
            {
                if (finding.Rule == rule) _terminal.Complain(CheckReportWriter.ToLine(file.Name, finding));
            }

            return ExitCode.BadInput;
        }

        if (asJson)
        {
            JsonText.Write(_terminal.Output, json =>
            {
                json.WriteString("file", file.Name);
                json.WriteStartObject("elf");
                ElfSummary.WriteJson(image, json);
                json.WriteEndObject();
                json.WritePropertyName("table");
                ResourceTableDump.WriteJson(section, json);
            });
        }
        else
        {
            _terminal.Output.WriteLine($"{file.Name}: {ElfSummary.ToText(image)}");
            _terminal.Output.Write(ResourceTableDump.ToText(section));
        }

        return report.Verdict == Errno.Ok ? ExitCode.Ok : ExitCode.Finding;
    }
}
