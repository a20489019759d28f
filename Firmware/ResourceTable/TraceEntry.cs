using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>A buffer in the remote's memory that it logs text to.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   da        where the buffer is; looked up when it is read
///    4     4   len       bytes
///    8     4   reserved  0
///   12    32   name
/// </code>
/// Offsets are within the payload. Byte order: the image's. The host writes nothing back.
/// Source: include/linux/rsc_table.h, struct fw_rsc_trace.
/// </remarks>
/// <param name="Da">Device address of the buffer.</param>
/// <param name="LengthBytes">Bytes of the buffer.</param>
/// <param name="Reserved">0, or the kernel refuses.</param>
/// <param name="Name">For people only; the file is called trace0, trace1, ...</param>
public readonly record struct TraceEntry(uint Da, uint LengthBytes, uint Reserved, ResourceName Name)
{
    /// <summary>Bytes of the payload.</summary>
    public const int SizeBytes = 44;

    /// <summary>Offset of da.</summary>
    public const int DaOffset = 0;

    /// <summary>Offset of len.</summary>
    public const int LengthOffset = 4;

    /// <summary>Offset of reserved.</summary>
    public const int ReservedOffset = 8;

    /// <summary>Offset of name.</summary>
    public const int NameOffset = 12;

    /// <summary>Reads a payload of at least <see cref="SizeBytes"/> bytes.</summary>
    public static TraceEntry Read(ReadOnlySpan<byte> payload, ElfByteOrder order) => new(
        WireOrder.ReadU32(payload, DaOffset, order),
        WireOrder.ReadU32(payload, LengthOffset, order),
        WireOrder.ReadU32(payload, ReservedOffset, order),
        ResourceName.Read(payload[NameOffset..]));

    /// <summary>Writes the payload to at least <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> payload, ElfByteOrder order)
    {
        WireOrder.WriteU32(payload, DaOffset, order, Da);
        WireOrder.WriteU32(payload, LengthOffset, order, LengthBytes);
        WireOrder.WriteU32(payload, ReservedOffset, order, Reserved);
        Name.CopyTo(payload[NameOffset..]);
    }
}
