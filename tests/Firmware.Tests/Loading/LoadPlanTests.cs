using System;
using System.Collections.Generic;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.Loading;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Loading;

public sealed class LoadPlanTests
{
    [Fact]
    public void Segments_come_in_file_order_to_their_load_address_and_others_are_skipped()
    {
        byte[] file = new ElfBuilder()
            .AddSegment(new DeviceAddress(0x2000_0000), [1, 2], memorySizeBytes: 10, runAddress: new DeviceAddress(0x9000_0000))
            .AddSegment(new DeviceAddress(0x0), [9], type: ElfSegmentType.Note)
            .AddSegment(new DeviceAddress(0x0), [], memorySizeBytes: 0)
            .AddSegment(new DeviceAddress(0x1000_0000), [], memorySizeBytes: 64)
            .Build();

        List<LoadSegment> segments = Plan(file);

        Assert.Equal(2, segments.Count);
        Assert.Equal((0, new DeviceAddress(0x2000_0000), 10ul, 8ul),
            (segments[0].ProgramHeaderIndex, segments[0].Address, segments[0].MemorySizeBytes, segments[0].ZeroBytes));
        Assert.Equal([1, 2], segments[0].Data.ToArray());
        Assert.Equal((3, new DeviceAddress(0x1000_0000), 64ul, 64ul),
            (segments[1].ProgramHeaderIndex, segments[1].Address, segments[1].MemorySizeBytes, segments[1].ZeroBytes));
        Assert.True(segments[1].Data.IsEmpty);
        Assert.All(segments, segment => Assert.Equal(LoadStatus.Ok, segment.Status));
    }

    [Theory]
    [InlineData(100, 99, 0x34, LoadStatus.FileLargerThanMemory, Errno.EINVAL, "ELF-21")]
    [InlineData(0x1000, 0x1000, 0x34, LoadStatus.PastEndOfFile, Errno.EINVAL, "ELF-22")]
    [InlineData(4, 4, 0xFFFF_FFFF_FFFF_FFFE, LoadStatus.PastEndOfFile, Errno.EINVAL, "ELF-22")]
    [InlineData(4, 0x1_0000_0000, 0x40, LoadStatus.TooLargeForHost, Errno.EOVERFLOW, "ELF-23")]
    [InlineData(0x1000, 0xFFF, 0x34, LoadStatus.FileLargerThanMemory, Errno.EINVAL, "ELF-21")]
    [InlineData(0x1000, 0x1_0000_0000, 0x40, LoadStatus.PastEndOfFile, Errno.EINVAL, "ELF-22")]
    public void A_bad_segment_says_the_first_cause(ulong fileSize, ulong memorySize, ulong offset, LoadStatus status, Errno errno,
        string rule)
    {
        byte[] file = new ElfBuilder(ElfClass.Elf64).AddSegment(new DeviceAddress(0x1000), new byte[16]).Build();
        Span<byte> header = file.AsSpan(ElfFileHeader.HeaderSizeBytes(ElfClass.Elf64));
        ElfProgramHeader.FileSizeField.Write(header, ElfClass.Elf64, ElfByteOrder.Little, fileSize);
        ElfProgramHeader.MemorySizeField.Write(header, ElfClass.Elf64, ElfByteOrder.Little, memorySize);
        ElfProgramHeader.OffsetField.Write(header, ElfClass.Elf64, ElfByteOrder.Little, offset);

        LoadSegment segment = Assert.Single(Plan(file, hostSizeMax: uint.MaxValue));

        Assert.Equal((status, errno, rule), (segment.Status, segment.Status.ToErrno(), segment.Status.RuleId()));
        Assert.True(segment.Data.IsEmpty);
    }

    [Fact]
    public void The_loaded_table_is_at_its_run_address()
    {
        byte[] table = new ResourceTableBuilder().AddTrace("trace", 0x100, 0x10).Build();
        byte[] file = new ElfBuilder()
            .AddSegment(new DeviceAddress(0x1000), table, runAddress: new DeviceAddress(0x2000_0000))
            .AddSectionOfSegment(".resource_table", segment: 0, offset: 0, table.Length)
            .Build();

        ResourceTableStatus status = LoadPlan.Of(Images.Open(file)).TryFindLoadedTable(out ResourceTableSection section);

        Assert.Equal(ResourceTableStatus.Ok, status);
        Assert.Equal((new DeviceAddress(0x2000_0000), table.Length), (section.Address, section.SizeBytes));
        Assert.Equal(table, section.Bytes.ToArray());
    }

    [Fact]
    public void Walking_the_plan_allocates_nothing()
    {
        byte[] file = new ElfBuilder().AddSegment(new DeviceAddress(1), [1]).AddSegment(new DeviceAddress(2), [2]).Build();
        ElfImage image = Images.Open(file);
        ulong sum = SumOfAddresses(image);

        long before = GC.GetAllocatedBytesForCurrentThread();
        sum += SumOfAddresses(image);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(6ul, sum);
    }

    private static ulong SumOfAddresses(ElfImage image)
    {
        ulong sum = 0;
        foreach (LoadSegment segment in LoadPlan.Of(image)) sum += segment.Address.Value;
        return sum;
    }

    private static List<LoadSegment> Plan(byte[] file, ulong hostSizeMax = ulong.MaxValue)
    {
        List<LoadSegment> segments = [];
        foreach (LoadSegment segment in LoadPlan.Of(Images.Open(file), hostSizeMax)) segments.Add(segment);
        return segments;
    }
}
