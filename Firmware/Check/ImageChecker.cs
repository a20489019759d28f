using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Check;

/// <summary>Finds every rule that an image and its resource table break, not only the first as a boot does.</summary>
/// <remarks>
/// <code>
/// CheckReport report = ImageChecker.Check(File.ReadAllBytes(path));
/// foreach (CheckFinding finding in report.Findings) Console.WriteLine($"{path}: {finding}");
/// </code>
/// A rule that can be judged only where another holds is left out where that one is broken. Memory grows with the findings, which are
/// bounded.
/// </remarks>
public static class ImageChecker
{
    /// <summary>Findings that are kept; the search ends soon after.</summary>
    public const int MaxFindings = 256;

    /// <summary>Segments that are compared with the carveouts.</summary>
    private const int MaxSegments = 256;

    /// <summary>Checks a whole file.</summary>
    /// <param name="file">The file's bytes; anything at all.</param>
    public static CheckReport Check(ReadOnlyMemory<byte> file)
    {
        FindingList findings = new(MaxFindings);
        ElfFault fault = ElfSanity.CheckIdentification(file.Span, acceptBigEndian: false);
        if (fault.Status != ElfStatus.Ok) Add(findings, fault);
        if (fault.Status is not (ElfStatus.Ok or ElfStatus.NotHostByteOrder) ||
            ElfSanity.CheckIdentification(file.Span, acceptBigEndian: true).Status != ElfStatus.Ok)
        {
            return new CheckReport(fault.Status == ElfStatus.NotHostByteOrder, findings.Findings, IsComplete: true);
        }

        ElfImage image = ElfImage.Unjudged(file);
        CheckHeaders(image, findings, out bool hasSegments, out bool hasSections);
        List<LoadSegment> segments = [];
        if (hasSections) CheckTable(image, hasSegments ? segments : null, findings);
        else if (hasSegments) CheckSegments(image, segments, findings);
        return new CheckReport(IsElf: true, findings.Findings, !findings.IsFull);
    }

    private static void CheckHeaders(in ElfImage image, FindingList findings, out bool hasSegments, out bool hasSections)
    {
        hasSegments = hasSections = true;
        for (ElfStatus rule = ElfStatus.SectionHeadersPastEnd; rule <= ElfStatusText.Last; rule++)
        {
            bool aboutSegments = rule is ElfStatus.NoProgramHeaders or ElfStatus.ProgramHeadersPastEnd or ElfStatus.ProgramHeadersTruncated;
            ref bool holds = ref aboutSegments ? ref hasSegments : ref hasSections;
            if (!holds) continue; // its premise is broken
            ElfFault fault = ElfSanity.CheckRule(rule, image);
            if (fault.Status == ElfStatus.Ok) continue;
            holds = false;
            Add(findings, fault);
        }
    }

    private static void CheckSegments(in ElfImage image, List<LoadSegment> segments, FindingList findings)
    {
        foreach (LoadSegment segment in LoadPlan.Of(image))
        {
            if (findings.IsFull) return;
            if (segment.Status == LoadStatus.Ok && segments.Count < MaxSegments) segments.Add(segment);
            if (segment.Status == LoadStatus.Ok) continue;
            bool larger = segment.Status == LoadStatus.FileLargerThanMemory;
            ElfField field = larger ? ElfProgramHeader.FileSizeField : ElfProgramHeader.OffsetField;
            ulong fieldOffset = image.ProgramHeaderFileOffset(segment.ProgramHeaderIndex) + (ulong)field.OffsetIn(image.Class);
            ulong value = larger ? segment.Header.FileSizeBytes : segment.Header.Offset;
            string detail = larger ? $"p_memsz is 0x{segment.Header.MemorySizeBytes:x}" : $"p_filesz is 0x{segment.Header.FileSizeBytes:x}";
            string name = $"program header {segment.ProgramHeaderIndex} {field.Name}";
            findings.Add(CheckRules.Of(segment.Status), fieldOffset, name, value, detail);
        }
    }

    /// <summary>The kernel parses the table before it loads the segments; the findings come in that order.</summary>
    private static void CheckTable(in ElfImage image, List<LoadSegment>? segments, FindingList findings)
    {
        ResourceTableStatus status = ResourceTableSection.TryLocate(image, out ResourceTableSection section);
        if (status == ResourceTableStatus.NoSection)
        {
            findings.Add(CheckRules.Of(status), (ulong)ElfFileHeader.SectionHeaderCountField.OffsetIn(image.Class),
                ElfFileHeader.SectionHeaderCountField.Name, (ulong)image.SectionHeaderCount);
        }

        if (status == ResourceTableStatus.SectionPastEnd)
        {
            _ = image.TryFindSection(ResourceTableSection.SectionName, out int index,
                out ElfSectionHeader header); // it is there: only its end is not
            ulong fieldOffset = image.Header.SectionHeadersOffset + (ulong)(index * ElfSectionHeader.HeaderSizeBytes(image.Class)) +
                (ulong)ElfSectionHeader.SizeField.OffsetIn(image.Class);
            findings.Add(CheckRules.Of(status), fieldOffset, ".resource_table sh_size", header.SizeBytes,
                $"sh_offset is 0x{header.Offset:x}, the file has 0x{image.Bytes.Length:x} bytes");
        }

        FindingList loading = new(MaxFindings);
        if (segments is not null) CheckSegments(image, segments, loading);
        if (status == ResourceTableStatus.Ok) new TableCheck(section, segments, findings).Run();
        foreach (CheckFinding finding in loading.Findings) findings.Add(finding.Rule, finding.FileOffset, finding.Field, finding.Value,
            finding.Detail);
    }

    private static void Add(FindingList findings, in ElfFault fault) =>
        findings.Add(CheckRules.Of(fault.Status), fault.FileOffset, fault.Field, fault.Value, $"expected {fault.Expected}");
}
