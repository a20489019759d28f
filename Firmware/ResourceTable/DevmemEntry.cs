using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>A request to map a peripheral into the processor's IOMMU. A processor without one refuses it.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   da        where the remote will see the peripheral
///    4     4   pa        where the peripheral is on the bus
///    8     4   len       bytes
///   12     4   flags     IOMMU protection bits
///   16     4   reserved  0
///   20    32   name
/// </code>
/// Offsets are within the payload. Byte order: the image's. The host writes nothing back.
/// Source: include/linux/rsc_table.h, struct fw_rsc_devmem.
/// </remarks>
/// <param name="Da">Device address: where the remote will see the peripheral.</param>
/// <param name="Pa">Physical address: where the peripheral is on the bus.</param>
/// <param name="LengthBytes">Bytes.</param>
/// <param name="Flags">IOMMU protection bits.</param>
/// <param name="Reserved">0, or the kernel refuses.</param>
/// <param name="Name">For people, and to find the entry in a log.</param>
public readonly record struct DevmemEntry(uint Da, uint Pa, uint LengthBytes, uint Flags, uint Reserved, ResourceName Name)
{
    /// <summary>Bytes of the payload.</summary>
    public const int SizeBytes = 52;

    /// <summary>Offset of da.</summary>
    public const int DaOffset = 0;

    /// <summary>Offset of pa.</summary>
    public const int PaOffset = 4;

    /// <summary>Offset of len.</summary>
    public const int LengthOffset = 8;

    /// <summary>Offset of flags.</summary>
    public const int FlagsOffset = 12;

    /// <summary>Offset of reserved.</summary>
    public const int ReservedOffset = 16;

    /// <summary>Offset of name.</summary>
    public const int NameOffset = 20;

    /// <summary>Reads a payload of at least <see cref="SizeBytes"/> bytes.</summary>
    public static DevmemEntry Read(ReadOnlySpan<byte> payload, ElfByteOrder order) => new(
        WireOrder.ReadU32(payload, DaOffset, order),
        WireOrder.ReadU32(payload, PaOffset, order),
        WireOrder.ReadU32(payload, LengthOffset, order),
        WireOrder.ReadU32(payload, FlagsOffset, order),
        WireOrder.ReadU32(payload, ReservedOffset, order),
        ResourceName.Read(payload[NameOffset..]));

    /// <summary>Writes the payload to at least <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> payload, ElfByteOrder order)
    {
        WireOrder.WriteU32(payload, DaOffset, order, Da);
        WireOrder.WriteU32(payload, PaOffset, order, Pa);
        WireOrder.WriteU32(payload, LengthOffset, order, LengthBytes);
        WireOrder.WriteU32(payload, FlagsOffset, order, Flags);
        WireOrder.WriteU32(payload, ReservedOffset, order, Reserved);
        Name.CopyTo(payload[NameOffset..]);
    }
}
