using System;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Dump;

/// <summary>Walks a table field by field, broken or not, for a dump. The labels are those of debugfs <c>resource_table</c>.</summary>
/// <remarks>
/// Every number shown is bounded, for offsets may all point at one large entry.
/// Source of the labels: drivers/remoteproc/remoteproc_debugfs.c, rproc_rsc_table_show.
/// </remarks>
internal static class TableWalk
{
    private const int EntriesShown = 256;
    private const int VringsShown = 8;
    private const int BytesShown = 256;

    internal static void Walk(in ResourceTableSection section, ITableDumpSink sink)
    {
        ReadOnlySpan<byte> bytes = section.Bytes.Span;
        sink.BeginTable(section);
        ResourceTableStatus status = ResourceTableReader.TryOpen(bytes, section.ByteOrder, out ResourceTableReader table);
        if (bytes.Length >= ResourceTableHeader.SizeBytes) ShowHeader(ResourceTableHeader.Read(bytes, section.ByteOrder), sink);
        if (status != ResourceTableStatus.Ok) sink.Fault(status, null);

        for (int i = 0; i < Math.Min(table.EntryCount, EntriesShown); i++)
        {
            status = table.TryGetEntry(i, out ResourceEntry entry);
            if (status == ResourceTableStatus.Ok) ShowEntry(table, entry, sink);
            else sink.Fault(status, i);
        }

        if (table.EntryCount > EntriesShown) sink.Omitted(table.EntryCount - EntriesShown);
        sink.EndTable();
    }

    private static void ShowHeader(in ResourceTableHeader header, ITableDumpSink sink)
    {
        sink.Number("ver", "Version", header.Version, hexadecimal: false);
        sink.Number("num", "Number of entries", header.EntryCount, hexadecimal: false);
        sink.Number("reserved[0]", "Reserved (should be zero)", header.Reserved0, hexadecimal: true);
        sink.Number("reserved[1]", "Reserved (should be zero)", header.Reserved1, hexadecimal: true);
    }

    private static void ShowEntry(ResourceTableReader table, in ResourceEntry entry, ITableDumpSink sink)
    {
        sink.BeginEntry(entry);
        ResourceTableStatus status = ResourceTableStatus.Ok;
        switch (entry.Type)
        {
            case ResourceType.Carveout:
                status = table.TryReadCarveout(entry, out CarveoutEntry carveout);
                if (status != ResourceTableStatus.EntryTruncated)
                {
                    ShowMemory(carveout.Da, carveout.Pa, carveout.LengthBytes, carveout.Flags, carveout.Reserved, carveout.Name, sink);
                }

                break;
            case ResourceType.Devmem:
                status = table.TryReadDevmem(entry, out DevmemEntry devmem);
                if (status != ResourceTableStatus.EntryTruncated)
                {
                    ShowMemory(devmem.Da, devmem.Pa, devmem.LengthBytes, devmem.Flags, devmem.Reserved, devmem.Name, sink);
                }

                break;
            case ResourceType.Trace:
                status = table.TryReadTrace(entry, out TraceEntry trace);
                if (status != ResourceTableStatus.EntryTruncated) ShowTrace(trace, sink);
                break;
            case ResourceType.Vdev:
                status = table.TryReadVdev(entry, out VdevEntry vdev);
                if (entry.AvailableBytes >= VdevEntry.FixedBytes) ShowVdev(table, entry, vdev, sink);
                break;
            default:
                ShowBytes("payload", "Payload", table.Payload(entry), sink);
                break;
        }

        if (status != ResourceTableStatus.Ok) sink.Fault(status, null);
        sink.EndEntry();
    }

    private static void ShowMemory(uint da, uint pa, uint length, uint flags, uint reserved, in ResourceName name, ITableDumpSink sink)
    {
        sink.Number("da", "Device Address", da, hexadecimal: true);
        sink.Number("pa", "Physical Address", pa, hexadecimal: true);
        sink.Number("len", "Length", length, hexadecimal: true);
        sink.Number("flags", "Flags", flags, hexadecimal: true);
        sink.Number("reserved", "Reserved (should be zero)", reserved, hexadecimal: false);
        sink.Text("name", "Name", name.ToString());
    }

    private static void ShowTrace(in TraceEntry trace, ITableDumpSink sink)
    {
        sink.Number("da", "Device Address", trace.Da, hexadecimal: true);
        sink.Number("len", "Length", trace.LengthBytes, hexadecimal: true);
        sink.Number("reserved", "Reserved (should be zero)", trace.Reserved, hexadecimal: false);
        sink.Text("name", "Name", trace.Name.ToString());
    }

    private static void ShowVdev(ResourceTableReader table, in ResourceEntry entry, in VdevEntry vdev, ITableDumpSink sink)
    {
        sink.Number("id", "ID", vdev.Id, hexadecimal: false);
        sink.Number("notifyid", "Notify ID", vdev.NotifyId, hexadecimal: false);
        sink.Number("dfeatures", "Device features", vdev.DeviceFeatures, hexadecimal: true);
        sink.Number("gfeatures", "Guest features", vdev.GuestFeatures, hexadecimal: true);
        sink.Number("config_len", "Config length", vdev.ConfigLengthBytes, hexadecimal: true);
        sink.Number("status", "Status", vdev.Status, hexadecimal: true);
        sink.Number("num_of_vrings", "Number of vrings", vdev.VringCount, hexadecimal: false);
        sink.Number("reserved[0]", "Reserved (should be zero)", vdev.Reserved0, hexadecimal: false);
        sink.Number("reserved[1]", "Reserved (should be zero)", vdev.Reserved1, hexadecimal: false);

        sink.BeginVrings();
        for (int i = 0; i < Math.Min(vdev.VringCount, (byte)VringsShown); i++)
        {
            ResourceTableStatus status = table.TryReadVring(entry, vdev, i, out VdevVring vring);
            if (status == ResourceTableStatus.EntryTruncated) break;
            sink.BeginVring(i);
            sink.Number("da", "Device Address", vring.Da, hexadecimal: true);
            sink.Number("align", "Alignment", vring.AlignBytes, hexadecimal: false);
            sink.Number("num", "Number of buffers", vring.Num, hexadecimal: false);
            sink.Number("notifyid", "Notify ID", vring.NotifyId, hexadecimal: false);
            sink.Number("pa", "Physical Address", vring.Pa, hexadecimal: true);
            if (status != ResourceTableStatus.Ok) sink.Fault(status, null);
            sink.EndVring();
        }

        sink.EndVrings();
        ReadOnlySpan<byte> config = table.ConfigSpace(entry, vdev);
        if (!config.IsEmpty) ShowBytes("config", "Config space", config, sink);
    }

    private static void ShowBytes(string name, string label, ReadOnlySpan<byte> bytes, ITableDumpSink sink)
    {
        int shown = Math.Min(bytes.Length, BytesShown);
        sink.Bytes(name, label, bytes[..shown], bytes.Length - shown);
    }
}
