using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Check;

public sealed class ImageCheckerTests
{
    private const uint Any = 0xFFFF_FFFF;

    private static readonly VdevVring[] Rings = [new(Any, 16, 16, 1), new(Any, 16, 16, 2)];

    /// <summary>A table for each rule about tables; the rule must be found, and at the offset within the table.</summary>
    private static readonly Dictionary<string, (Func<byte[]> Table, int Offset, string Field)> Breakers = new()
    {
        ["RSC-003"] = (() => [1, 0, 0, 0], 0, ".resource_table size"),
        ["RSC-004"] = (() => Sane().WithHeader(new(2, 1, 0, 0)).Build(), 0, "ver"),
        ["RSC-005"] = (() => Sane().WithHeader(new(1, 1, 0, 7)).Build(), 12, "reserved[1]"),
        ["RSC-006"] = (() => Sane().WithHeader(new(1, 0x4000_0000, 0, 0)).Build(), 4, "num"),
        ["RSC-007"] = (() => Sane().WithOffset(0, 15).Build(), 16, "offset[0]"),
        ["RSC-008"] = (() => Sane().WithOffset(0, 0x1000).Build(), 16, "offset[0]"),
        ["RSC-009"] = (() => Sane().Build()[..^1], 20, "entry 0 type"),
        ["RSC-010"] = (() => Patched(Sane().Build(), 24 + VdevEntry.ReservedOffset, 1), 24 + 22, "entry 0 reserved"),
        ["RSC-011"] = (() => Vdev(7, 1, [.. Rings, Rings[0]]), 24 + 21, "entry 0 num_of_vrings"),
        ["RSC-012"] = (() => Vdev(7, 1, [Rings[0], new(Any, 16, 0, 2)]), 24 + 44 + 8, "entry 0 vring[1].num"),
        ["RSC-013"] = (() => Vdev(7, 1, [new(Any, 0, 16, 1), Rings[1]]), 24 + 24 + 4, "entry 0 vring[0].align"),
        ["RSC-101"] = (() => Vdev(7, 1, [new(Any, 16, 24, 1), Rings[1]]), 24 + 24 + 8, "entry 0 vring[0].num"),
        ["RSC-102"] = (() => Vdev(7, 1, [new(Any, 16, 65536, 1), Rings[1]]), 24 + 24 + 8, "entry 0 vring[0].num"),
        ["RSC-103"] = (() => Vdev(7, 1, [new(Any, 24, 16, 1), Rings[1]]), 24 + 24 + 4, "entry 0 vring[0].align"),
        ["RSC-104"] = (() => Vdev(7, 1, [new(Any, 2, 16, 1), Rings[1]]), 24 + 24 + 4, "entry 0 vring[0].align"),
        ["RSC-105"] = (() => Carveouts(("a", Any, 1), ("a", Any, 1)), 24 + 56 + 4 + 20, "entry 1 name"),
        ["RSC-106"] = (() => new ResourceTableBuilder().AddTrace(new string('n', 32), 0, 1).Build(), 24 + 12, "entry 0 name"),
        ["RSC-107"] = (() => Carveouts(("a%s", Any, 1)), 24 + 20, "entry 0 name"),
        ["RSC-108"] = (() => Carveouts(("a", 0x5000, 0x1001), ("b", 0x6000, 0x1000)), 24 + 56 + 4, "entry 1 da"),
        ["RSC-109"] = (() => Carveouts(("a", 0x1000_0000, 2)), 24, "entry 0 da"),
        ["RSC-110"] = (() => Carveouts(("a", Any, 0)), 24 + 8, "entry 0 len"),
        ["RSC-111"] = (() => Carveouts(("a", 0xFFFF_F000, 0x1001)), 24, "entry 0 da"),
        ["RSC-112"] = (() => Vdev(7, 1, [new(0x8000, 16, 16, 1), new(0x8FFF, 16, 16, 2)]), 24 + 44, "entry 0 vring[1].da"),
        ["RSC-113"] = (() => Vdev(7, 1, [Rings[0], new(0, 16, 16, 2)]), 24 + 44, "entry 0 vring[1].da"),
        ["RSC-114"] = (() => Vdev(1, 1u << 22, Rings), 24 + 8, "entry 0 dfeatures"),
        ["RSC-115"] = (() => Vdev(7, 1, [Rings[0]]), 24 + 21, "entry 0 num_of_vrings"),
        ["RSC-116"] = (() => Vdev(7, 0, Rings), 24 + 8, "entry 0 dfeatures"),
        ["RSC-117"] = (() => Sane().AddTrace("t", 0, 1).WithOffset(1, 24).Build(), 20, "offset[1]"),
        ["RSC-202"] = (() => new ResourceTableBuilder().AddRaw(5, []).Build(), 20, "entry 0 type"),
        ["RSC-203"] = (() => new ResourceTableBuilder().AddRaw(200, []).Build(), 20, "entry 0 type"),
        ["RSC-204"] = (() => Vdev(7, 1, [Rings[0], Rings[0]]), 24 + 44 + 12, "entry 0 vring[1].notifyid"),
        ["RSC-205"] = (() => new ResourceTableBuilder().AddTrace("t", 0, 1).AddTrace("t", 1, 1).Build(), 24 + 48 + 4 + 12, "entry 1 name"),
        ["RSC-206"] = (() => Vdev(7, 1, [new(Any, 16, 16, 1, Pa: 9), Rings[1]]), 24 + 24 + 16, "entry 0 vring[0].pa"),
        ["RSC-207"] = (() => new ResourceTableBuilder().AddDevmem("d", 1, 2, 3).Build(), 20, "entry 0 type"),
        ["RSC-208"] = (() => Patched(Sane().Build(), 24 + VdevEntry.StatusOffset, 7), 24 + 20, "entry 0 status"),
        ["RSC-209"] = (() => ManyEntries(257), 4, "num"),
        ["RSC-210"] = (() => new ResourceTableBuilder().Build(), 4, "num"),
    };

    /// <summary>Rules that are not about what a table holds; each has a test of its own below.</summary>
    private static readonly string[] OtherRules = ["RSC-001", "RSC-002", "RSC-201"];

    public static TheoryData<string> TableRules => [.. Breakers.Keys];

    [Theory]
    [MemberData(nameof(TableRules))]
    public void Each_rule_about_a_table_is_found_at_its_place(string rule)
    {
        (Func<byte[]> table, int offset, string field) = Breakers[rule];
        byte[] file = Images.WithTable(table());
        _ = ResourceTableSection.TryLocate(Images.Open(file), out ResourceTableSection section);

        CheckReport report = ImageChecker.Check(file);

        CheckFinding finding = Assert.Single(report.Findings, finding => finding.Rule.Id == rule);
        Assert.Equal((section.FileOffset + (ulong)offset, field), (finding.FileOffset, finding.Field));
        Assert.Equal(rule[4] == '2' ? CheckSeverity.Note : rule[4] == '1' && rule != "RSC-105" ? CheckSeverity.Warning
            : CheckSeverity.Error,
            finding.Rule.Severity);
        Assert.Contains($"{rule}: {field} = 0x{finding.Value:x}: {finding.Rule.Explanation}", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_rule_of_the_catalogue_is_under_test_and_complete()
    {
        string[] tested = [.. Breakers.Keys, .. OtherRules];
        Assert.Equal(CheckRules.All.Select(rule => rule.Id).Where(id => id.StartsWith("RSC", StringComparison.Ordinal)).Order(),
            tested.Order());
        Assert.Equal(CheckRules.All.Count, CheckRules.All.Select(rule => rule.Id).Distinct().Count());
        Assert.All(CheckRules.All, rule => Assert.All([rule.Id, rule.Explanation, rule.Remedy, rule.Verdict], Assert.NotEmpty));
        Assert.All(CheckRules.All, rule => Assert.Equal(rule.Severity == CheckSeverity.Error, rule.Errno != Errno.Ok));
    }

    [Fact]
    public void A_sane_image_has_no_finding_at_all()
    {
        CheckReport report = ImageChecker.Check(Images.WithTable(Sane().AddTrace("trace", 0x1000_8000, 0x400).Build()));

        Assert.Empty(report.Findings);
        Assert.Equal((true, true, false, Errno.Ok), (report.IsElf, report.IsComplete, report.HasProblems, report.Verdict));
    }

    /// <summary>What reference section 11 found in vendors' images: load address and run address differ, a gap, fixed rings, types 4 and
    /// 5.</summary>
    [Fact]
    public void What_sane_vendor_images_have_is_a_note_at_most()
    {
        byte[] table = new ResourceTableBuilder()
            .AddCarveout("DDR", 0x1000_0000, 0x10_0000)
            .AddVdev(7, 1, [new(0x3ED4_0000, 4096, 256, 1), new(0x3ED4_4000, 4096, 256, 2)]).WithGap(28)
            .AddTrace("trace", 0x1000_8000, 124 * 1024)
            .AddRaw(4, new byte[8]).AddRaw(5, new byte[8])
            .Build();
        byte[] file = new ElfBuilder(entry: new DeviceAddress(0x1000_0001))
            .AddSegment(new DeviceAddress(0x1000_0000), new byte[64])
            .AddSegment(new DeviceAddress(0x1000_0100), table, memorySizeBytes: 0x400, runAddress: new DeviceAddress(0x2000_0000))
            .AddSegment(new DeviceAddress(0x1000_2000), [], memorySizeBytes: 0x1000)
            .AddSectionOfSegment(".resource_table", segment: 1, offset: 0, table.Length)
            .Build();

        CheckReport report = ImageChecker.Check(file);

        Assert.False(report.HasProblems);
        Assert.Equal(["RSC-202", "RSC-202", "RSC-201"], report.Findings.Select(finding => finding.Rule.Id));
    }

    [Fact]
    public void All_broken_rules_are_found_and_the_verdict_is_the_first_ones()
    {
        byte[] table = Images.EveryType().WithOffset(0, 3).Build();
        table[16 + 24 + 56 + 56 + 4 + TraceEntry.ReservedOffset] = 1;
        byte[] file = Images.WithTable(table);
        ElfFileHeader.ProgramHeadersOffsetField.Write(file, ElfClass.Elf32, ElfByteOrder.Little, 0xFFFF_0000);

        CheckReport report = ImageChecker.Check(file);

        Assert.Equal(["ELF-11", "RSC-007", "RSC-207", "RSC-010", "RSC-202", "RSC-203"], report.Findings.Select(finding => finding.Rule.Id));
        Assert.Equal(Errno.EINVAL, report.Verdict);
    }

    [Fact]
    public void The_verdict_on_two_carveouts_of_one_name_is_ENOMEM_even_if_a_later_entry_is_EINVAL()
    {
        byte[] table = new ResourceTableBuilder().AddCarveout("a", Any, 1).AddCarveout("a", Any, 1).AddVdev(7, 1,
            [.. Rings, Rings[0]]).Build();

        Assert.Equal(Errno.ENOMEM, ImageChecker.Check(Images.WithTable(table)).Verdict);
    }

    [Fact]
    public void An_image_without_a_table_is_refused_by_the_default_operations()
    {
        CheckReport report = ImageChecker.Check(new ElfBuilder().AddSegment(default, [1]).Build());

        CheckFinding finding = Assert.Single(report.Findings);
        Assert.Equal(("RSC-001", Errno.EINVAL), (finding.Rule.Id, report.Verdict));
    }

    [Fact]
    public void A_table_past_the_end_of_the_file_is_found_at_its_section_header()
    {
        byte[] file = Images.WithTable(Sane().Build());
        int sizeAt = (int)Images.Open(file).Header.SectionHeadersOffset + 40 + 20;
        file[sizeAt + 2] = 0xFF;

        CheckFinding finding = Assert.Single(ImageChecker.Check(file).Findings);

        Assert.Equal(("RSC-002", (ulong)sizeAt), (finding.Rule.Id, finding.FileOffset));
    }

    [Fact]
    public void A_bad_segment_is_found_after_the_tables_faults()
    {
        byte[] file = Images.WithTable(Vdev(7, 1, [Rings[0]]));
        ElfProgramHeader.FileSizeField.Write(file.AsSpan(52), ElfClass.Elf32, ElfByteOrder.Little, 5);

        CheckReport report = ImageChecker.Check(file);

        Assert.Equal(["RSC-115", "ELF-21"], report.Findings.Select(finding => finding.Rule.Id));
        Assert.Equal((68ul, "program header 0 p_filesz", 5ul),
            (report.Findings[1].FileOffset, report.Findings[1].Field, report.Findings[1].Value));
    }

    [Fact]
    public void What_is_no_elf_gets_one_finding()
    {
        foreach (byte[] file in (byte[][])[[], [1, 2, 3], new byte[100],
            "#!/bin/sh and some more text to get past the header length"u8.ToArray()])
        {
            CheckReport report = ImageChecker.Check(file);

            Assert.False(report.IsElf);
            Assert.StartsWith("ELF-0", Assert.Single(report.Findings).Rule.Id, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_big_endian_image_is_refused_and_its_table_checked_all_the_same()
    {
        byte[] table = new ResourceTableBuilder(ElfByteOrder.Big).AddVdev(7, 0, Rings).Build();

        CheckReport report = ImageChecker.Check(Images.WithTable(table, order: ElfByteOrder.Big));

        Assert.Equal(["ELF-06", "RSC-116"], report.Findings.Select(finding => finding.Rule.Id));
        Assert.True(report.IsElf);
    }

    [Fact]
    public void Findings_are_bounded_and_the_report_says_that_there_is_more()
    {
        CheckReport report = ImageChecker.Check(Images.WithTable(ManyEntries(2000)));

        Assert.Equal(ImageChecker.MaxFindings, report.Findings.Count);
        Assert.False(report.IsComplete);
    }

    [Fact]
    public void Cut_at_any_byte_an_image_gets_a_report_with_an_error()
    {
        byte[] file = Images.WithTable(Images.EveryType().Build());
        for (int length = 0; length < file.Length; length++)
        {
            Assert.NotEqual(0, ImageChecker.Check(file.AsMemory(0, length)).Count(CheckSeverity.Error));
        }
    }

    private static ResourceTableBuilder Sane() => new ResourceTableBuilder().AddVdev(7, 1, Rings);

    private static byte[] Vdev(uint id, uint features, VdevVring[] rings) =>
        new ResourceTableBuilder().AddVdev(id, features, rings).Build();

    private static byte[] Carveouts(params (string Name, uint Da, uint Length)[] carveouts)
    {
        ResourceTableBuilder builder = new();
        foreach ((string name, uint da, uint length) in carveouts) builder.AddCarveout(name, da, length);
        return builder.Build();
    }

    private static byte[] ManyEntries(int count)
    {
        ResourceTableBuilder builder = new();
        for (int i = 0; i < count; i++) builder.AddRaw(77, []);
        return builder.Build();
    }

    private static byte[] Patched(byte[] table, int offset, byte value)
    {
        table[offset] = value;
        return table;
    }
}
