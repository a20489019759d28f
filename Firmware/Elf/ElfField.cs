using System;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>One field of an ELF structure: its name and its place in both classes.</summary>
/// <remarks>
/// The kernel reads both classes through one set of accessors that widen to 64 bits; so do we, and the same row of numbers that reads a
/// field also writes it and says where a fault lies. Source: drivers/remoteproc/remoteproc_elf_helpers.h (the idea), ELF gABI (the
/// numbers).
/// </remarks>
/// <param name="Name">The gABI's name, <c>e_shoff</c>.</param>
/// <param name="Offset32">Byte offset in the ELF32 structure.</param>
/// <param name="Bytes32">Width in the ELF32 structure: 1, 2, 4 or 8 bytes.</param>
/// <param name="Offset64">Byte offset in the ELF64 structure.</param>
/// <param name="Bytes64">Width in the ELF64 structure: 1, 2, 4 or 8 bytes.</param>
public readonly record struct ElfField(string Name, byte Offset32, byte Bytes32, byte Offset64, byte Bytes64)
{
    /// <summary>Byte offset within the structure.</summary>
    public int OffsetIn(ElfClass elfClass) => elfClass == ElfClass.Elf64 ? Offset64 : Offset32;

    /// <summary>Width in bytes.</summary>
    public int BytesIn(ElfClass elfClass) => elfClass == ElfClass.Elf64 ? Bytes64 : Bytes32;

    /// <summary>Reads the field, zero-extended.</summary>
    /// <param name="structure">The structure's bytes from its first on.</param>
    /// <param name="elfClass">The image's class.</param>
    /// <param name="order">The image's byte order.</param>
    public ulong Read(ReadOnlySpan<byte> structure, ElfClass elfClass, ElfByteOrder order)
    {
        int offset = OffsetIn(elfClass);
        return BytesIn(elfClass) switch
        {
            1 => structure[offset],
            2 => WireOrder.ReadU16(structure, offset, order),
            4 => WireOrder.ReadU32(structure, offset, order),
            _ => WireOrder.ReadU64(structure, offset, order),
        };
    }

    /// <summary>Writes the field; bits that do not fit its width are dropped, as a C assignment drops them.</summary>
    /// <param name="structure">The structure's bytes from its first on.</param>
    /// <param name="elfClass">The image's class.</param>
    /// <param name="order">The image's byte order.</param>
    /// <param name="value">The value.</param>
    public void Write(Span<byte> structure, ElfClass elfClass, ElfByteOrder order, ulong value)
    {
        int offset = OffsetIn(elfClass);
        switch (BytesIn(elfClass))
        {
            case 1: structure[offset] = (byte)value; break;
            case 2: WireOrder.WriteU16(structure, offset, order, (ushort)value); break;
            case 4: WireOrder.WriteU32(structure, offset, order, (uint)value); break;
            default: WireOrder.WriteU64(structure, offset, order, value); break;
        }
    }
}
