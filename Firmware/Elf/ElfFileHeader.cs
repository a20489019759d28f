using System;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>The ELF file header, both classes, widened to 64 bits.</summary>
/// <remarks>
/// <code>
/// ELF32       ELF64       field
/// off bytes   off bytes
///   0   16      0   16    e_ident      7F 45 4C 46, class, data, version, OS ABI, padding
///  16    2     16    2    e_type       not checked by remoteproc
///  18    2     18    2    e_machine    not checked by remoteproc
///  20    4     20    4    e_version    not checked by remoteproc
///  24    4     24    8    e_entry      becomes the boot address
///  28    4     32    8    e_phoff      file offset of the program headers
///  32    4     40    8    e_shoff      file offset of the section headers
///  36    4     48    4    e_flags      not checked by remoteproc
///  40    2     52    2    e_ehsize     not used by remoteproc
///  42    2     54    2    e_phentsize  not used by remoteproc: it takes 32 or 56
///  44    2     56    2    e_phnum      program headers
///  46    2     58    2    e_shentsize  not used by remoteproc: it takes 40 or 64
///  48    2     60    2    e_shnum      section headers
///  50    2     62    2    e_shstrndx   index of the section that holds the section names
/// </code>
/// Byte order: that of <c>e_ident[5]</c>. Source: ELF gABI, chapter 4, ELF Header; include/uapi/linux/elf.h.
/// </remarks>
/// <param name="Type">e_type: 1 relocatable, 2 executable, 4 core.</param>
/// <param name="Machine">e_machine: 40 ARM, 183 AArch64, 243 RISC-V.</param>
/// <param name="Entry">e_entry, as it stands (a Thumb entry is odd).</param>
/// <param name="ProgramHeadersOffset">e_phoff, bytes from the file's start.</param>
/// <param name="SectionHeadersOffset">e_shoff, bytes from the file's start.</param>
/// <param name="ProgramHeaderCount">e_phnum.</param>
/// <param name="SectionHeaderCount">e_shnum.</param>
/// <param name="SectionNamesIndex">e_shstrndx.</param>
/// <param name="Flags">e_flags, the machine's own.</param>
public readonly record struct ElfFileHeader(
    ushort Type, ushort Machine, DeviceAddress Entry, ulong ProgramHeadersOffset, ulong SectionHeadersOffset,
    ushort ProgramHeaderCount, ushort SectionHeaderCount, ushort SectionNamesIndex, uint Flags = 0)
{
    /// <summary>Bytes of <c>e_ident</c>.</summary>
    public const int IdentBytes = 16;

    /// <summary>EI_CLASS: where the class stands.</summary>
    public const int ClassOffset = 4;

    /// <summary>EI_DATA: where the byte order stands.</summary>
    public const int ByteOrderOffset = 5;

    /// <summary>EI_VERSION: where the identification's version stands.</summary>
    public const int IdentVersionOffset = 6;

    /// <summary>ET_EXEC.</summary>
    public const ushort TypeExecutable = 2;

    /// <summary>ET_CORE.</summary>
    public const ushort TypeCore = 4;

    /// <summary>EV_CURRENT.</summary>
    public const byte VersionCurrent = 1;

    /// <summary>e_type.</summary>
    public static readonly ElfField TypeField = new("e_type", 16, 2, 16, 2);
    /// <summary>e_machine.</summary>
    public static readonly ElfField MachineField = new("e_machine", 18, 2, 18, 2);
    /// <summary>e_version.</summary>
    public static readonly ElfField VersionField = new("e_version", 20, 4, 20, 4);
    /// <summary>e_entry.</summary>
    public static readonly ElfField EntryField = new("e_entry", 24, 4, 24, 8);
    /// <summary>e_phoff.</summary>
    public static readonly ElfField ProgramHeadersOffsetField = new("e_phoff", 28, 4, 32, 8);
    /// <summary>e_shoff.</summary>
    public static readonly ElfField SectionHeadersOffsetField = new("e_shoff", 32, 4, 40, 8);
    /// <summary>e_flags.</summary>
    public static readonly ElfField FlagsField = new("e_flags", 36, 4, 48, 4);
    /// <summary>e_ehsize.</summary>
    public static readonly ElfField HeaderSizeField = new("e_ehsize", 40, 2, 52, 2);
    /// <summary>e_phentsize.</summary>
    public static readonly ElfField ProgramHeaderSizeField = new("e_phentsize", 42, 2, 54, 2);
    /// <summary>e_phnum.</summary>
    public static readonly ElfField ProgramHeaderCountField = new("e_phnum", 44, 2, 56, 2);
    /// <summary>e_shentsize.</summary>
    public static readonly ElfField SectionHeaderSizeField = new("e_shentsize", 46, 2, 58, 2);
    /// <summary>e_shnum.</summary>
    public static readonly ElfField SectionHeaderCountField = new("e_shnum", 48, 2, 60, 2);
    /// <summary>e_shstrndx.</summary>
    public static readonly ElfField SectionNamesIndexField = new("e_shstrndx", 50, 2, 62, 2);

    /// <summary>The four bytes each ELF file starts with.</summary>
    public static ReadOnlySpan<byte> Magic => [0x7F, (byte)'E', (byte)'L', (byte)'F'];

    /// <summary>Bytes of the header: 52 or 64.</summary>
    public static int HeaderSizeBytes(ElfClass elfClass) => elfClass == ElfClass.Elf64 ? 64 : 52;

    /// <summary>Reads a header.</summary>
    /// <param name="file">At least <see cref="HeaderSizeBytes"/> bytes; identification not looked at.</param>
    /// <param name="elfClass">The class its identification names.</param>
    /// <param name="order">The byte order its identification names.</param>
    public static ElfFileHeader Read(ReadOnlySpan<byte> file, ElfClass elfClass, ElfByteOrder order) => new(
        (ushort)TypeField.Read(file, elfClass, order),
        (ushort)MachineField.Read(file, elfClass, order),
        new DeviceAddress(EntryField.Read(file, elfClass, order)),
        ProgramHeadersOffsetField.Read(file, elfClass, order),
        SectionHeadersOffsetField.Read(file, elfClass, order),
        (ushort)ProgramHeaderCountField.Read(file, elfClass, order),
        (ushort)SectionHeaderCountField.Read(file, elfClass, order),
        (ushort)SectionNamesIndexField.Read(file, elfClass, order),
        (uint)FlagsField.Read(file, elfClass, order));

    /// <summary>Writes the header whole: identification, version 1, its own size and the entry sizes of the class.</summary>
    /// <param name="file">At least <see cref="HeaderSizeBytes"/> bytes.</param>
    /// <param name="elfClass">The class to write.</param>
    /// <param name="order">The byte order to write.</param>
    public void Write(Span<byte> file, ElfClass elfClass, ElfByteOrder order)
    {
        file[..HeaderSizeBytes(elfClass)].Clear();
        Magic.CopyTo(file);
        file[ClassOffset] = (byte)elfClass;
        file[ByteOrderOffset] = (byte)order;
        file[IdentVersionOffset] = VersionCurrent;
        TypeField.Write(file, elfClass, order, Type);
        MachineField.Write(file, elfClass, order, Machine);
        VersionField.Write(file, elfClass, order, VersionCurrent);
        EntryField.Write(file, elfClass, order, Entry.Value);
        ProgramHeadersOffsetField.Write(file, elfClass, order, ProgramHeadersOffset);
        SectionHeadersOffsetField.Write(file, elfClass, order, SectionHeadersOffset);
        FlagsField.Write(file, elfClass, order, Flags);
        HeaderSizeField.Write(file, elfClass, order, (ulong)HeaderSizeBytes(elfClass));
        ProgramHeaderSizeField.Write(file, elfClass, order, (ulong)ElfProgramHeader.HeaderSizeBytes(elfClass));
        ProgramHeaderCountField.Write(file, elfClass, order, ProgramHeaderCount);
        SectionHeaderSizeField.Write(file, elfClass, order, SectionHeaderCount == 0 ? 0
            : (ulong)ElfSectionHeader.HeaderSizeBytes(elfClass));
        SectionHeaderCountField.Write(file, elfClass, order, SectionHeaderCount);
        SectionNamesIndexField.Write(file, elfClass, order, SectionNamesIndex);
    }
}
