using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>One ring of a vdev: numbers about it, no ring.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     4   da        where the remote sees the ring; 0xFFFFFFFF: the host may choose, or has not published it yet
///    4     4   align     alignment of the used ring, bytes; a power of two, not checked by the kernel
///    8     4   num       descriptors; a power of two, not checked by the kernel
///   12     4   notifyid  Linux replaces it by the lowest free id of the processor
///   16     4   pa        named reserved, and required to be 0, up to about v4.8
/// </code>
/// Offsets are within the ring's 20 bytes. Byte order: the image's. The host writes da and notifyid back.
/// Source: include/linux/rsc_table.h, struct fw_rsc_vdev_vring.
/// </remarks>
/// <param name="Da">Device address of the ring.</param>
/// <param name="AlignBytes">Alignment of the used ring.</param>
/// <param name="Num">Descriptors.</param>
/// <param name="NotifyId">The id a kick of this ring carries.</param>
/// <param name="Pa">Physical address.</param>
public readonly record struct VdevVring(uint Da, uint AlignBytes, uint Num, uint NotifyId, uint Pa = 0)
{
    /// <summary>Bytes of one ring's description.</summary>
    public const int SizeBytes = 20;

    /// <summary>Offset of da.</summary>
    public const int DaOffset = 0;

    /// <summary>Offset of align.</summary>
    public const int AlignOffset = 4;

    /// <summary>Offset of num.</summary>
    public const int NumOffset = 8;

    /// <summary>Offset of notifyid.</summary>
    public const int NotifyIdOffset = 12;

    /// <summary>Offset of pa.</summary>
    public const int PaOffset = 16;

    /// <summary>Reads a ring's description from at least <see cref="SizeBytes"/> bytes.</summary>
    public static VdevVring Read(ReadOnlySpan<byte> bytes, ElfByteOrder order) => new(
        WireOrder.ReadU32(bytes, DaOffset, order),
        WireOrder.ReadU32(bytes, AlignOffset, order),
        WireOrder.ReadU32(bytes, NumOffset, order),
        WireOrder.ReadU32(bytes, NotifyIdOffset, order),
        WireOrder.ReadU32(bytes, PaOffset, order));

    /// <summary>Writes the description to at least <see cref="SizeBytes"/> bytes.</summary>
    public void Write(Span<byte> bytes, ElfByteOrder order)
    {
        WireOrder.WriteU32(bytes, DaOffset, order, Da);
        WireOrder.WriteU32(bytes, AlignOffset, order, AlignBytes);
        WireOrder.WriteU32(bytes, NumOffset, order, Num);
        WireOrder.WriteU32(bytes, NotifyIdOffset, order, NotifyId);
        WireOrder.WriteU32(bytes, PaOffset, order, Pa);
    }
}
