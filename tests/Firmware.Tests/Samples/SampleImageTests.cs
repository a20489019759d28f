using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Dump;
using RemoteprocEmu.Firmware.Fuzz;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Samples;

/// <summary>The images that real compilers made: what we read of them, what binutils read, and what the checker says.</summary>
public sealed class SampleImageTests
{
    private static readonly string Folder = Path.Combine(Corpus.FindRoot(), "samples/firmware/bin");

    public static TheoryData<string> Images =>
        [.. new DirectoryInfo(Folder).GetFiles("*.elf").Select(file => file.Name).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Images))]
    public void The_table_is_where_and_what_readelf_and_objdump_say(string name)
    {
        string path = Path.Combine(Folder, name);
        byte[] file = File.ReadAllBytes(path);
        Assert.Equal(ResourceTableStatus.Ok, ResourceTableSection.TryLocate(Tests.Images.Open(file), out ResourceTableSection section));
        Assert.Equal(file.AsSpan((int)section.FileOffset, section.SizeBytes).ToArray(), section.Bytes.ToArray());

        if (Tools.Run("readelf", "-S", "-W", path) is string readelf)
        {
            Match row = Regex.Match(readelf, @"\]\s+\.resource_table\s+\w+\s+([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) ");
            Assert.Equal((section.Address.Value, section.FileOffset, (ulong)section.SizeBytes), (Hex(row, 1), Hex(row, 2), Hex(row, 3)));
        }

        if (section.SizeBytes != 0 && Tools.Run("objdump", "-s", "-j", ".resource_table", path) is string objdump)
        {
            IEnumerable<string> rows = Regex.Matches(objdump, "^ [0-9a-f]+ ((?:[0-9a-f]+ ){1,4})", RegexOptions.Multiline).Select(row =>
                row.Groups[1].Value);
            Assert.Equal(Convert.ToHexStringLower(section.Bytes.Span), string.Concat(rows).Replace(" ", "", StringComparison.Ordinal));
        }
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void The_checker_finds_no_fault_in_a_sound_sample_and_the_fault_of_an_empty_one(string name)
    {
        CheckReport report = ImageChecker.Check(File.ReadAllBytes(Path.Combine(Folder, name)));

        Assert.Equal(name == "empty-table.elf" ? ["RSC-003"] : [],
            report.Findings.Where(finding => finding.Rule.Severity != CheckSeverity.Note).Select(finding => finding.Rule.Id));
        Assert.Equal(name == "empty-table.elf" ? Errno.EINVAL : Errno.Ok, report.Verdict);
    }

    [Theory]
    [MemberData(nameof(Images))]
    public void The_dump_of_a_sample_shows_every_entry_without_a_fault(string name)
    {
        Assert.Equal(ResourceTableStatus.Ok, ResourceTableSection.TryLocate(
            Tests.Images.Open(File.ReadAllBytes(Path.Combine(Folder, name))), out ResourceTableSection section));
        _ = ResourceTableReader.TryOpen(section.Bytes.Span, section.ByteOrder, out ResourceTableReader table);

        string text = ResourceTableDump.ToText(section);

        Assert.Equal(table.EntryCount, Regex.Count(text, "^Entry ", RegexOptions.Multiline));
        Assert.Equal(name == "empty-table.elf", text.Contains("fault", StringComparison.Ordinal));
    }

    private static ulong Hex(Match row, int group) => Convert.ToUInt64(row.Groups[group].Value, 16);
}
