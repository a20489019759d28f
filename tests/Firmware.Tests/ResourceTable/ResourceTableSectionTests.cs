using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.ResourceTable;

public sealed class ResourceTableSectionTests
{
    [Theory]
    [InlineData(ElfClass.Elf32)]
    [InlineData(ElfClass.Elf64)]
    public void The_table_of_an_image_is_found(ElfClass elfClass)
    {
        byte[] table = Images.EveryType().Build();
        byte[] file = Images.WithTable(table, elfClass);

        Assert.Equal(ResourceTableStatus.Ok, ResourceTableSection.TryFind(Images.Open(file), out ResourceTableSection section));

        Assert.Equal(table, section.Bytes.ToArray());
        Assert.Equal(table, file[(int)section.FileOffset..][..section.SizeBytes]);
        Assert.Equal((Images.TableAddress, 1), (section.Address, section.SectionIndex));
    }

    [Fact]
    public void Without_the_section_there_is_no_table()
    {
        byte[] file = new ElfBuilder().AddSegment(default, [1]).AddSection(".resource_tabl", default, new byte[16])
            .AddSection("x.resource_table", default, new byte[16]).AddSection(".resource_table2", default, new byte[16]).Build();

        ResourceTableStatus status = ResourceTableSection.TryFind(Images.Open(file), out _);

        Assert.Equal((ResourceTableStatus.NoSection, Errno.EINVAL), (status, status.ToErrno()));
    }

    [Theory]
    [InlineData(0ul, 0xFFFF_FFFF_FFFF_FFFFul)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF0ul, 0x20ul)] // the sum wraps to 0x10
    [InlineData(0x40ul, 0x1000ul)]
    public void A_section_past_the_end_is_truncated_even_when_the_sum_wraps(ulong offset, ulong size)
    {
        byte[] file = Images.WithTable(Images.EveryType().Build(), ElfClass.Elf64);
        ulong headers = Images.Open(file).Header.SectionHeadersOffset;
        Span<byte> header = file.AsSpan((int)headers + ElfSectionHeader.HeaderSizeBytes(ElfClass.Elf64));
        ElfSectionHeader.OffsetField.Write(header, ElfClass.Elf64, ElfByteOrder.Little, offset);
        ElfSectionHeader.SizeField.Write(header, ElfClass.Elf64, ElfByteOrder.Little, size);

        Assert.Equal(ResourceTableStatus.SectionPastEnd, ResourceTableSection.TryFind(Images.Open(file), out _));
    }

    [Fact]
    public void An_empty_section_is_header_less()
    {
        byte[] file = Images.WithTable([]);

        Assert.Equal(ResourceTableStatus.ShorterThanHeader, ResourceTableSection.TryFind(Images.Open(file),
            out ResourceTableSection section));

        Assert.Equal(default, section.Address);
        Assert.Equal(ResourceTableStatus.Ok, ResourceTableSection.TryLocate(Images.Open(file), out ResourceTableSection located));
        Assert.Equal(Images.TableAddress, located.Address);
    }

    [Fact]
    public void The_first_of_two_tables_counts()
    {
        byte[] first = new ResourceTableBuilder().Build();
        byte[] file = new ElfBuilder().AddSegment(default, [1]).AddSection(".resource_table", new DeviceAddress(1), first)
            .AddSection(".resource_table", new DeviceAddress(2), Images.EveryType().Build()).Build();

        Assert.Equal(ResourceTableStatus.Ok, ResourceTableSection.TryFind(Images.Open(file), out ResourceTableSection section));

        Assert.Equal(new DeviceAddress(1), section.Address);
    }
}
