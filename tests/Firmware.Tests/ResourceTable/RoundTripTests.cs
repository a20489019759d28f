using System.Collections.Generic;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Fuzz;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.ResourceTable;

/// <summary>What the builder is told the reader tells, for random tables of every shape the format allows.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void Two_thousand_random_tables_in_images_come_back_as_they_were_built()
    {
        for (ulong seed = 0; seed < 2000; seed++)
        {
            SplitMix random = new(seed);
            ElfByteOrder order = random.Below(2) == 0 ? ElfByteOrder.Little : ElfByteOrder.Big;
            ElfClass elfClass = random.Below(2) == 0 ? ElfClass.Elf32 : ElfClass.Elf64;
            List<object> built = [];
            ResourceTableBuilder builder = new(order);
            for (int i = random.Below(9); i > 0; i--) built.Add(AddRandom(builder, ref random));
            byte[] table = builder.Build();
            byte[] file = new ElfBuilder(elfClass, 40, new DeviceAddress(random.Next() & 0xFFFF_FFFF), order)
                .AddSegment(new DeviceAddress(0x1000), new byte[random.Below(99)])
                .AddSection(".resource_table", new DeviceAddress(0x2000), table)
                .Build();

            Assert.Equal(ResourceTableStatus.Ok, ResourceTableSection.TryFind(Images.Open(file), out ResourceTableSection section));

            Assert.Equal(built, ReadAll(section));
            Assert.Equal(order == ElfByteOrder.Big ? 1 : 0, ImageChecker.Check(file).Count(CheckSeverity.Error));
        }
    }

    private static object AddRandom(ResourceTableBuilder builder, ref SplitMix random)
    {
        string name = $"n{builder.EntryCount}";
        uint da = (uint)random.Next() >> 1, length = 1 + (uint)random.Below(0x10000), pa = (uint)random.Next(), flags = (uint)random.Next();
        switch (random.Below(5))
        {
            case 0:
                builder.AddCarveout(name, da, length, pa, flags);
                return new CarveoutEntry(da, pa, length, flags, 0, ResourceName.From(name));
            case 1:
                builder.AddDevmem(name, da, pa, length, flags);
                return new DevmemEntry(da, pa, length, flags, 0, ResourceName.From(name));
            case 2:
                builder.AddTrace(name, da, length);
                return new TraceEntry(da, length, 0, ResourceName.From(name));
            case 3:
                VdevVring[] vrings = new VdevVring[random.Below(3)];
                for (int i = 0; i < vrings.Length; i++) vrings[i] = new VdevVring((uint)random.Next(), 1 + (uint)random.Below(4096),
                    1 + (uint)random.Below(512), 7, pa);
                byte[] config = new byte[random.Below(20)];
                builder.AddVdev(pa, flags, vrings, config, da).WithGap(random.Below(7));
                return (new VdevEntry(pa, da, flags, 0, (uint)config.Length, 0, (byte)vrings.Length, 0, 0), string.Join(';', vrings));
            default:
                uint type = (uint)random.Below(2) == 0 ? 4u + (uint)random.Below(1000) : (uint)random.Next() | 0x8000_0000;
                builder.AddRaw(type, new byte[random.Below(20)]);
                return (ResourceType)type;
        }
    }

    private static List<object> ReadAll(in ResourceTableSection section)
    {
        List<object> read = [];
        _ = ResourceTableReader.TryOpen(section.Bytes.Span, section.ByteOrder, out ResourceTableReader table);
        for (int i = 0; i < table.EntryCount; i++)
        {
            if (table.TryGetEntry(i, out ResourceEntry entry) != ResourceTableStatus.Ok) continue;
            read.Add(entry.Type switch
            {
                ResourceType.Carveout => table.TryReadCarveout(entry, out CarveoutEntry carveout) == ResourceTableStatus.Ok ? carveout
                    : "fault",
                ResourceType.Devmem => table.TryReadDevmem(entry, out DevmemEntry devmem) == ResourceTableStatus.Ok ? devmem : "fault",
                ResourceType.Trace => table.TryReadTrace(entry, out TraceEntry trace) == ResourceTableStatus.Ok ? trace : "fault",
                ResourceType.Vdev => ReadVdev(table, entry),
                _ => entry.Type,
            });
        }

        return read;
    }

    private static (VdevEntry Vdev, string Vrings) ReadVdev(ResourceTableReader table, in ResourceEntry entry)
    {
        if (table.TryReadVdev(entry, out VdevEntry vdev) != ResourceTableStatus.Ok) return (vdev, "fault");
        VdevVring[] vrings = new VdevVring[vdev.VringCount];
        for (int i = 0; i < vrings.Length; i++)
        {
            if (table.TryReadVring(entry, vdev, i, out vrings[i]) != ResourceTableStatus.Ok) return (vdev, "fault");
        }

        return (vdev, string.Join(';', vrings));
    }
}
