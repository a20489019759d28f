using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Images made in memory, for tables that no compiler would make.</summary>
internal static class Images
{
    public static readonly DeviceAddress Base = new(0x1000_0000);

    /// <summary>A small image with this table, which runs where it loads.</summary>
    public static byte[] With(Func<ResourceTableBuilder, ResourceTableBuilder> table)
    {
        byte[] bytes = table(new ResourceTableBuilder()).Build();
        byte[] segment = new byte[0x1000 + bytes.Length];
        bytes.CopyTo(segment.AsSpan(0x1000));
        return new ElfBuilder(entry: Base + 1)
            .AddSegment(Base, segment)
            .AddSectionOfSegment(".resource_table", 0, 0x1000, bytes.Length)
            .Build();
    }

    public static VdevVring Ring(uint num = 16, uint align = 16, uint da = uint.MaxValue) => new(da, align, num, 0);

    public static CarveoutEntry[] Carveouts(ReadOnlySpan<byte> table)
    {
        List<CarveoutEntry> carveouts = [];
        _ = ResourceTableReader.TryOpen(table, out ResourceTableReader reader);
        for (int i = 0; i < reader.EntryCount; i++)
        {
            if (reader.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok || entry.Type != ResourceType.Carveout) continue;
            if (reader.TryReadCarveout(entry, out CarveoutEntry carveout) == ResourceTableStatus.Ok) carveouts.Add(carveout);
        }

        return [.. carveouts];
    }
}
