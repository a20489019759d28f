using System;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>One program header: a piece of the file and where the remote wants it.</summary>
/// <remarks>
/// <code>
/// ELF32       ELF64       field
/// off bytes   off bytes
///   0    4      0    4    p_type    only PT_LOAD (1) is loaded
///   4    4      8    8    p_offset  of the bytes in the file
///   8    4     16    8    p_vaddr   run address; remoteproc ignores it
///  12    4     24    8    p_paddr   load address: the device address remoteproc looks up
///  16    4     32    8    p_filesz  bytes taken from the file
///  20    4     40    8    p_memsz   bytes in memory; those beyond p_filesz are zeroed
///  24    4      4    4    p_flags   execute 1, write 2, read 4; remoteproc ignores them
///  28    4     48    8    p_align   remoteproc ignores it
/// </code>
/// Source: ELF gABI, chapter 5, Program Header.
/// </remarks>
/// <param name="Type">p_type.</param>
/// <param name="Flags">p_flags.</param>
/// <param name="Offset">p_offset, bytes from the file's start.</param>
/// <param name="VirtualAddress">p_vaddr.</param>
/// <param name="LoadAddress">p_paddr.</param>
/// <param name="FileSizeBytes">p_filesz.</param>
/// <param name="MemorySizeBytes">p_memsz.</param>
/// <param name="AlignBytes">p_align.</param>
public readonly record struct ElfProgramHeader(
    ElfSegmentType Type, uint Flags, ulong Offset, DeviceAddress VirtualAddress, DeviceAddress LoadAddress,
    ulong FileSizeBytes, ulong MemorySizeBytes, ulong AlignBytes)
{
    /// <summary>PF_X | PF_W | PF_R.</summary>
    public const uint FlagsReadWriteExecute = 7;

    /// <summary>p_type.</summary>
    public static readonly ElfField TypeField = new("p_type", 0, 4, 0, 4);
    /// <summary>p_offset.</summary>
    public static readonly ElfField OffsetField = new("p_offset", 4, 4, 8, 8);
    /// <summary>p_vaddr.</summary>
    public static readonly ElfField VirtualAddressField = new("p_vaddr", 8, 4, 16, 8);
    /// <summary>p_paddr.</summary>
    public static readonly ElfField LoadAddressField = new("p_paddr", 12, 4, 24, 8);
    /// <summary>p_filesz.</summary>
    public static readonly ElfField FileSizeField = new("p_filesz", 16, 4, 32, 8);
    /// <summary>p_memsz.</summary>
    public static readonly ElfField MemorySizeField = new("p_memsz", 20, 4, 40, 8);
    /// <summary>p_flags.</summary>
    public static readonly ElfField FlagsField = new("p_flags", 24, 4, 4, 4);
    /// <summary>p_align.</summary>
    public static readonly ElfField AlignField = new("p_align", 28, 4, 48, 8);

    /// <summary>Bytes of one program header: 32 or 56. The kernel uses these, whatever e_phentsize says.</summary>
    public static int HeaderSizeBytes(ElfClass elfClass) => elfClass == ElfClass.Elf64 ? 56 : 32;

    /// <summary>Reads a program header.</summary>
    /// <param name="bytes">At least <see cref="HeaderSizeBytes"/> bytes.</param>
    /// <param name="elfClass">The image's class.</param>
    /// <param name="order">The image's byte order.</param>
    public static ElfProgramHeader Read(ReadOnlySpan<byte> bytes, ElfClass elfClass, ElfByteOrder order) => new(
        (ElfSegmentType)TypeField.Read(bytes, elfClass, order),
        (uint)FlagsField.Read(bytes, elfClass, order),
        OffsetField.Read(bytes, elfClass, order),
        new DeviceAddress(VirtualAddressField.Read(bytes, elfClass, order)),
        new DeviceAddress(LoadAddressField.Read(bytes, elfClass, order)),
        FileSizeField.Read(bytes, elfClass, order),
        MemorySizeField.Read(bytes, elfClass, order),
        AlignField.Read(bytes, elfClass, order));

    /// <summary>Writes the program header; ELF32 keeps the low 32 bits of each address and size.</summary>
    /// <param name="bytes">At least <see cref="HeaderSizeBytes"/> bytes.</param>
    /// <param name="elfClass">The class to write.</param>
    /// <param name="order">The byte order to write.</param>
    public void Write(Span<byte> bytes, ElfClass elfClass, ElfByteOrder order)
    {
        TypeField.Write(bytes, elfClass, order, (uint)Type);
        FlagsField.Write(bytes, elfClass, order, Flags);
        OffsetField.Write(bytes, elfClass, order, Offset);
        VirtualAddressField.Write(bytes, elfClass, order, VirtualAddress.Value);
        LoadAddressField.Write(bytes, elfClass, order, LoadAddress.Value);
        FileSizeField.Write(bytes, elfClass, order, FileSizeBytes);
        MemorySizeField.Write(bytes, elfClass, order, MemorySizeBytes);
        AlignField.Write(bytes, elfClass, order, AlignBytes);
    }
}
