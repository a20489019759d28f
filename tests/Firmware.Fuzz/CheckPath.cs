using System;
using System.Buffers;
using System.Linq;
using System.Text.Json;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Dump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>Checks and dumps an input, and holds the report against what the read path said.</summary>
public sealed class CheckPath
{
    /// <summary>Bytes that one check and both dumps may allocate: findings and shown entries are bounded, the image's size does not
    /// matter.</summary>
    public const long AllocatedBytesMax = 2 * 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    /// <summary>Rules that were found at least once.</summary>
    public System.Collections.Generic.SortedSet<string> Rules { get; } = new(StringComparer.Ordinal);

    /// <summary>Checks and dumps an image.</summary>
    /// <param name="file">The input.</param>
    /// <param name="firstFault">What the read path said.</param>
    /// <returns>Null, or how the two contradict each other.</returns>
    public string? CheckImage(ReadOnlyMemory<byte> file, string firstFault)
    {
        CheckReport report = ImageChecker.Check(file);
        foreach (CheckFinding finding in report.Findings)
        {
            _ = Rules.Add(finding.Rule.Id); // already there is fine
            if (finding.FileOffset > (ulong)file.Length) return $"finding past the end of the file: {finding}";
        }

        if (ElfImage.TryOpenForReading(file, out ElfImage image, out _) == ElfStatus.Ok &&
            ResourceTableSection.TryLocate(image, out ResourceTableSection section) == ResourceTableStatus.Ok)
        {
            Dump(section);
        }

        bool bounded = !report.IsComplete || report.Findings.Any(finding => finding.Rule == CheckRules.TooManyEntries);
        if (bounded) return null; // what it did not look at it cannot report
        string[] faults = [.. report.Findings.Where(IsParsing).Select(finding => finding.Rule.Id)];
        return firstFault.Length == 0
            ? faults.Length == 0 ? null : $"the image parses, and the checker reports {faults[0]}"
            : faults.Contains(firstFault) ? null : $"the image breaks {firstFault}, and the checker does not report it";
    }

    /// <summary>Dumps a bare table.</summary>
    public void DumpTable(ReadOnlyMemory<byte> table) => Dump(new ResourceTableSection(table, ElfByteOrder.Little, 0,
        new DeviceAddress(0), 0));

    private static bool IsParsing(CheckFinding finding) => finding.Rule.Severity == CheckSeverity.Error &&
        finding.Rule != CheckRules.DuplicateCarveoutName && !finding.Rule.Id.StartsWith("ELF-2", StringComparison.Ordinal);

    private void Dump(in ResourceTableSection section)
    {
        _ = ResourceTableDump.ToText(section); // that it returns is all there is to see
        _buffer.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_buffer)) ResourceTableDump.WriteJson(section, json);
        Utf8JsonReader reader = new(_buffer.WrittenSpan);
        while (reader.Read()) { }
    }
}
