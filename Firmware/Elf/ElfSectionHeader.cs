using System;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>One section header: a named piece of the file. remoteproc looks for one name only, <c>.resource_table</c>.</summary>
/// <remarks>
/// <code>
/// ELF32       ELF64       field
/// off bytes   off bytes
///   0    4      0    4    sh_name       offset of the name in the name section
///   4    4      4    4    sh_type       not looked at by remoteproc
///   8    4      8    8    sh_flags      not looked at by remoteproc
///  12    4     16    8    sh_addr       run address: where the loaded table is looked up
///  16    4     24    8    sh_offset     of the bytes in the file
///  20    4     32    8    sh_size       bytes
///  24    4     40    4    sh_link
///  28    4     44    4    sh_info
///  32    4     48    8    sh_addralign
///  36    4     56    8    sh_entsize
/// </code>
/// Source: ELF gABI, chapter 4, Sections.
/// </remarks>
/// <param name="NameOffset">sh_name, bytes from the start of the name section.</param>
/// <param name="Type">sh_type.</param>
/// <param name="Flags">sh_flags.</param>
/// <param name="Address">sh_addr.</param>
/// <param name="Offset">sh_offset, bytes from the file's start.</param>
/// <param name="SizeBytes">sh_size.</param>
/// <param name="AlignBytes">sh_addralign.</param>
public readonly record struct ElfSectionHeader(
    uint NameOffset, uint Type, ulong Flags, DeviceAddress Address, ulong Offset, ulong SizeBytes, ulong AlignBytes)
{
    /// <summary>SHT_PROGBITS.</summary>
    public const uint TypeProgramBits = 1;

    /// <summary>SHT_STRTAB.</summary>
    public const uint TypeStringTable = 3;

    /// <summary>SHF_ALLOC: the section occupies memory.</summary>
    public const ulong FlagAllocated = 2;

    /// <summary>sh_name.</summary>
    public static readonly ElfField NameField = new("sh_name", 0, 4, 0, 4);
    /// <summary>sh_type.</summary>
    public static readonly ElfField TypeField = new("sh_type", 4, 4, 4, 4);
    /// <summary>sh_flags.</summary>
    public static readonly ElfField FlagsField = new("sh_flags", 8, 4, 8, 8);
    /// <summary>sh_addr.</summary>
    public static readonly ElfField AddressField = new("sh_addr", 12, 4, 16, 8);
    /// <summary>sh_offset.</summary>
    public static readonly ElfField OffsetField = new("sh_offset", 16, 4, 24, 8);
    /// <summary>sh_size.</summary>
    public static readonly ElfField SizeField = new("sh_size", 20, 4, 32, 8);
    /// <summary>sh_addralign.</summary>
    public static readonly ElfField AlignField = new("sh_addralign", 32, 4, 48, 8);

    /// <summary>Bytes of one section header: 40 or 64. The kernel uses these, whatever e_shentsize says.</summary>
    public static int HeaderSizeBytes(ElfClass elfClass) => elfClass == ElfClass.Elf64 ? 64 : 40;

    /// <summary>Reads a section header.</summary>
    /// <param name="bytes">At least <see cref="HeaderSizeBytes"/> bytes.</param>
    /// <param name="elfClass">The image's class.</param>
    /// <param name="order">The image's byte order.</param>
    public static ElfSectionHeader Read(ReadOnlySpan<byte> bytes, ElfClass elfClass, ElfByteOrder order) => new(
        (uint)NameField.Read(bytes, elfClass, order),
        (uint)TypeField.Read(bytes, elfClass, order),
        FlagsField.Read(bytes, elfClass, order),
        new DeviceAddress(AddressField.Read(bytes, elfClass, order)),
        OffsetField.Read(bytes, elfClass, order),
        SizeField.Read(bytes, elfClass, order),
        AlignField.Read(bytes, elfClass, order));

    /// <summary>Writes the section header; sh_link, sh_info and sh_entsize are 0.</summary>
    /// <param name="bytes">At least <see cref="HeaderSizeBytes"/> bytes.</param>
    /// <param name="elfClass">The class to write.</param>
    /// <param name="order">The byte order to write.</param>
    public void Write(Span<byte> bytes, ElfClass elfClass, ElfByteOrder order)
    {
        bytes[..HeaderSizeBytes(elfClass)].Clear();
        NameField.Write(bytes, elfClass, order, NameOffset);
        TypeField.Write(bytes, elfClass, order, Type);
        FlagsField.Write(bytes, elfClass, order, Flags);
        AddressField.Write(bytes, elfClass, order, Address.Value);
        OffsetField.Write(bytes, elfClass, order, Offset);
        SizeField.Write(bytes, elfClass, order, SizeBytes);
        AlignField.Write(bytes, elfClass, order, AlignBytes);
    }
}
