using System;
using RemoteprocEmu.Firmware.Elf;

namespace RemoteprocEmu.Firmware.ResourceTable;

/// <summary>Reads a resource table: each entry in table order, each payload after its checks, nothing outside the table.</summary>
/// <remarks>
/// <code>
/// ResourceTableStatus status = ResourceTableReader.TryOpen(bytes, out ResourceTableReader table);
/// for (int i = 0; status == ResourceTableStatus.Ok &amp;&amp; i &lt; table.EntryCount; i++)
/// {
///     status = table.TryGetEntry(i, out ResourceEntry entry);
///     if (status != ResourceTableStatus.Ok) break;
///     if (entry.Type == ResourceType.Vdev) status = table.TryReadVdev(entry, out VdevEntry vdev);
/// }
/// </code>
/// A view for the length of one pass; it owns and allocates nothing. Trust: the table may lie in memory that a running remote writes to
/// (attach); each field is read once into a value, the value is checked, and the value is what the caller gets.
/// </remarks>
public readonly ref struct ResourceTableReader
{
    private readonly ReadOnlySpan<byte> _table;
    private readonly ElfByteOrder _order;

    private ResourceTableReader(ReadOnlySpan<byte> table, ElfByteOrder order, ResourceTableHeader header)
    {
        _table = table;
        _order = order;
        Header = header;
    }

    /// <summary>The header, as it stood when the table was opened.</summary>
    public ResourceTableHeader Header { get; }

    /// <summary>Entries; their offsets lie within the table.</summary>
    public int EntryCount => (int)Header.EntryCount;

    /// <summary>Opens a little-endian table: see the other overload.</summary>
    /// <param name="table">The whole table, no more.</param>
    /// <param name="reader">The reader; a default value, without entries, unless Ok.</param>
    /// <returns>Ok, or the first check that failed.</returns>
    public static ResourceTableStatus TryOpen(ReadOnlySpan<byte> table, out ResourceTableReader reader) =>
        TryOpen(table, ElfByteOrder.Little, out reader);

    /// <summary>Opens a table: size, version, reserved words, room for the offsets, in the kernel's order.</summary>
    /// <remarks>Models the table's part of find_table, drivers/remoteproc/remoteproc_elf_loader.c.</remarks>
    /// <param name="table">The whole table, no more.</param>
    /// <param name="order">Its byte order; big for a dump only.</param>
    /// <param name="reader">The reader; a default value, without entries, unless Ok.</param>
    /// <returns>Ok, ShorterThanHeader, UnsupportedVersion, ReservedNotZero or OffsetsTruncated.</returns>
    public static ResourceTableStatus TryOpen(ReadOnlySpan<byte> table, ElfByteOrder order, out ResourceTableReader reader)
    {
        reader = default;
        if (table.Length < ResourceTableHeader.SizeBytes) return ResourceTableStatus.ShorterThanHeader;

        ResourceTableHeader header = ResourceTableHeader.Read(table, order);
        if (header.Version != ResourceTableHeader.SupportedVersion) return ResourceTableStatus.UnsupportedVersion;
        if (header.Reserved0 != 0 || header.Reserved1 != 0) return ResourceTableStatus.ReservedNotZero;
        ulong offsetsEnd = ResourceTableHeader.SizeBytes + ((ulong)ResourceTableHeader.OffsetBytes * header.EntryCount);
        if (offsetsEnd > (ulong)table.Length) return ResourceTableStatus.OffsetsTruncated;

        reader = new ResourceTableReader(table, order, header);
        return ResourceTableStatus.Ok;
    }

    /// <summary>Reads on although the header is broken; its offsets lie within the table. For the checker only.</summary>
    internal static ResourceTableReader Unjudged(ReadOnlySpan<byte> table, ElfByteOrder order, ResourceTableHeader header) =>
        new(table, order, header);

    /// <summary>Finds an entry.</summary>
    /// <remarks>Models the walk of rsc_table_for_each_entry, drivers/remoteproc/remoteproc_core.c (v6.12).</remarks>
    /// <param name="index">The entry, below <see cref="EntryCount"/>.</param>
    /// <param name="entry">Where it is; a default value unless Ok.</param>
    /// <returns>Ok, OffsetInHeader or OffsetPastEnd. The kernel stops at the first entry that is not Ok.</returns>
    public ResourceTableStatus TryGetEntry(int index, out ResourceEntry entry)
    {
        entry = default;
        uint offset = OffsetOf(index);
        if (offset < ResourceTableHeader.SizeBytes) return ResourceTableStatus.OffsetInHeader;
        if ((ulong)offset + ResourceTableHeader.EntryHeaderBytes > (ulong)_table.Length) return ResourceTableStatus.OffsetPastEnd;

        ResourceType type = (ResourceType)WireOrder.ReadU32(_table, (int)offset, _order);
        entry = new ResourceEntry(index, type, (int)offset, _table.Length - (int)offset - ResourceTableHeader.EntryHeaderBytes);
        return ResourceTableStatus.Ok;
    }

    /// <summary>The offset array's value for an entry, unjudged.</summary>
    /// <param name="index">The entry, below <see cref="EntryCount"/>.</param>
    public uint OffsetOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)EntryCount, nameof(index));
        return WireOrder.ReadU32(_table, ResourceTableHeader.EntryOffsetOffset(index), _order);
    }

    /// <summary>Reads a carveout.</summary>
    /// <remarks>Models the format checks of rproc_handle_carveout.</remarks>
    /// <param name="entry">An entry of type <see cref="ResourceType.Carveout"/>.</param>
    /// <param name="carveout">Its payload; a default value if EntryTruncated.</param>
    /// <returns>Ok, EntryTruncated or EntryReservedNotZero.</returns>
    public ResourceTableStatus TryReadCarveout(in ResourceEntry entry, out CarveoutEntry carveout)
    {
        carveout = default;
        ReadOnlySpan<byte> payload = PayloadOf(entry, ResourceType.Carveout);
        if (payload.Length < CarveoutEntry.SizeBytes) return ResourceTableStatus.EntryTruncated;
        carveout = CarveoutEntry.Read(payload, _order);
        return carveout.Reserved == 0 ? ResourceTableStatus.Ok : ResourceTableStatus.EntryReservedNotZero;
    }

    /// <summary>Reads a devmem entry. Whether the processor has an IOMMU domain is asked before, by the caller.</summary>
    /// <remarks>Models the format checks of rproc_handle_devmem.</remarks>
    /// <param name="entry">An entry of type <see cref="ResourceType.Devmem"/>.</param>
    /// <param name="devmem">Its payload; a default value if EntryTruncated.</param>
    /// <returns>Ok, EntryTruncated or EntryReservedNotZero.</returns>
    public ResourceTableStatus TryReadDevmem(in ResourceEntry entry, out DevmemEntry devmem)
    {
        devmem = default;
        ReadOnlySpan<byte> payload = PayloadOf(entry, ResourceType.Devmem);
        if (payload.Length < DevmemEntry.SizeBytes) return ResourceTableStatus.EntryTruncated;
        devmem = DevmemEntry.Read(payload, _order);
        return devmem.Reserved == 0 ? ResourceTableStatus.Ok : ResourceTableStatus.EntryReservedNotZero;
    }

    /// <summary>Reads a trace entry.</summary>
    /// <remarks>Models the format checks of rproc_handle_trace.</remarks>
    /// <param name="entry">An entry of type <see cref="ResourceType.Trace"/>.</param>
    /// <param name="trace">Its payload; a default value if EntryTruncated.</param>
    /// <returns>Ok, EntryTruncated or EntryReservedNotZero.</returns>
    public ResourceTableStatus TryReadTrace(in ResourceEntry entry, out TraceEntry trace)
    {
        trace = default;
        ReadOnlySpan<byte> payload = PayloadOf(entry, ResourceType.Trace);
        if (payload.Length < TraceEntry.SizeBytes) return ResourceTableStatus.EntryTruncated;
        trace = TraceEntry.Read(payload, _order);
        return trace.Reserved == 0 ? ResourceTableStatus.Ok : ResourceTableStatus.EntryReservedNotZero;
    }

    /// <summary>Reads a vdev's fixed part and judges the whole: size with rings and config space, reserved, number of rings.</summary>
    /// <remarks>Models the checks of rproc_handle_vdev; its sum cannot overflow (commit 7d7f8fe4e399). The rings' own numbers are judged
    /// later.</remarks>
    /// <param name="entry">An entry of type <see cref="ResourceType.Vdev"/>.</param>
    /// <param name="vdev">Its fixed part; a default value if even that is cut short.</param>
    /// <returns>Ok, EntryTruncated, EntryReservedNotZero or TooManyVrings.</returns>
    public ResourceTableStatus TryReadVdev(in ResourceEntry entry, out VdevEntry vdev)
    {
        vdev = default;
        ReadOnlySpan<byte> payload = PayloadOf(entry, ResourceType.Vdev);
        if (payload.Length < VdevEntry.FixedBytes) return ResourceTableStatus.EntryTruncated;
        vdev = VdevEntry.Read(payload, _order);
        if (vdev.PayloadBytes > (ulong)payload.Length) return ResourceTableStatus.EntryTruncated;
        if (vdev.Reserved0 != 0 || vdev.Reserved1 != 0) return ResourceTableStatus.EntryReservedNotZero;
        return vdev.VringCount > VdevEntry.MaxVrings ? ResourceTableStatus.TooManyVrings : ResourceTableStatus.Ok;
    }

    /// <summary>Reads one ring of a vdev.</summary>
    /// <remarks>Models the check of rproc_parse_vring. Since v6.1 the kernel loses its refusal: the boot goes on without that
    /// vdev.</remarks>
    /// <param name="entry">The vdev's entry.</param>
    /// <param name="vdev">What <see cref="TryReadVdev"/> gave.</param>
    /// <param name="index">The ring, below num_of_vrings.</param>
    /// <param name="vring">Its numbers; a default value if EntryTruncated.</param>
    /// <returns>Ok, EntryTruncated (only if the vdev was), VringNumZero or VringAlignZero.</returns>
    public ResourceTableStatus TryReadVring(in ResourceEntry entry, in VdevEntry vdev, int index, out VdevVring vring)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, vdev.VringCount, nameof(index));
        vring = default;
        ReadOnlySpan<byte> payload = PayloadOf(entry, ResourceType.Vdev);
        int offset = VdevEntry.VringOffset(index);
        if (payload.Length < offset + VdevVring.SizeBytes) return ResourceTableStatus.EntryTruncated;
        vring = VdevVring.Read(payload[offset..], _order);
        if (vring.Num == 0) return ResourceTableStatus.VringNumZero;
        return vring.AlignBytes == 0 ? ResourceTableStatus.VringAlignZero : ResourceTableStatus.Ok;
    }

    /// <summary>The config space of a vdev, as far as the table reaches.</summary>
    /// <param name="entry">The vdev's entry.</param>
    /// <param name="vdev">What <see cref="TryReadVdev"/> gave.</param>
    public ReadOnlySpan<byte> ConfigSpace(in ResourceEntry entry, in VdevEntry vdev)
    {
        ReadOnlySpan<byte> payload = PayloadOf(entry, ResourceType.Vdev);
        if (payload.Length <= vdev.ConfigOffset) return default;
        payload = payload[vdev.ConfigOffset..];
        return payload[..(int)Math.Min((uint)payload.Length, vdev.ConfigLengthBytes)];
    }

    /// <summary>The bytes of any entry after its type, up to the end of the table: what a vendor's <c>handle_rsc</c> is given.</summary>
    public ReadOnlySpan<byte> Payload(in ResourceEntry entry) => _table.Slice(entry.PayloadOffset, entry.AvailableBytes);

    private ReadOnlySpan<byte> PayloadOf(in ResourceEntry entry, ResourceType type)
    {
        if (entry.Type != type) throw new ArgumentException($"entry {entry.Index} is of type {entry.Type}, not {type}", nameof(entry));
        return Payload(entry);
    }
}
