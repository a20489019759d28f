using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.RemoteCores;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>What the firmware's first instruction would read of one vdev in the loaded table.</summary>
internal sealed record VdevView(uint Features, byte Status, uint[] RingAddresses, uint[] NotifyIds);

/// <summary>Reads the table as the processor does: through its own memory, at the address its linker script knows.</summary>
internal static class FirstInstruction
{
    public static List<VdevView> Read(CoreStart start)
    {
        List<VdevView> vdevs = [];
        if (start.TableAddress.IsAny) return vdevs;
        if (!start.Memory.TrySlice(start.TableAddress, (ulong)start.TableLengthBytes, out Span<byte> bytes)) return vdevs;
        if (ResourceTableReader.TryOpen(bytes, out ResourceTableReader reader) != ResourceTableStatus.Ok) return vdevs;
        for (int i = 0; i < reader.EntryCount; i++)
        {
            if (reader.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok || entry.Type != ResourceType.Vdev) continue;
            if (reader.TryReadVdev(entry, out VdevEntry vdev) != ResourceTableStatus.Ok) continue;
            uint[] addresses = new uint[vdev.VringCount];
            uint[] ids = new uint[vdev.VringCount];
            for (int v = 0; v < vdev.VringCount; v++)
            {
                if (reader.TryReadVring(entry, vdev, v, out VdevVring vring) != ResourceTableStatus.Ok) continue;
                addresses[v] = vring.Da;
                ids[v] = vring.NotifyId;
            }

            vdevs.Add(new VdevView(vdev.GuestFeatures, vdev.Status, addresses, ids));
        }

        return vdevs;
    }
}
