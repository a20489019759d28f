using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Firmware.Elf;

/// <summary>Integers of an image, in the image's own byte order. The callers have checked the bounds; a slice still does.</summary>
internal static class WireOrder
{
    internal static ushort ReadU16(ReadOnlySpan<byte> bytes, int offset, ElfByteOrder order) => order == ElfByteOrder.Little
        ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..])
        : BinaryPrimitives.ReadUInt16BigEndian(bytes[offset..]);

    internal static uint ReadU32(ReadOnlySpan<byte> bytes, int offset, ElfByteOrder order) => order == ElfByteOrder.Little
        ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..])
        : BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

    internal static ulong ReadU64(ReadOnlySpan<byte> bytes, int offset, ElfByteOrder order) => order == ElfByteOrder.Little
        ? BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..])
        : BinaryPrimitives.ReadUInt64BigEndian(bytes[offset..]);

    internal static void WriteU16(Span<byte> bytes, int offset, ElfByteOrder order, ushort value)
    {
        if (order == ElfByteOrder.Little) BinaryPrimitives.WriteUInt16LittleEndian(bytes[offset..], value);
        else BinaryPrimitives.WriteUInt16BigEndian(bytes[offset..], value);
    }

    internal static void WriteU32(Span<byte> bytes, int offset, ElfByteOrder order, uint value)
    {
        if (order == ElfByteOrder.Little) BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], value);
        else BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], value);
    }

    internal static void WriteU64(Span<byte> bytes, int offset, ElfByteOrder order, ulong value)
    {
        if (order == ElfByteOrder.Little) BinaryPrimitives.WriteUInt64LittleEndian(bytes[offset..], value);
        else BinaryPrimitives.WriteUInt64BigEndian(bytes[offset..], value);
    }
}
