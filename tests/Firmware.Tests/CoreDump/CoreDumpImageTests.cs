using System;
using System.IO;
using RemoteprocEmu.Firmware.CoreDump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.CoreDump;

public sealed class CoreDumpImageTests
{
    private static readonly CoreDumpSegment[] Segments =
        [new(new DeviceAddress(0x1000_0000), 100_000), new(new DeviceAddress(0x2000_0000), 0), new(new DeviceAddress(0x3000_0000), 5)];

    [Fact]
    public void The_headers_of_a_32_bit_dump_are_these_bytes()
    {
        CoreDumpImage? dump = CoreDumpImage.TryCreate(ElfClass.Elf32, 40, new DeviceAddress(0x1000_0001), Segments.AsSpan(2, 1).ToArray(),
            out _);

        byte[] expected = Convert.FromHexString(
            "7f454c46010101000000000000000000" + // identification: ELF32, LSB, version 1
            "0400" + "2800" + "01000000" + "01000010" + "34000000" + "00000000" + "00000000" + // ARM core, entry, phoff 52
            "3400" + "2000" + "0100" + "0000" + "0000" + "0000" + // ehsize 52, phentsize 32, one program header
            "01000000" + "54000000" + "00000030" + "00000030" + "05000000" + "05000000" + "07000000" + "00000000"); // PT_LOAD at 84, RWX
        Assert.Equal(expected, dump!.Headers.ToArray());
        Assert.Equal(89ul, dump.SizeBytes);
    }

    [Fact]
    public void The_headers_of_a_64_bit_dump_are_these_bytes()
    {
        CoreDumpSegment[] segments = [new(new DeviceAddress(0x1_0000_0000), 5)];
        CoreDumpImage? dump = CoreDumpImage.TryCreate(ElfClass.Elf64, 183, new DeviceAddress(0x1_0000_0000), segments, out _);

        byte[] expected = Convert.FromHexString(
            "7f454c46020101000000000000000000" +
            "0400" + "b700" + "01000000" + "0000000001000000" + "4000000000000000" + "0000000000000000" + "00000000" +
            "4000" + "3800" + "0100" + "0000" + "0000" + "0000" +
            "01000000" + "07000000" + "7800000000000000" + "0000000001000000" + "0000000001000000" +
            "0500000000000000" + "0500000000000000" + "0000000000000000");
        Assert.Equal(expected, dump!.Headers.ToArray());
    }

    [Theory]
    [InlineData(ElfClass.Elf32)]
    [InlineData(ElfClass.Elf64)]
    public void Data_follows_segment_by_segment_and_what_cannot_be_read_is_FF(ElfClass elfClass)
    {
        CoreDumpImage dump = CoreDumpImage.TryCreate(elfClass, 40, default, Segments, out _)!;
        byte[] expected = new byte[dump.SizeBytes];
        dump.Headers.CopyTo(expected);
        int next = dump.Headers.Length;
        for (int i = 0; i < 100_000; i++) expected[next++] = (byte)i;
        expected.AsSpan(next).Fill(0xFF);

        using MemoryStream file = new();
        dump.WriteTo(file, Counting);

        Assert.Equal(expected, file.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void Read_piece_by_piece_it_is_the_same_file(int piece)
    {
        CoreDumpImage dump = CoreDumpImage.TryCreate(ElfClass.Elf32, 40, default, Segments, out _)!;
        using MemoryStream whole = new();
        dump.WriteTo(whole, Counting);

        using MemoryStream pieces = new();
        byte[] buffer = new byte[piece];
        int length;
        int emptyReads = 0;
        bool CountingEmpty(DeviceAddress address, Span<byte> into)
        {
            if (into.IsEmpty) emptyReads++;
            return Counting(address, into);
        }

        while ((length = dump.Read((ulong)pieces.Length, buffer, CountingEmpty)) != 0) pieces.Write(buffer, 0, length);

        Assert.Equal(whole.ToArray(), pieces.ToArray());
        Assert.Equal(0, emptyReads);
        Assert.Equal(0, dump.Read(dump.SizeBytes + 1, buffer, Counting));
    }

    [Fact]
    public void Without_segments_class_or_room_there_is_no_dump_and_it_says_why()
    {
        CoreDumpSegment[] many = new CoreDumpSegment[65536];
        CoreDumpSegment[] large = [new(default, 0x8000_0000), new(default, 0x8000_0000)];
        (ElfClass Class, CoreDumpSegment[] Segments, CoreDumpStatus Status)[] rows =
        [
            (ElfClass.Elf32, [], CoreDumpStatus.NoSegments),
            (ElfClass.None, [], CoreDumpStatus.NoSegments),
            (ElfClass.None, Segments, CoreDumpStatus.NoElfClass),
            (ElfClass.Elf64, many, CoreDumpStatus.TooManySegments),
            (ElfClass.Elf32, large, CoreDumpStatus.TooLarge),
            (ElfClass.Elf64, [new(default, ulong.MaxValue)], CoreDumpStatus.TooLarge),
            (ElfClass.Elf64, large, CoreDumpStatus.Ok),
        ];
        foreach ((ElfClass elfClass, CoreDumpSegment[] segments, CoreDumpStatus expected) in rows)
        {
            CoreDumpImage? dump = CoreDumpImage.TryCreate(elfClass, 40, default, segments, out CoreDumpStatus status);

            Assert.Equal(expected, status);
            Assert.Equal(expected == CoreDumpStatus.Ok, dump is not null);
        }
    }

    /// <summary>Where the tools are installed they must agree with us; the bytes are judged above in any case.</summary>
    [Theory]
    [InlineData(ElfClass.Elf32, (ushort)40)]
    [InlineData(ElfClass.Elf64, (ushort)62)]
    public void The_dump_reads_the_same_to_us_and_to_readelf_and_gdb(ElfClass elfClass, ushort machine)
    {
        CoreDumpSegment[] segments = [new(new DeviceAddress(0x1000), 64), new(new DeviceAddress(0x2000_0000), 16)];
        CoreDumpImage dump = CoreDumpImage.TryCreate(elfClass, machine, new DeviceAddress(0x1001), segments, out _)!;
        string path = Path.Combine(AppContext.BaseDirectory, $"core-{elfClass}.elf");
        using (FileStream file = File.Create(path)) dump.WriteTo(file, Counting);

        ElfImage image = Images.Open(File.ReadAllBytes(path));
        Assert.Equal((ElfFileHeader.TypeCore, machine, 2), (image.Header.Type, image.Machine, image.ProgramHeaderCount));
        Assert.Equal(new DeviceAddress(0x2000_0000), image.ProgramHeader(1).VirtualAddress);
        Assert.Equal((16ul, 16ul), (image.ProgramHeader(1).FileSizeBytes, image.ProgramHeader(1).MemorySizeBytes));

        if (Tools.Run("readelf", "-h", "-l", "-W", path) is string readelf)
        {
            Assert.Contains("CORE (Core file)", readelf, StringComparison.Ordinal);
            Assert.Matches("Entry point.*0x1001", readelf);
            Assert.Matches("LOAD +0x0*[0-9a-f]+ 0x0*20000000 0x0*20000000 0x0*10 0x0*10 RWE", readelf);
            Assert.DoesNotContain("Warning", readelf, StringComparison.Ordinal);
        }

        if (machine == 62 && Tools.Run("gdb", "--batch", "-nx", "-core", path, "-ex", "x/4xb 0x1000") is string gdb)
        {
            Assert.Contains("0x00\t0x01\t0x02\t0x03", gdb, StringComparison.Ordinal);
        }
    }

    /// <summary>Each byte of the first segment is the low byte of its address; nothing above that segment can be read.</summary>
    private static bool Counting(DeviceAddress address, Span<byte> into)
    {
        if (address.Value >= 0x1000_0000 + 100_000ul) return false;
        for (int i = 0; i < into.Length; i++) into[i] = (byte)(address.Value + (ulong)i);
        return true;
    }
}
