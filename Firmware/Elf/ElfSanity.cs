using System;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>The sanity check of an image, rule by rule, so that opening can stop at the first and the checker can ask for all.</summary>
/// <remarks>
/// Models rproc_elf_sanity_check of drivers/remoteproc/remoteproc_elf_loader.c (v6.12), in its order, and three rules more.
/// Nothing here allocates or reads outside <c>file</c>.
/// </remarks>
internal static class ElfSanity
{
    private const string FileSizeField = "file size";

    /// <summary>The rules that must hold before the file header can be read at all.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="acceptBigEndian">Whether a big-endian image passes.</param>
    /// <returns>The first broken rule; a default value when none.</returns>
    internal static ElfFault CheckIdentification(ReadOnlySpan<byte> file, bool acceptBigEndian)
    {
        int header32 = ElfFileHeader.HeaderSizeBytes(ElfClass.Elf32);
        int header64 = ElfFileHeader.HeaderSizeBytes(ElfClass.Elf64);
        ulong size = (ulong)file.Length;
        if (file.IsEmpty) return new(ElfStatus.NoImage, 0, FileSizeField, 0, (ulong)header32);
        if (file.Length < header32) return new(ElfStatus.ShorterThanHeader, size, FileSizeField, size, (ulong)header32);
        if (!file.StartsWith(ElfFileHeader.Magic))
        {
            ulong wanted = WireOrder.ReadU32(ElfFileHeader.Magic, 0, ElfByteOrder.Big);
            return new(ElfStatus.NotElf, 0, "e_ident[EI_MAG]", WireOrder.ReadU32(file, 0, ElfByteOrder.Big), wanted);
        }

        byte elfClass = file[ElfFileHeader.ClassOffset];
        if (elfClass is not ((byte)ElfClass.Elf32 or (byte)ElfClass.Elf64))
        {
            return new(ElfStatus.UnknownClass, ElfFileHeader.ClassOffset, "e_ident[EI_CLASS]", elfClass, (ulong)ElfClass.Elf64);
        }

        if (elfClass == (byte)ElfClass.Elf64 && file.Length < header64)
        {
            return new(ElfStatus.ShorterThanHeader64, size, FileSizeField, size, (ulong)header64);
        }

        byte order = file[ElfFileHeader.ByteOrderOffset];
        bool accepted = order == (byte)ElfByteOrder.Little || (acceptBigEndian && order == (byte)ElfByteOrder.Big);
        return accepted
            ? default
            : new(ElfStatus.NotHostByteOrder, ElfFileHeader.ByteOrderOffset, "e_ident[EI_DATA]", order, (ulong)ElfByteOrder.Little);
    }

    /// <summary>One rule about the file header's numbers: <see cref="ElfStatus.SectionHeadersPastEnd"/> or a later one.</summary>
    /// <param name="rule">The rule to check. A rule may read a table only if the rules before it hold.</param>
    /// <param name="image">The image; its identification holds.</param>
    /// <returns>The fault; a default value when the rule holds.</returns>
    internal static ElfFault CheckRule(ElfStatus rule, in ElfImage image)
    {
        ElfFileHeader header = image.Header;
        ulong size = (ulong)image.Bytes.Length;
        ulong sectionHeader = (ulong)ElfSectionHeader.HeaderSizeBytes(image.Class);
        ulong programHeader = (ulong)ElfProgramHeader.HeaderSizeBytes(image.Class);

        // A sum can wrap only if its offset lies past the end, so each end rule looks at that first.
        return rule switch
        {
            ElfStatus.SectionHeadersPastEnd when header.SectionHeadersOffset > size =>
                Fault(rule, image, ElfFileHeader.SectionHeadersOffsetField, header.SectionHeadersOffset, size),
            ElfStatus.SectionHeadersTruncated when header.SectionHeaderCount != 0 &&
                    EndsPast(size, header.SectionHeadersOffset, sectionHeader * header.SectionHeaderCount) =>
                Fault(rule, image, ElfFileHeader.SectionHeaderCountField, header.SectionHeaderCount, size),
            ElfStatus.NameSectionPastEnd when EndsPast(size, header.SectionHeadersOffset,
                sectionHeader * (header.SectionNamesIndex + 1ul)) =>
                Fault(rule, image, ElfFileHeader.SectionNamesIndexField, header.SectionNamesIndex, size),
            ElfStatus.NoProgramHeaders when header.ProgramHeaderCount == 0 =>
                Fault(rule, image, ElfFileHeader.ProgramHeaderCountField, 0, 1),
            ElfStatus.ProgramHeadersPastEnd when header.ProgramHeadersOffset > size =>
                Fault(rule, image, ElfFileHeader.ProgramHeadersOffsetField, header.ProgramHeadersOffset, size),
            ElfStatus.ProgramHeadersTruncated when EndsPast(size, header.ProgramHeadersOffset, programHeader * header.ProgramHeaderCount) =>
                Fault(rule, image, ElfFileHeader.ProgramHeaderCountField, header.ProgramHeaderCount, size),
            ElfStatus.SectionNamesTruncated => CheckNameSection(image),
            ElfStatus.SectionNameOutOfRange => CheckSectionNames(image),
            _ => default,
        };
    }

    /// <summary>Whether <c>offset + length</c> exceeds <c>size</c>, the sum taken without wrapping.</summary>
    internal static bool EndsPast(ulong size, ulong offset, ulong length) => offset > size || length > size - offset;

    private static ElfFault Fault(ElfStatus rule, in ElfImage image, ElfField field, ulong value, ulong limit) =>
        new(rule, (ulong)field.OffsetIn(image.Class), field.Name, value, limit);

    private static ElfFault CheckNameSection(in ElfImage image)
    {
        if (!image.HasSectionNames) return default;
        ElfSectionHeader names = image.SectionHeaderAt(image.Header.SectionNamesIndex);
        ulong size = (ulong)image.Bytes.Length;
        return EndsPast(size, names.Offset, names.SizeBytes)
            ? new(ElfStatus.SectionNamesTruncated, FieldOffset(image, image.Header.SectionNamesIndex, ElfSectionHeader.SizeField),
                ElfSectionHeader.SizeField.Name, names.SizeBytes, size)
            : default;
    }

    private static ElfFault CheckSectionNames(in ElfImage image)
    {
        if (!image.HasSectionNames) return default;

        // Every name that starts at or before the last NUL ends within the section, so one search judges all of them.
        int nameEnd = image.SectionNames.LastIndexOf((byte)0) + 1;
        for (int index = 0; index < image.SectionHeaderCount; index++)
        {
            uint name = image.SectionHeader(index).NameOffset;
            if (name < nameEnd) continue;
            return new(ElfStatus.SectionNameOutOfRange, FieldOffset(image, index, ElfSectionHeader.NameField),
                ElfSectionHeader.NameField.Name, name, (ulong)nameEnd);
        }

        return default;
    }

    private static ulong FieldOffset(in ElfImage image, int section, ElfField field)
    {
        ulong sectionOffset = (ulong)section * (ulong)ElfSectionHeader.HeaderSizeBytes(image.Class);
        return image.Header.SectionHeadersOffset + sectionOffset + (ulong)field.OffsetIn(image.Class);
    }
}
