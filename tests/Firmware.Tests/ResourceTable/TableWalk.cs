using System;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Tests.ResourceTable;

/// <summary>Reads a little-endian table whole, as a boot does.</summary>
internal static class TableWalk
{
    /// <summary>The first fault in the kernel's order; Ok when there is none.</summary>
    internal static ResourceTableStatus FirstFault(ReadOnlySpan<byte> bytes, bool withVrings = true)
    {
        ResourceTableStatus status = ResourceTableReader.TryOpen(bytes, out ResourceTableReader table);
        for (int i = 0; status == ResourceTableStatus.Ok && i < table.EntryCount; i++)
        {
            status = table.TryGetEntry(i, out ResourceEntry entry);
            if (status == ResourceTableStatus.Ok) status = ReadPayload(table, entry, withVrings);
        }

        return status;
    }

    private static ResourceTableStatus ReadPayload(ResourceTableReader table, ResourceEntry entry, bool withVrings)
    {
        switch (entry.Type)
        {
            case ResourceType.Carveout: return table.TryReadCarveout(entry, out _);
            case ResourceType.Devmem: return table.TryReadDevmem(entry, out _);
            case ResourceType.Trace: return table.TryReadTrace(entry, out _);
            case ResourceType.Vdev:
                ResourceTableStatus status = table.TryReadVdev(entry, out VdevEntry vdev);
                for (int i = 0; withVrings && status == ResourceTableStatus.Ok && i < vdev.VringCount; i++)
                {
                    status = table.TryReadVring(entry, vdev, i, out _);
                }

                return status;
            default: return ResourceTableStatus.Ok;
        }
    }
}
