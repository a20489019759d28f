using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Cli.Output;

/// <summary>An entry of a resource table in one line.</summary>
/// <param name="Index">Its place.</param>
/// <param name="Type">The kernel's name of its type.</param>
/// <param name="Summary">What it asks for.</param>
internal sealed record TableEntryRow(int Index, string Type, string Summary)
{
    /// <summary>The entries of a table.</summary>
    public static IReadOnlyList<TableEntryRow> Of(ReadOnlySpan<byte> bytes, ElfByteOrder order)
    {
        List<TableEntryRow> rows = [];
        if (ResourceTableReader.TryOpen(bytes, order, out ResourceTableReader table) != ResourceTableStatus.Ok) return rows;
        for (int i = 0; i < table.EntryCount; i++)
        {
            if (table.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok) continue;
            string type = entry.Type.IsKnown() || entry.Type.IsVendor() ? entry.Type.KernelName() : $"type {(uint)entry.Type}";
            if (entry.Type.IsVendor()) type += $" {(uint)entry.Type}";
            rows.Add(new TableEntryRow(i, type, Describe(table, entry)));
        }

        return rows;
    }

    private static string Describe(in ResourceTableReader table, in ResourceEntry entry)
    {
        switch (entry.Type)
        {
            case ResourceType.Carveout when table.TryReadCarveout(entry, out CarveoutEntry carveout) == ResourceTableStatus.Ok:
                return $"{carveout.Name}: {carveout.LengthBytes} bytes at da {Da(carveout.Da)}";
            case ResourceType.Devmem when table.TryReadDevmem(entry, out DevmemEntry devmem) == ResourceTableStatus.Ok:
                return $"{devmem.Name}: {devmem.LengthBytes} bytes at pa 0x{devmem.Pa:x}, mapped at da {Da(devmem.Da)}";
            case ResourceType.Trace when table.TryReadTrace(entry, out TraceEntry trace) == ResourceTableStatus.Ok:
                return $"{trace.Name}: {trace.LengthBytes} bytes at da {Da(trace.Da)}";
            case ResourceType.Vdev when table.TryReadVdev(entry, out VdevEntry vdev) == ResourceTableStatus.Ok:
                string config = vdev.ConfigLengthBytes == 0 ? "" : $", {vdev.ConfigLengthBytes} bytes of config space";
                return $"virtio id {vdev.Id}, features 0x{vdev.DeviceFeatures:x}, {vdev.VringCount} vrings{config}";
            default:
                return entry.Type.IsKnown() ? "(broken)" : "stepped over";
        }
    }

    private static string Da(uint da) => new DeviceAddress(da).ToString();
}
