using System;
using System.Text;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Elf;

public sealed class ElfImageTests
{
    public static TheoryData<ElfClass, ElfByteOrder> Kinds => new()
    {
        { ElfClass.Elf32, ElfByteOrder.Little }, { ElfClass.Elf64, ElfByteOrder.Little },
        { ElfClass.Elf32, ElfByteOrder.Big }, { ElfClass.Elf64, ElfByteOrder.Big },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_the_builder_wrote_the_image_reads(ElfClass elfClass, ElfByteOrder order)
    {
        byte[] file = Sample(elfClass, order);

        ElfStatus status = ElfImage.TryOpenForReading(file, out ElfImage image, out ElfFault fault);

        Assert.Equal((ElfStatus.Ok, default(ElfFault)), (status, fault));
        Assert.Equal((elfClass, order), (image.Class, image.ByteOrder));
        Assert.Equal(new DeviceAddress(0x1000_0001), image.BootAddress);
        Assert.Equal(40, image.Machine);
        Assert.Equal(2, image.ProgramHeaderCount);
        Assert.Equal(new DeviceAddress(0x2000_0000), image.ProgramHeader(1).LoadAddress);
        Assert.Equal(new DeviceAddress(0x3000_0000), image.ProgramHeader(1).VirtualAddress);
        Assert.Equal((4ul, 64ul), (image.ProgramHeader(1).FileSizeBytes, image.ProgramHeader(1).MemorySizeBytes));
        Assert.Equal(4, image.SectionHeaderCount);
        Assert.Equal(["", ".text", ".data", ".shstrtab"], Names(image));
        Assert.True(image.TryFindSection(".data"u8, out int index, out ElfSectionHeader section));
        Assert.Equal((2, new DeviceAddress(0x3000_0002), 2ul), (index, section.Address, section.SizeBytes));
        Assert.Equal([7, 8], file[(int)section.Offset..][..2]);
        Assert.False(image.TryFindSection(".dat"u8, out int none, out _));
        Assert.Equal(-1, none);
    }

    [Fact]
    public void A_big_endian_image_is_read_but_never_booted()
    {
        byte[] file = Sample(ElfClass.Elf32, ElfByteOrder.Big);

        Assert.Equal(ElfStatus.NotHostByteOrder, ElfImage.TryOpen(file, out _, out ElfFault fault));

        Assert.Equal("offset 0x5: e_ident[EI_DATA] = 0x2: not in the host's byte order (expected 1 (LSB); rule ELF-06, -EINVAL)",
            fault.ToString());
    }

    [Fact]
    public void An_image_without_sections_opens_and_has_none()
    {
        byte[] file = new ElfBuilder().AddSegment(new DeviceAddress(0), [1, 2, 3, 4]).Build();

        Assert.Equal(ElfStatus.Ok, ElfImage.TryOpen(file, out ElfImage image, out _));

        Assert.Equal(0, image.SectionHeaderCount);
        Assert.False(image.TryFindSection(".resource_table"u8, out _, out _));
    }

    [Fact]
    public void Sections_without_a_name_section_are_nameless()
    {
        byte[] file = Sample(ElfClass.Elf32, ElfByteOrder.Little);
        ElfFileHeader.SectionNamesIndexField.Write(file, ElfClass.Elf32, ElfByteOrder.Little, 0);

        Assert.Equal(ElfStatus.Ok, ElfImage.TryOpen(file, out ElfImage image, out _));

        Assert.False(image.TryFindSection(".text"u8, out _, out _));
        Assert.True(image.SectionName(1).IsEmpty);
    }

    [Fact]
    public void A_default_image_has_nothing_in_it()
    {
        ElfImage image = default;

        Assert.Equal((0, 0), (image.ProgramHeaderCount, image.SectionHeaderCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => image.ProgramHeader(0));
    }

    internal static byte[] Sample(ElfClass elfClass, ElfByteOrder order) =>
        new ElfBuilder(elfClass, machine: 40, entry: new DeviceAddress(0x1000_0001), order)
            .AddSegment(new DeviceAddress(0x1000_0000), [1, 2, 3, 4])
            .AddSegment(new DeviceAddress(0x2000_0000), [5, 6, 7, 8], memorySizeBytes: 64, runAddress: new DeviceAddress(0x3000_0000))
            .AddSection(".text", new DeviceAddress(0x1000_0000), [1, 2, 3, 4])
            .AddSectionOfSegment(".data", segment: 1, offset: 2, sizeBytes: 2)
            .Build();

    private static string[] Names(ElfImage image)
    {
        string[] names = new string[image.SectionHeaderCount];
        for (int i = 0; i < names.Length; i++) names[i] = Encoding.ASCII.GetString(image.SectionName(i));
        return names;
    }
}
