using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>A virtio device that the remote implements; its rings and its config space follow.</summary>
/// <remarks>
/// <code>
/// offset  bytes field
///    0      4   id             virtio device id: 1 net, 7 rpmsg, ...
///    4      4   notifyid       of the device itself; unused by Linux
///    8      4   dfeatures      what the remote offers
///   12      4   gfeatures      what the host's driver accepted; the host writes it
///   16      4   config_len     bytes of config space
///   20      1   status         virtio status; the host writes it, the remote is not kicked
///   21      1   num_of_vrings  0 to 2
///   22      2   reserved[2]    0
///   24   20*n   vring[n]       see VdevVring
/// 24+20n  len   config space
/// </code>
/// Offsets are within the payload. Byte order: the image's. Source: include/linux/rsc_table.h, struct fw_rsc_vdev.
/// </remarks>
/// <param name="Id">Virtio device id.</param>
/// <param name="NotifyId">The device's own id; Linux neither reads nor assigns it.</param>
/// <param name="DeviceFeatures">dfeatures, bits 0 to 31.</param>
/// <param name="GuestFeatures">gfeatures, bits 0 to 31.</param>
/// <param name="ConfigLengthBytes">config_len.</param>
/// <param name="Status">Virtio status.</param>
/// <param name="VringCount">num_of_vrings.</param>
/// <param name="Reserved0">reserved[0]: 0, or the kernel refuses.</param>
/// <param name="Reserved1">reserved[1]: 0, or the kernel refuses.</param>
public readonly record struct VdevEntry(
    uint Id, uint NotifyId, uint DeviceFeatures, uint GuestFeatures, uint ConfigLengthBytes,
    byte Status, byte VringCount, byte Reserved0, byte Reserved1)
{
    /// <summary>Bytes before the rings.</summary>
    public const int FixedBytes = 24;

    /// <summary>Rings a vdev may have: RVDEV_NUM_VRINGS.</summary>
    public const int MaxVrings = 2;

    /// <summary>Offset of id.</summary>
    public const int IdOffset = 0;

    /// <summary>Offset of notifyid.</summary>
    public const int NotifyIdOffset = 4;

    /// <summary>Offset of dfeatures.</summary>
    public const int DeviceFeaturesOffset = 8;

    /// <summary>Offset of gfeatures.</summary>
    public const int GuestFeaturesOffset = 12;

    /// <summary>Offset of config_len.</summary>
    public const int ConfigLengthOffset = 16;

    /// <summary>Offset of status.</summary>
    public const int StatusOffset = 20;

    /// <summary>Offset of num_of_vrings.</summary>
    public const int VringCountOffset = 21;

    /// <summary>Offset of reserved[0]; reserved[1] follows.</summary>
    public const int ReservedOffset = 22;

    /// <summary>Offset of vring[index].</summary>
    public static int VringOffset(int index) => FixedBytes + (VdevVring.SizeBytes * index);

    /// <summary>Offset of the config space.</summary>
    public int ConfigOffset => VringOffset(VringCount);

    /// <summary>Bytes of the whole payload: 24 + 20 * num_of_vrings + config_len; it cannot overflow 64 bits.</summary>
    public ulong PayloadBytes => (ulong)ConfigOffset + ConfigLengthBytes;

    /// <summary>Reads the fixed part from at least <see cref="FixedBytes"/> bytes.</summary>
    public static VdevEntry Read(ReadOnlySpan<byte> payload, ElfByteOrder order) => new(
        WireOrder.ReadU32(payload, IdOffset, order),
        WireOrder.ReadU32(payload, NotifyIdOffset, order),
        WireOrder.ReadU32(payload, DeviceFeaturesOffset, order),
        WireOrder.ReadU32(payload, GuestFeaturesOffset, order),
        WireOrder.ReadU32(payload, ConfigLengthOffset, order),
        payload[StatusOffset],
        payload[VringCountOffset],
        payload[ReservedOffset],
        payload[ReservedOffset + 1]);

    /// <summary>Writes the fixed part to at least <see cref="FixedBytes"/> bytes.</summary>
    public void Write(Span<byte> payload, ElfByteOrder order)
    {
        WireOrder.WriteU32(payload, IdOffset, order, Id);
        WireOrder.WriteU32(payload, NotifyIdOffset, order, NotifyId);
        WireOrder.WriteU32(payload, DeviceFeaturesOffset, order, DeviceFeatures);
        WireOrder.WriteU32(payload, GuestFeaturesOffset, order, GuestFeatures);
        WireOrder.WriteU32(payload, ConfigLengthOffset, order, ConfigLengthBytes);
        payload[StatusOffset] = Status;
        payload[VringCountOffset] = VringCount;
        payload[ReservedOffset] = Reserved0;
        payload[ReservedOffset + 1] = Reserved1;
    }
}
