using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The start of a resource table.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   ver          1
///    4     4   num          entries; 0 is legal
///    8     8   reserved[2]  0
///   16  4*num  offset[num]  from the table's start to each entry, in any order, at any alignment, with gaps if you like
/// </code>
/// An entry is a 4-byte type and its payload right after. Byte order: the image's.
/// Source: include/linux/rsc_table.h, struct resource_table and struct fw_rsc_hdr.
/// </remarks>
/// <param name="Version">ver.</param>
/// <param name="EntryCount">num.</param>
/// <param name="Reserved0">reserved[0].</param>
/// <param name="Reserved1">reserved[1].</param>
public readonly record struct ResourceTableHeader(uint Version, uint EntryCount, uint Reserved0, uint Reserved1)
{
    /// <summary>Bytes before the offsets.</summary>
    public const int SizeBytes = 16;

    /// <summary>Bytes of one offset.</summary>
    public const int OffsetBytes = 4;

    /// <summary>Bytes of an entry's type, which its payload follows: struct fw_rsc_hdr.</summary>
    public const int EntryHeaderBytes = 4;

    /// <summary>The only version there is.</summary>
    public const uint SupportedVersion = 1;

    /// <summary>Offset of ver.</summary>
    public const int VersionOffset = 0;

    /// <summary>Offset of num.</summary>
    public const int EntryCountOffset = 4;

    /// <summary>Offset of reserved[0]; reserved[1] follows.</summary>
    public const int ReservedOffset = 8;

    /// <summary>Reads a header from at least <see cref="SizeBytes"/> bytes.</summary>
    public static ResourceTableHeader Read(ReadOnlySpan<byte> table, ElfByteOrder order) => new(
        WireOrder.ReadU32(table, VersionOffset, order),
        WireOrder.ReadU32(table, EntryCountOffset, order),
        WireOrder.ReadU32(table, ReservedOffset, order),
        WireOrder.ReadU32(table, ReservedOffset + 4, order));

    /// <summary>Writes the header to at least <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> table, ElfByteOrder order)
    {
        WireOrder.WriteU32(table, VersionOffset, order, Version);
        WireOrder.WriteU32(table, EntryCountOffset, order, EntryCount);
        WireOrder.WriteU32(table, ReservedOffset, order, Reserved0);
        WireOrder.WriteU32(table, ReservedOffset + 4, order, Reserved1);
    }

    /// <summary>Where offset[index] stands in the table.</summary>
    public static int EntryOffsetOffset(int index) => SizeBytes + (OffsetBytes * index);
}
