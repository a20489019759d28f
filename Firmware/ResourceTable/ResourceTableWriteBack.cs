using System;
using System.Buffers.Binary;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>The fields of a table in effect that the host reads and writes while it works: in place, little-endian, one word
/// each.</summary>
/// <remarks>
/// <c>table</c> is the whole table in effect, <c>payloadOffset</c> is <see cref="ResourceEntry.PayloadOffset"/> of an entry that a reader
/// has judged; an offset outside the table is the caller's mistake and throws. Who reads: the remote, at any time, in the loaded table. A
/// word is one aligned store where the table is aligned; the kernel promises no more.
/// Source: drivers/remoteproc/remoteproc_core.c, rproc_alloc_registered_carveouts, rproc_parse_vring, rproc_free_vring;
/// remoteproc_virtio.c.
/// </remarks>
public static class ResourceTableWriteBack
{
    /// <summary>Tells the remote where its carveout is.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The carveout's payload.</param>
    /// <param name="da">Device address, low 32 bits.</param>
    /// <param name="pa">Physical address, low 32 bits.</param>
    /// <param name="lengthBytes">Bytes.</param>
    public static void SetCarveout(Span<byte> table, int payloadOffset, uint da, uint pa, uint lengthBytes)
    {
        Span<byte> payload = table.Slice(payloadOffset, CarveoutEntry.SizeBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[CarveoutEntry.DaOffset..], da);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[CarveoutEntry.PaOffset..], pa);
        BinaryPrimitives.WriteUInt32LittleEndian(payload[CarveoutEntry.LengthOffset..], lengthBytes);
    }

    /// <summary>Publishes a ring's device address; 0 when it is freed.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="index">The ring, 0 or 1.</param>
    /// <param name="da">Device address, low 32 bits.</param>
    public static void SetVringDa(Span<byte> table, int payloadOffset, int index, uint da) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Vring(table, payloadOffset, index)[VdevVring.DaOffset..], da);

    /// <summary>Gives a ring its notifyid; 0xFFFFFFFF when it is freed.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="index">The ring, 0 or 1.</param>
    /// <param name="notifyId">The id.</param>
    public static void SetVringNotifyId(Span<byte> table, int payloadOffset, int index, uint notifyId) =>
        BinaryPrimitives.WriteUInt32LittleEndian(Vring(table, payloadOffset, index)[VdevVring.NotifyIdOffset..], notifyId);

    /// <summary>A ring's numbers as they stand now, unjudged.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="index">The ring, 0 or 1.</param>
    public static VdevVring GetVring(ReadOnlySpan<byte> table, int payloadOffset, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)VdevEntry.MaxVrings, nameof(index));
        return VdevVring.Read(table.Slice(payloadOffset + VdevEntry.VringOffset(index), VdevVring.SizeBytes), ElfByteOrder.Little);
    }

    /// <summary>The features the remote offers: rproc_virtio_get_features.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    public static uint GetDeviceFeatures(ReadOnlySpan<byte> table, int payloadOffset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Vdev(table, payloadOffset)[VdevEntry.DeviceFeaturesOffset..]);

    /// <summary>The features the host's driver accepted.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    public static uint GetGuestFeatures(ReadOnlySpan<byte> table, int payloadOffset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(Vdev(table, payloadOffset)[VdevEntry.GuestFeaturesOffset..]);

    /// <summary>Publishes the features the host's driver accepted: rproc_virtio_finalize_features.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="features">Bits 0 to 31.</param>
    public static void SetGuestFeatures(Span<byte> table, int payloadOffset, uint features) =>
        BinaryPrimitives.WriteUInt32LittleEndian(table.Slice(payloadOffset, VdevEntry.FixedBytes)[VdevEntry.GuestFeaturesOffset..],
            features);

    /// <summary>The virtio status: rproc_virtio_get_status.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    public static byte GetStatus(ReadOnlySpan<byte> table, int payloadOffset) => Vdev(table, payloadOffset)[VdevEntry.StatusOffset];

    /// <summary>Writes the virtio status; the remote is not told: rproc_virtio_set_status.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="status">The whole status byte.</param>
    public static void SetStatus(Span<byte> table, int payloadOffset, byte status) =>
        table.Slice(payloadOffset, VdevEntry.FixedBytes)[VdevEntry.StatusOffset] = status;

    /// <summary>Reads config space: rproc_virtio_get.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="offset">First byte within the config space.</param>
    /// <param name="into">Filled whole; left unchanged unless Ok.</param>
    /// <returns>Ok or ConfigOutOfRange; the kernel only logs that.</returns>
    public static ResourceTableStatus TryReadConfig(ReadOnlySpan<byte> table, int payloadOffset, uint offset, Span<byte> into)
    {
        int start = FindConfig(table, payloadOffset, offset, into.Length);
        if (start < 0) return ResourceTableStatus.ConfigOutOfRange;
        table.Slice(start, into.Length).CopyTo(into);
        return ResourceTableStatus.Ok;
    }

    /// <summary>Writes config space: rproc_virtio_set.</summary>
    /// <param name="table">The table in effect.</param>
    /// <param name="payloadOffset">The vdev's payload.</param>
    /// <param name="offset">First byte within the config space.</param>
    /// <param name="from">Copied whole; nothing is written unless Ok.</param>
    /// <returns>Ok or ConfigOutOfRange; the kernel only logs that.</returns>
    public static ResourceTableStatus TryWriteConfig(Span<byte> table, int payloadOffset, uint offset, ReadOnlySpan<byte> from)
    {
        int start = FindConfig(table, payloadOffset, offset, from.Length);
        if (start < 0) return ResourceTableStatus.ConfigOutOfRange;
        from.CopyTo(table.Slice(start, from.Length));
        return ResourceTableStatus.Ok;
    }

    private static ReadOnlySpan<byte> Vdev(ReadOnlySpan<byte> table, int payloadOffset) => table.Slice(payloadOffset, VdevEntry.FixedBytes);

    private static Span<byte> Vring(Span<byte> table, int payloadOffset, int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)VdevEntry.MaxVrings, nameof(index));
        return table.Slice(payloadOffset + VdevEntry.VringOffset(index), VdevVring.SizeBytes);
    }

    // num_of_vrings and config_len may have changed under us since they were judged: the table's end bounds them anew.
    private static int FindConfig(ReadOnlySpan<byte> table, int payloadOffset, uint offset, int lengthBytes)
    {
        VdevEntry vdev = VdevEntry.Read(Vdev(table, payloadOffset), ElfByteOrder.Little);
        ulong start = (ulong)payloadOffset + (ulong)vdev.ConfigOffset + offset;
        bool inside = (ulong)offset + (ulong)lengthBytes <= vdev.ConfigLengthBytes && start + (ulong)lengthBytes <= (ulong)table.Length;
        return inside ? (int)start : -1;
    }
}
