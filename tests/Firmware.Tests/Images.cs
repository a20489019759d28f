using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Tests;

/// <summary>Arranging only: images and tables that the tests start from.</summary>
internal static class Images
{
    /// <summary>The table's device addresses start here in <see cref="WithTable"/>.</summary>
    internal static readonly DeviceAddress TableAddress = new(0x2000_0000);

    /// <summary>Opens what is known to be sound, for either byte order.</summary>
    internal static ElfImage Open(byte[] file) => ElfImage.TryOpenForReading(file, out ElfImage image, out ElfFault fault) == ElfStatus.Ok
        ? image
        : throw new InvalidOperationException(fault.ToString());

    /// <summary>An image with the table in a segment of its own.</summary>
    internal static byte[] WithTable(byte[] table, ElfClass elfClass = ElfClass.Elf32, ElfByteOrder order = ElfByteOrder.Little) =>
        new ElfBuilder(elfClass, machine: 40, entry: new DeviceAddress(0x1000_0001), order)
            .AddSegment(new DeviceAddress(0x1000_0000), [0x00, 0xBF, 0xFE, 0xE7])
            .AddSegment(TableAddress, table)
            .AddSectionOfSegment(".resource_table", segment: 1, offset: 0, table.Length)
            .Build();

    /// <summary>One entry of each type the kernel knows, the vdev with two rings and config space, then type 5 and type 200.</summary>
    internal static ResourceTableBuilder EveryType(ElfByteOrder order = ElfByteOrder.Little) => new ResourceTableBuilder(order)
        .AddCarveout("text", da: 0x1000_0000, lengthBytes: 0x1_0000, pa: 0x4000_0000, flags: 7)
        .AddDevmem("uart", da: 0x4400_0000, pa: 0x4800_0000, lengthBytes: 0x1000, flags: 3)
        .AddTrace("trace0", da: 0x1000_8000, lengthBytes: 0x400)
        .AddVdev(id: 7, deviceFeatures: 1, [new VdevVring(0xFFFF_FFFF, 16, 16, 1), new VdevVring(0xFFFF_FFFF, 16, 32, 2)],
            [1, 2, 3, 4, 5], notifyId: 9)
        .AddRaw(5, [0xAA, 0xBB])
        .AddRaw(200, [0xCC]);
}
