using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>Makes a resource table in memory: a sound one by default, a broken one where asked.</summary>
/// <remarks>
/// <code>
/// byte[] table = new ResourceTableBuilder()
///     .AddTrace("trace", da: 0x2000_0000, lengthBytes: 0x400)
///     .AddVdev(id: 7, deviceFeatures: 1, [new VdevVring(0xFFFFFFFF, 16, 16, 0), new VdevVring(0xFFFFFFFF, 16, 16, 1)])
///     .Build();
/// </code>
/// Entries follow the offset array in the order they were added, without gaps.
/// </remarks>
public sealed class ResourceTableBuilder
{
    private readonly List<byte[]> _entries = [];
    private readonly List<int> _gaps = [];
    private readonly Dictionary<int, uint> _wrongOffsets = [];
    private readonly ElfByteOrder _order;
    private ResourceTableHeader? _wrongHeader;

    /// <summary>Starts an empty table.</summary>
    /// <param name="order">Byte order of every field.</param>
    public ResourceTableBuilder(ElfByteOrder order = ElfByteOrder.Little) => _order = order;

    /// <summary>Entries added so far: the next one's index.</summary>
    public int EntryCount => _entries.Count;

    /// <summary>Adds a carveout.</summary>
    /// <param name="name">At most 32 characters.</param>
    /// <param name="da">Device address; 0xFFFFFFFF: the host may choose.</param>
    /// <param name="lengthBytes">Bytes.</param>
    /// <param name="pa">Physical address.</param>
    /// <param name="flags">IOMMU protection bits.</param>
    public ResourceTableBuilder AddCarveout(string name, uint da, uint lengthBytes, uint pa = 0, uint flags = 0)
    {
        byte[] payload = new byte[CarveoutEntry.SizeBytes];
        new CarveoutEntry(da, pa, lengthBytes, flags, 0, ResourceName.From(name)).Write(payload, _order);
        return AddRaw((uint)ResourceType.Carveout, payload);
    }

    /// <summary>Adds a devmem entry.</summary>
    /// <param name="name">At most 32 characters.</param>
    /// <param name="da">Device address.</param>
    /// <param name="pa">Physical address.</param>
    /// <param name="lengthBytes">Bytes.</param>
    /// <param name="flags">IOMMU protection bits.</param>
    public ResourceTableBuilder AddDevmem(string name, uint da, uint pa, uint lengthBytes, uint flags = 0)
    {
        byte[] payload = new byte[DevmemEntry.SizeBytes];
        new DevmemEntry(da, pa, lengthBytes, flags, 0, ResourceName.From(name)).Write(payload, _order);
        return AddRaw((uint)ResourceType.Devmem, payload);
    }

    /// <summary>Adds a trace buffer.</summary>
    /// <param name="name">At most 32 characters.</param>
    /// <param name="da">Device address.</param>
    /// <param name="lengthBytes">Bytes.</param>
    public ResourceTableBuilder AddTrace(string name, uint da, uint lengthBytes)
    {
        byte[] payload = new byte[TraceEntry.SizeBytes];
        new TraceEntry(da, lengthBytes, 0, ResourceName.From(name)).Write(payload, _order);
        return AddRaw((uint)ResourceType.Trace, payload);
    }

    /// <summary>Adds a vdev.</summary>
    /// <param name="id">Virtio device id.</param>
    /// <param name="deviceFeatures">dfeatures.</param>
    /// <param name="vrings">Its rings; more than two make a table the kernel refuses.</param>
    /// <param name="config">Its config space.</param>
    /// <param name="notifyId">The device's own id.</param>
    public ResourceTableBuilder AddVdev(
        uint id, uint deviceFeatures, ReadOnlySpan<VdevVring> vrings, ReadOnlySpan<byte> config = default, uint notifyId = 0)
    {
        VdevEntry vdev = new(id, notifyId, deviceFeatures, 0, (uint)config.Length, 0, checked((byte)vrings.Length), 0, 0);
        byte[] payload = new byte[vdev.PayloadBytes];
        vdev.Write(payload, _order);
        for (int i = 0; i < vrings.Length; i++) vrings[i].Write(payload.AsSpan(VdevEntry.VringOffset(i)), _order);
        config.CopyTo(payload.AsSpan(vdev.ConfigOffset));
        return AddRaw((uint)ResourceType.Vdev, payload);
    }

    /// <summary>Adds an entry of any type with these bytes after it.</summary>
    /// <param name="type">The first word.</param>
    /// <param name="payload">Copied as it is.</param>
    public ResourceTableBuilder AddRaw(uint type, ReadOnlySpan<byte> payload)
    {
        byte[] entry = new byte[ResourceTableHeader.EntryHeaderBytes + payload.Length];
        WireOrder.WriteU32(entry, 0, _order, type);
        payload.CopyTo(entry.AsSpan(ResourceTableHeader.EntryHeaderBytes));
        _entries.Add(entry);
        _gaps.Add(0);
        return this;
    }

    /// <summary>Leaves unused bytes before the entry added last, as some vendors' tables do.</summary>
    /// <param name="bytes">How many.</param>
    public ResourceTableBuilder WithGap(int bytes)
    {
        _gaps[^1] = bytes;
        return this;
    }

    /// <summary>Lies about where an entry is.</summary>
    /// <param name="index">The entry.</param>
    /// <param name="offset">What its slot in the offset array says.</param>
    public ResourceTableBuilder WithOffset(int index, uint offset)
    {
        _wrongOffsets[index] = offset;
        return this;
    }

    /// <summary>Lies in the header. The offsets are laid out for the true number of entries all the same.</summary>
    /// <param name="header">What the header says.</param>
    public ResourceTableBuilder WithHeader(ResourceTableHeader header)
    {
        _wrongHeader = header;
        return this;
    }

    /// <summary>Makes the table.</summary>
    public byte[] Build()
    {
        int size = ResourceTableHeader.EntryOffsetOffset(_entries.Count);
        for (int i = 0; i < _entries.Count; i++) size += _gaps[i] + _entries[i].Length;

        byte[] table = new byte[size];
        ResourceTableHeader header = _wrongHeader ?? new(ResourceTableHeader.SupportedVersion, (uint)_entries.Count, 0, 0);
        header.Write(table, _order);
        int next = ResourceTableHeader.EntryOffsetOffset(_entries.Count);
        for (int i = 0; i < _entries.Count; i++)
        {
            next += _gaps[i];
            uint offset = _wrongOffsets.TryGetValue(i, out uint wrong) ? wrong : (uint)next;
            WireOrder.WriteU32(table, ResourceTableHeader.EntryOffsetOffset(i), _order, offset);
            _entries[i].CopyTo(table, next);
            next += _entries[i].Length;
        }

        return table;
    }
}
