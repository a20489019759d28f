using System;
using System.Buffers.Binary;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Interop.OpenAmp;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.OpenAmp;

/// <summary>The bytes that OpenAMP's processes expect: written out here, not computed.</summary>
public class OpenAmpLayoutTests
{
    [Fact]
    public void The_table_is_OpenAMPs_byte_for_byte()
    {
        const string Golden =
            "01000000" + "01000000" + "00000000" + "00000000" + // ver, num, reserved
            "14000000" +                                        // offset[0]
            "03000000" + "07000000" + "00000000" + "01000000" + // type vdev, id rpmsg, notifyid, dfeatures F_NS
            "00000000" + "00000000" + "00" + "02" + "0000" +    // gfeatures, config_len, status, num_of_vrings, reserved
            "00400000" + "00100000" + "00010000" + "01000000" + "00000000" + // vring0: da, align, num, notifyid, reserved
            "00800000" + "00100000" + "00010000" + "02000000" + "00000000";  // vring1
        Assert.Equal(Golden, Convert.ToHexString(OpenAmpLayout.BuildTable()), ignoreCase: true);
        Assert.Equal(OpenAmpLayout.TableBytes, Golden.Length / 2);
    }

    [Fact]
    public void The_status_byte_and_the_notifyids_are_where_OpenAMP_looks()
    {
        byte[] memory = new byte[OpenAmpLayout.MemoryBytes];
        OpenAmpLayout.BuildTable().CopyTo(memory, 0);
        Assert.Equal(0x2C, OpenAmpLayout.StatusOffset);
        Assert.Equal(1u, OpenAmpLayout.NotifyIdOf(memory, 0));
        Assert.Equal(2u, OpenAmpLayout.NotifyIdOf(memory, 1));
    }

    [Fact]
    public void A_ring_of_256_has_its_parts_where_OpenAMP_looks()
    {
        Assert.Equal(RingStatus.Ok, SplitQueueLayout.TryCreate(OpenAmpLayout.QueueSize, 0x1000, int.MaxValue, out SplitQueueLayout layout));
        Assert.Equal((0x1000, 0x1204, 0x2000, 0x2804, 0x2806),
            (layout.AvailOffset, layout.UsedEventOffset, layout.UsedOffset, layout.AvailEventOffset, layout.SizeBytes));
    }

    [Fact]
    public void The_image_is_one_that_a_kernel_boots() =>
        Assert.DoesNotContain(ImageChecker.Check(OpenAmpLayout.BuildImage()).Findings, finding => finding.Rule.Errno != Platform.Errno.Ok);

    [Fact]
    public void The_places_are_OpenAMPs_unless_a_directory_is_given()
    {
        Assert.Equal("/dev/shm/openamp.shm", OpenAmpPlaces.Default.MemoryPath);
        Assert.EndsWith("/openamp.event.0", OpenAmpPlaces.Default.SocketPath, StringComparison.Ordinal);
        Assert.Equal(new OpenAmpPlaces("/run/x/openamp.shm", "/run/x/openamp.event.0"), OpenAmpPlaces.In("/run/x/"));
    }

    [Fact]
    public void The_table_that_a_server_writes_can_be_used_by_a_client()
    {
        byte[] memory = new byte[OpenAmpLayout.MemoryBytes];
        OpenAmpLayout.BuildTable().CopyTo(memory, 0);
        Assert.Null(OpenAmpTableCheck.FindFault(memory));
    }

    /// <summary>Each lie that a table can tell, as a word of it, and what is said of it.</summary>
    [Theory]
    [InlineData(0x00, 0u, "offset 0x0: ver 0")]
    [InlineData(0x00, 0x464C457Fu, "offset 0x0: ver 1179403647, num 1: ")] // an ELF file
    [InlineData(0x04, 0xFFFFFFFFu, "offset 0x0: ver 1, num 4294967295: ")]
    [InlineData(0x04, 0u, "offset 0x4: 0 vdevs among 0 entries")]
    [InlineData(0x10, 0x4000u, "offset 0x4000: entry 0: ")]
    [InlineData(0x10, 0x18u, "offset 0x")] // an entry that begins in the middle of the vdev
    [InlineData(0x18, 1u, "offset 0x18: virtio device id 1; rpmsg is 7")]
    [InlineData(0x2C, 0x00000100u, "offset 0x2d: num_of_vrings 1; rpmsg has 2")]
    [InlineData(0x2C, 0x0000FF00u, "offset 0x14: entry 0: ")]
    [InlineData(0x30, 0x4001u, "offset 0x30: vring0: 0x4001 to ")]
    [InlineData(0x30, 0xFFFFFFFFu, "offset 0x30: vring0: 0xffffffff to ")]
    [InlineData(0x30, 0x7F000u, "offset 0x30: vring0: 0x7f000 to 0x81fff; it begins at a page and ends below 0x80000")]
    [InlineData(0x30, 0x0u, "offset 0x30: vring0: 0x0 to 0x2fff overlaps the table, 0x0 to 0x57")]
    [InlineData(0x30, 0x10000u, "offset 0x30: vring0: 0x10000 to 0x12fff overlaps the message buffers, 0x10000 to 0x4ffff")]
    [InlineData(0x34, 0x1001u, "offset 0x34: vring0: align 0x1001, num 256; both are powers of two")]
    [InlineData(0x38, 0u, "offset 0x30: vring0: ")]
    [InlineData(0x38, 255u, "offset 0x34: vring0: align 0x1000, num 255; both are powers of two, num up to 32768")]
    [InlineData(0x3C, 1024u, "offset 0x3c: vring0: notifyid 1024; below 1024")]
    [InlineData(0x44, 0x5000u, "offset 0x44: vring1: 0x5000 to 0x7fff overlaps vring0, 0x4000 to 0x6fff")]
    public void A_table_that_lies_is_refused_with_the_offset_and_the_value(int offset, uint value, string words)
    {
        byte[] memory = new byte[OpenAmpLayout.MemoryBytes];
        OpenAmpLayout.BuildTable().CopyTo(memory, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(memory.AsSpan(offset), value);
        Assert.StartsWith(words, OpenAmpTableCheck.FindFault(memory), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_has_written_nothing_is_told_so() =>
        Assert.StartsWith("offset 0x0: no resource table",
            OpenAmpTableCheck.FindFault(new byte[OpenAmpLayout.MemoryBytes]), StringComparison.Ordinal);
}
