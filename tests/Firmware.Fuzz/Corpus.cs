using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Firmware.Fuzz;

/// <summary>What mutation starts from: images (<c>.elf</c>) and bare tables (<c>.rsc</c>).</summary>
/// <remarks>
/// <c>tests/corpus/firmware</c> holds what <see cref="Generate"/> makes, and inputs that once broke something.
/// The sample images join in where they are built.
/// </remarks>
public static class Corpus
{
    private const uint Any = 0xFFFF_FFFF;

    /// <summary>Larger files are left out: the kernel's reader does the same with them, only slower.</summary>
    private const long FileBytesMax = 256 * 1024;

    /// <summary>The corpus of a repository: all files, in the order of their paths.</summary>
    /// <param name="root">The folder with the solution.</param>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Load(string root)
    {
        List<(string Name, byte[] Bytes)> files = [];
        foreach (string folder in (string[])["tests/corpus/firmware", "samples/firmware/bin"])
        {
            string path = Path.Combine(root, folder);
            if (!Directory.Exists(path)) continue;
            foreach (string file in Directory.EnumerateFiles(path).Order(StringComparer.Ordinal))
            {
                if (Path.GetExtension(file) is not (".elf" or ".rsc") || new FileInfo(file).Length > FileBytesMax) continue;
                files.Add(($"{folder}/{Path.GetFileName(file)}", File.ReadAllBytes(file)));
            }
        }

        return files;
    }

    /// <summary>Finds the folder with the solution, from the program's own folder upwards.</summary>
    public static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RemoteprocEmu.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("RemoteprocEmu.sln is not above the program's folder");
    }

    /// <summary>Makes the generated part of the corpus: small, and each type, class and byte order once.</summary>
    public static IReadOnlyList<(string Name, byte[] Bytes)> Generate()
    {
        VdevVring[] rings = [new(Any, 16, 16, 0), new(Any, 16, 16, 1)];
        byte[] rpmsg = new ResourceTableBuilder().AddVdev(7, 1, rings).AddTrace("trace", 0x1000_0400, 0x400).Build();
        byte[] every = EveryType(ElfByteOrder.Little);
        ResourceTableBuilder eightNets = new();
        for (int i = 0; i < 8; i++) eightNets.AddVdev(1, 1u << 5, rings, [2, 0, 0, 0, 0, (byte)i, 1, 0]);
        byte[] trace = new ResourceTableBuilder().AddTrace("log", 0x8_0000, 0x1F000).Build();

        return
        [
            ("rpmsg.rsc", rpmsg),
            ("every-type.rsc", every),
            ("eight-nets.rsc", eightNets.Build()),
            ("gap.rsc", new ResourceTableBuilder().AddVdev(7, 1, rings).WithGap(28).Build()),
            ("empty.rsc", new ResourceTableBuilder().Build()),
            ("rpmsg-elf32.elf", Image(rpmsg, ElfClass.Elf32, ElfByteOrder.Little)),
            ("every-type-elf64.elf", Image(every, ElfClass.Elf64, ElfByteOrder.Little)),
            ("every-type-elf32-msb.elf", Image(EveryType(ElfByteOrder.Big), ElfClass.Elf32, ElfByteOrder.Big)),
            ("every-type-elf64-msb.elf", Image(EveryType(ElfByteOrder.Big), ElfClass.Elf64, ElfByteOrder.Big)),
            ("trace-elf32.elf", Image(trace, ElfClass.Elf32, ElfByteOrder.Little)),
            ("no-table-elf64.elf", new ElfBuilder(ElfClass.Elf64, 183).AddSegment(new DeviceAddress(0x1000), [1, 2, 3, 4]).Build()),
            ("header-less-elf32.elf", Image([], ElfClass.Elf32, ElfByteOrder.Little)),
        ];
    }

    private static byte[] EveryType(ElfByteOrder order) => new ResourceTableBuilder(order)
        .AddCarveout("text", da: 0x1000_0000, lengthBytes: 0x1_0000, flags: 7)
        .AddCarveout("data", da: Any, lengthBytes: 0x4000)
        .AddDevmem("uart", da: 0x4400_0000, pa: 0x4800_0000, lengthBytes: 0x1000)
        .AddTrace("trace0", da: 0x1000_8000, lengthBytes: 0x400)
        .AddVdev(7, 1, [new(0x3000_0000, 4096, 256, 0), new(0x3000_4000, 4096, 256, 1)], [1, 2, 3, 4, 5, 6, 7, 8])
        .AddRaw(5, [1, 2, 3, 4])
        .AddRaw(200, [1, 2, 3, 4])
        .Build();

    private static byte[] Image(byte[] table, ElfClass elfClass, ElfByteOrder order) =>
        new ElfBuilder(elfClass, machine: 40, entry: new DeviceAddress(0x1000_0001), order)
            .AddSegment(new DeviceAddress(0x1000_0000), [0x00, 0xBF, 0xFE, 0xE7], memorySizeBytes: 64)
            .AddSegment(new DeviceAddress(0x1000_0100), table, runAddress: new DeviceAddress(0x2000_0000))
            .AddSection(".text", new DeviceAddress(0x1000_0000), [0, 1, 2, 3])
            .AddSectionOfSegment(".resource_table", segment: 1, offset: 0, table.Length)
            .Build();
}
