using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Elf;

/// <summary>Each rule of the sanity check is reached, says where, and comes in the kernel's order.</summary>
public sealed class ElfSanityTests
{
    private const ElfByteOrder Lsb = ElfByteOrder.Little;

    /// <summary>One way to break each rule without breaking a rule before it, for both classes where both have the rule.</summary>
    private static readonly Dictionary<ElfStatus, Func<byte[], ElfClass, byte[]>> Breakers = new()
    {
        [ElfStatus.NoImage] = (_, _) => [],
        [ElfStatus.ShorterThanHeader] = (file, _) => file[..51],
        [ElfStatus.NotElf] = (file, _) => Patched(file, 3, (byte)'G'),
        [ElfStatus.UnknownClass] = (file, _) => Patched(file, ElfFileHeader.ClassOffset, 3),
        [ElfStatus.ShorterThanHeader64] = (file, _) => Patched(file, ElfFileHeader.ClassOffset, 2)[..63],
        [ElfStatus.NotHostByteOrder] = (file, _) => Patched(file, ElfFileHeader.ByteOrderOffset, 0),
        [ElfStatus.SectionHeadersPastEnd] = (file, c) => Patched(file, c, ElfFileHeader.SectionHeadersOffsetField, (ulong)file.Length + 1),
        [ElfStatus.SectionHeadersTruncated] = (file, c) => Patched(file, c, ElfFileHeader.SectionHeaderCountField, 5),
        [ElfStatus.NameSectionPastEnd] = (file, c) => Patched(file, c, ElfFileHeader.SectionNamesIndexField, 4),
        [ElfStatus.NoProgramHeaders] = (file, c) => Patched(file, c, ElfFileHeader.ProgramHeaderCountField, 0),
        [ElfStatus.ProgramHeadersPastEnd] = (file, c) => Patched(file, c, ElfFileHeader.ProgramHeadersOffsetField, (ulong)file.Length + 1),
        [ElfStatus.ProgramHeadersTruncated] = (file, c) => Patched(file, c, ElfFileHeader.ProgramHeaderCountField, 0xFFFF),
        [ElfStatus.SectionNamesTruncated] = (file, c) => PatchedSection(file, c, 3, ElfSectionHeader.SizeField, (ulong)file.Length),
        [ElfStatus.SectionNameOutOfRange] = (file, c) => PatchedSection(file, c, 2, ElfSectionHeader.NameField, 0x1000),
    };

    public static TheoryData<ElfStatus, ElfClass> Rules
    {
        get
        {
            TheoryData<ElfStatus, ElfClass> rules = [];
            foreach (ElfStatus rule in Enum.GetValues<ElfStatus>().Where(rule => rule != ElfStatus.Ok))
            {
                rules.Add(rule, ElfClass.Elf32);
                rules.Add(rule, ElfClass.Elf64);
            }

            return rules;
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Each_rule_is_reached_with_its_errno_and_its_place(ElfStatus rule, ElfClass elfClass)
    {
        byte[] file = Breakers[rule](ElfImageTests.Sample(elfClass, Lsb), elfClass);

        ElfStatus status = ElfImage.TryOpen(file, out ElfImage image, out ElfFault fault);

        Assert.Equal(rule, status);
        Assert.Equal(rule, fault.Status);
        Assert.Equal(Errno.EINVAL, status.ToErrno());
        Assert.Equal($"ELF-{(int)rule:d2}", fault.RuleId);
        Assert.True(image.Bytes.IsEmpty);
        Assert.InRange(fault.FileOffset, 0ul, (ulong)file.Length);
        Assert.StartsWith($"offset 0x{fault.FileOffset:x}: {fault.Field} = 0x{fault.Value:x}: {rule.Explanation()}", fault.ToString(),
            StringComparison.Ordinal);
    }

    /// <summary>Rules 6 to 14 can be broken two at a time: the earlier one is the answer.</summary>
    [Theory]
    [InlineData(ElfClass.Elf32)]
    [InlineData(ElfClass.Elf64)]
    public void Of_two_broken_rules_the_first_is_reported(ElfClass elfClass)
    {
        ElfStatus[] later = [.. Breakers.Keys.Where(rule => rule >= ElfStatus.NotHostByteOrder)];
        foreach (ElfStatus first in later)
        {
            foreach (ElfStatus second in later.Where(rule => rule > first))
            {
                // Both of the pair patch e_phnum: what the second wrote is all there is.
                if (first == ElfStatus.NoProgramHeaders && second == ElfStatus.ProgramHeadersTruncated) continue;
                byte[] file = ElfImageTests.Sample(elfClass, Lsb);
                file = Breakers[first](Breakers[second](file, elfClass), elfClass);

                Assert.Equal(first, ElfImage.TryOpen(file, out _, out _));
            }
        }
    }

    [Fact]
    public void A_fault_is_one_line_with_offset_field_value_rule_and_errno()
    {
        byte[] file = Patched(ElfImageTests.Sample(ElfClass.Elf32, Lsb), ElfClass.Elf32, ElfFileHeader.SectionHeadersOffsetField, 0x9999);

        _ = ElfImage.TryOpen(file, out _, out ElfFault fault);

        Assert.Equal("offset 0x20: e_shoff = 0x9999: section headers start past the end of the file " +
            $"(expected within the file's 0x{file.Length:x} bytes; rule ELF-07, -EINVAL)", fault.ToString());
    }

    [Fact]
    public void An_offset_that_would_wrap_64_bits_is_past_the_end()
    {
        byte[] sections = Patched(ElfImageTests.Sample(ElfClass.Elf64, Lsb), ElfClass.Elf64, ElfFileHeader.SectionHeadersOffsetField,
            ulong.MaxValue - 8);
        byte[] names = PatchedSection(ElfImageTests.Sample(ElfClass.Elf64, Lsb), ElfClass.Elf64, 3, ElfSectionHeader.OffsetField,
            ulong.MaxValue - 8);

        Assert.Equal(ElfStatus.SectionHeadersPastEnd, ElfImage.TryOpen(sections, out _, out _));
        Assert.Equal(ElfStatus.SectionNamesTruncated, ElfImage.TryOpen(names, out _, out _));
    }

    [Fact]
    public void A_name_that_runs_out_of_the_name_section_is_out_of_range()
    {
        byte[] file = ElfImageTests.Sample(ElfClass.Elf32, Lsb);
        _ = ElfImage.TryOpen(file, out ElfImage image, out _);
        ElfSectionHeader names = image.SectionHeader(3);
        file[(int)(names.Offset + names.SizeBytes - 1)] = (byte)'x'; // the last name, .shstrtab, lost its NUL

        Assert.Equal(ElfStatus.SectionNameOutOfRange, ElfImage.TryOpen(file, out _, out ElfFault fault));

        Assert.Equal(names.NameOffset, fault.Value);
    }

    [Theory]
    [InlineData(ElfClass.Elf32)]
    [InlineData(ElfClass.Elf64)]
    public void Cut_at_any_byte_an_image_yields_a_status_and_no_exception(ElfClass elfClass)
    {
        byte[] file = ElfImageTests.Sample(elfClass, Lsb);

        for (int length = 0; length < file.Length; length++)
        {
            Assert.NotEqual(ElfStatus.Ok, ElfImage.TryOpen(file.AsMemory(0, length), out _, out _)); // the section headers come last
        }
    }

    private static byte[] Patched(byte[] file, int offset, byte value)
    {
        file[offset] = value;
        return file;
    }

    private static byte[] Patched(byte[] file, ElfClass elfClass, ElfField field, ulong value)
    {
        field.Write(file, elfClass, Lsb, value);
        return file;
    }

    private static byte[] PatchedSection(byte[] file, ElfClass elfClass, int section, ElfField field, ulong value)
    {
        ulong headers = ElfFileHeader.SectionHeadersOffsetField.Read(ElfImageTests.Sample(elfClass, Lsb), elfClass, Lsb);
        field.Write(file.AsSpan((int)headers + (section * ElfSectionHeader.HeaderSizeBytes(elfClass))), elfClass, Lsb, value);
        return file;
    }
}
