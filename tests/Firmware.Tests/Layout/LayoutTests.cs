using System;
using System.Linq;
using System.Reflection;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Layout;

/// <summary>Are the bytes right? Each layout against bytes written down by hand from the specification, in both byte orders.</summary>
public sealed class LayoutTests
{
    private delegate void Writer(Span<byte> bytes, ElfByteOrder order);

    private const string Name = "6e616d65" + "00000000000000000000000000000000000000000000000000000000"; // "name"

    /// <summary>Bytes as little-endian fields, spaces between fields: each is turned round for the big-endian form.</summary>
    private static readonly (string Layout, string Fields, Writer Write)[] Rows =
    [
        ("ResourceTableHeader", "01000000 78563412 02000000 03000000", new ResourceTableHeader(1, 0x12345678, 2, 3).Write),
        ("CarveoutEntry", "04030201 08070605 0c0b0a09 100f0e0d 14131211 " + Name,
            new CarveoutEntry(0x01020304, 0x05060708, 0x090A0B0C, 0x0D0E0F10, 0x11121314, ResourceName.From("name")).Write),
        ("DevmemEntry", "04030201 08070605 0c0b0a09 100f0e0d 14131211 " + Name,
            new DevmemEntry(0x01020304, 0x05060708, 0x090A0B0C, 0x0D0E0F10, 0x11121314, ResourceName.From("name")).Write),
        ("TraceEntry", "04030201 08070605 0c0b0a09 " + Name,
            new TraceEntry(0x01020304, 0x05060708, 0x090A0B0C, ResourceName.From("name")).Write),
        ("VdevEntry", "04030201 08070605 0c0b0a09 100f0e0d 14131211 15 16 17 18",
            new VdevEntry(0x01020304, 0x05060708, 0x090A0B0C, 0x0D0E0F10, 0x11121314, 0x15, 0x16, 0x17, 0x18).Write),
        ("VdevVring", "04030201 08070605 0c0b0a09 100f0e0d 14131211",
            new VdevVring(0x01020304, AlignBytes: 0x05060708, Num: 0x090A0B0C, NotifyId: 0x0D0E0F10, Pa: 0x11121314).Write),
        ("ElfFileHeader 32", "7f 45 4c 46 01 * 01 00 00 00 00 00 00 00 00 00 0200 2800 01000000 04030201 08070605 0c0b0a09 14131211 " +
            "3400 2000 0300 2800 0400 0500", (bytes, order) => FileHeader.Write(bytes, ElfClass.Elf32, order)),
        ("ElfFileHeader 64", "7f 45 4c 46 02 * 01 00 00 00 00 00 00 00 00 00 0200 2800 01000000 0403020100000000 0807060500000000 " +
            "0c0b0a0900000000 14131211 4000 3800 0300 4000 0400 0500", (bytes, order) => FileHeader.Write(bytes, ElfClass.Elf64, order)),
        ("ElfProgramHeader 32", "01000000 04000000 02000000 03000000 05000000 06000000 07000000 08000000",
            (bytes, order) => ProgramHeader.Write(bytes, ElfClass.Elf32, order)),
        ("ElfProgramHeader 64", "01000000 07000000 0400000000000000 0200000000000000 0300000000000000 0500000000000000 0600000000000000 " +
            "0800000000000000", (bytes, order) => ProgramHeader.Write(bytes, ElfClass.Elf64, order)),
        ("ElfSectionHeader 32", "01000000 02000000 03000000 04000000 05000000 06000000 00000000 00000000 07000000 00000000",
            (bytes, order) => SectionHeader.Write(bytes, ElfClass.Elf32, order)),
        ("ElfSectionHeader 64", "01000000 02000000 0300000000000000 0400000000000000 0500000000000000 0600000000000000 00000000 00000000 " +
            "0700000000000000 0000000000000000", (bytes, order) => SectionHeader.Write(bytes, ElfClass.Elf64, order)),
    ];

    private static ElfFileHeader FileHeader => new(2, 40, new DeviceAddress(0x01020304), 0x05060708, 0x090A0B0C, 3, 4, 5, 0x11121314);

    private static ElfProgramHeader ProgramHeader =>
        new(ElfSegmentType.Load, Flags: 7, Offset: 4, new DeviceAddress(2), new DeviceAddress(3), FileSizeBytes: 5, MemorySizeBytes: 6,
            AlignBytes: 8);

    private static ElfSectionHeader SectionHeader => new(1, 2, 3, new DeviceAddress(4), 5, 6, 7);

    public static TheoryData<string, ElfByteOrder> Layouts
    {
        get
        {
            TheoryData<string, ElfByteOrder> data = [];
            foreach ((string layout, string _, Writer _) in Rows)
            {
                data.Add(layout, ElfByteOrder.Little);
                data.Add(layout, ElfByteOrder.Big);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_layout_writes_exactly_these_bytes(string layout, ElfByteOrder order)
    {
        (string _, string fields, Writer write) = Rows.Single(row => row.Layout == layout);
        byte[] expected = [.. fields.Replace("*", order == ElfByteOrder.Little ? "01" : "02", StringComparison.Ordinal).Split(' ')
            .SelectMany(field => order == ElfByteOrder.Big && field.Length <= 16 ? Convert.FromHexString(field).Reverse()
                : Convert.FromHexString(field))];
        byte[] bytes = new byte[expected.Length];

        write(bytes, order);

        Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData(ElfByteOrder.Little)]
    [InlineData(ElfByteOrder.Big)]
    public void What_a_layout_writes_it_reads_again(ElfByteOrder order)
    {
        byte[] bytes = new byte[64];
        CarveoutEntry carveout = new(1, 2, 3, 4, 5, ResourceName.From("name"));
        carveout.Write(bytes, order);
        Assert.Equal(carveout, CarveoutEntry.Read(bytes, order));
        DevmemEntry devmem = new(1, 2, 3, 4, 5, ResourceName.From("name"));
        devmem.Write(bytes, order);
        Assert.Equal(devmem, DevmemEntry.Read(bytes, order));
        TraceEntry trace = new(1, 2, 3, ResourceName.From("name"));
        trace.Write(bytes, order);
        Assert.Equal(trace, TraceEntry.Read(bytes, order));
        VdevEntry vdev = new(1, 2, 3, 4, 5, 6, 7, 8, 9);
        vdev.Write(bytes, order);
        Assert.Equal(vdev, VdevEntry.Read(bytes, order));
        VdevVring vring = new(1, 2, 3, 4, 5);
        vring.Write(bytes, order);
        Assert.Equal(vring, VdevVring.Read(bytes, order));
        ResourceTableHeader header = new(1, 2, 3, 4);
        header.Write(bytes, order);
        Assert.Equal(header, ResourceTableHeader.Read(bytes, order));
        foreach (ElfClass elfClass in (ElfClass[])[ElfClass.Elf32, ElfClass.Elf64])
        {
            FileHeader.Write(bytes, elfClass, order);
            Assert.Equal(FileHeader, ElfFileHeader.Read(bytes, elfClass, order));
            ProgramHeader.Write(bytes, elfClass, order);
            Assert.Equal(ProgramHeader, ElfProgramHeader.Read(bytes, elfClass, order));
            SectionHeader.Write(bytes, elfClass, order);
            Assert.Equal(SectionHeader, ElfSectionHeader.Read(bytes, elfClass, order));
        }
    }

    [Fact]
    public void Every_layout_has_a_row()
    {
        string[] layouts = [.. typeof(ElfImage).Assembly.GetExportedTypes()
            .Where(type => type.IsValueType && type.GetMethod("Write", BindingFlags.Public | BindingFlags.Instance) is not null)
            .Select(type => type.Name).Where(name => name != nameof(ElfField)).Order()];

        Assert.Equal(layouts, Rows.Select(row => row.Layout.Split(' ')[0]).Distinct().Order());
    }

    [Fact]
    public void Sizes_are_the_references()
    {
        Assert.Equal((52, 32, 40), (ElfFileHeader.HeaderSizeBytes(ElfClass.Elf32), ElfProgramHeader.HeaderSizeBytes(ElfClass.Elf32),
            ElfSectionHeader.HeaderSizeBytes(ElfClass.Elf32)));
        Assert.Equal((64, 56, 64), (ElfFileHeader.HeaderSizeBytes(ElfClass.Elf64), ElfProgramHeader.HeaderSizeBytes(ElfClass.Elf64),
            ElfSectionHeader.HeaderSizeBytes(ElfClass.Elf64)));
        Assert.Equal((16, 4, 52, 52, 44, 24, 20), (ResourceTableHeader.SizeBytes, ResourceTableHeader.EntryHeaderBytes,
            CarveoutEntry.SizeBytes,
            DevmemEntry.SizeBytes, TraceEntry.SizeBytes, VdevEntry.FixedBytes, VdevVring.SizeBytes));
        Assert.Equal(64ul + 5, new VdevEntry(7, 0, 0, 0, 5, 0, 2, 0, 0).PayloadBytes);
        Assert.Equal(0xFFFF_FFFFul + 24 + (255 * 20), new VdevEntry(7, 0, 0, 0, uint.MaxValue, 0, 255, 0, 0).PayloadBytes);
    }

    [Fact]
    public void A_name_is_32_bytes_with_or_without_NUL()
    {
        ResourceName full = ResourceName.From(new string('x', 32));
        ResourceName longest = ResourceName.From(new string('x', 31));

        Assert.Equal((false, 32), (full.IsTerminated, full.LengthBytes));
        Assert.Equal((true, 31), (longest.IsTerminated, longest.LengthBytes));
        Assert.True(full.SameForKernel(longest)); // the kernel keeps 31 bytes
        Assert.False(full == longest);
        Assert.False(longest.SameForKernel(ResourceName.From(new string('x', 30))));
        Assert.Throws<ArgumentOutOfRangeException>(() => ResourceName.From(new string('x', 33)));
    }
}
