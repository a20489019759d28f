using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Wire;

public sealed class WireLayoutTests
{
    [Fact]
    public void A_header_has_the_bytes_of_the_protocol()
    {
        RpmsgHeader header = new(new RpmsgAddress(0x11223344), new RpmsgAddress(0x55667788), 0x99aa);

        byte[] bytes = new byte[RpmsgHeader.SizeBytes];
        MemoryMarshal.Write(bytes, in header);

        Assert.Equal("4433221188776655" + "00000000" + "aa99" + "0000", Convert.ToHexStringLower(bytes));
        Assert.Equal(16, Unsafe.SizeOf<RpmsgHeader>());
    }

    [Fact]
    public void A_configuration_space_has_the_bytes_of_the_proposal()
    {
        RpmsgConfig config = new(version: 1, sizeBytes: 11, txBufferBytes: 0x11223344, rxBufferBytes: 0x55667788);

        byte[] bytes = new byte[RpmsgConfig.LengthBytes];
        MemoryMarshal.Write(bytes, in config);

        Assert.Equal("01" + "0b00" + "44332211" + "88776655", Convert.ToHexStringLower(bytes));
        Assert.Equal(11, Unsafe.SizeOf<RpmsgConfig>());
    }

    [Fact]
    public void A_header_reads_each_field_at_its_offset()
    {
        RpmsgHeader header = MemoryMarshal.Read<RpmsgHeader>(Convert.FromHexString("0100000002000000030000000400" + "0500"));

        Assert.Equal(new RpmsgAddress(1), header.Source);
        Assert.Equal(new RpmsgAddress(2), header.Destination);
        Assert.Equal(3u, header.Reserved);
        Assert.Equal(4, header.LengthBytes);
        Assert.Equal(5, header.Flags);
    }

    [Fact]
    public void A_name_service_message_has_the_bytes_of_the_protocol()
    {
        NameServiceMessage message = new(new RpmsgName("rpmsg-client-sample"), new RpmsgAddress(0x400), NameServiceFlags.Destroy);

        byte[] bytes = new byte[NameServiceMessage.SizeBytes];
        MemoryMarshal.Write(bytes, in message);

        byte[] expected = [.. Encoding.ASCII.GetBytes("rpmsg-client-sample"), .. new byte[13], 0, 4, 0, 0, 1, 0, 0, 0];
        Assert.Equal(expected, bytes);
        Assert.Equal(40, Unsafe.SizeOf<NameServiceMessage>());
    }

    [Fact]
    public void A_name_without_NUL_ends_before_byte_31()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)'n', 32), 6, 4, 0, 0, 0xfe, 0, 0, 0];
        NameServiceMessage message = MemoryMarshal.Read<NameServiceMessage>(bytes);

        Assert.Equal(new string('n', 31), message.Name.ToString());
        Assert.True(message.Name.Is(new string('n', 31)));
        Assert.False(message.Name.Is(new string('n', 32)));
        Assert.Equal(new RpmsgAddress(1030), message.Address);
        Assert.False(message.IsDestroy); // bit 0 alone says so
    }

    [Fact]
    public void Bytes_behind_the_NUL_count_for_nothing()
    {
        byte[] bytes = new byte[NameServiceMessage.SizeBytes];
        "ab\0stack"u8.CopyTo(bytes);
        NameServiceMessage message = MemoryMarshal.Read<NameServiceMessage>(bytes);

        Assert.Equal("ab", message.Name.ToString());
        Assert.True(message.Name.Is("ab"));
        Assert.False(message.Name.Is("abs"));
    }

    [Theory]
    [InlineData("a name that is longer than 31 by")]
    [InlineData("nul\0inside")]
    [InlineData("Ωmega")]
    public void A_name_that_does_not_fit_the_wire_is_the_callers_mistake(string name) =>
        Assert.Throws<ArgumentException>(() => new RpmsgName(name));

    [Fact]
    public void Addresses_are_those_of_the_protocol()
    {
        Assert.Equal(0x35u, RpmsgAddress.NameService.Value);
        Assert.Equal(0x400u, RpmsgAddress.FirstDynamic.Value);
        Assert.Equal("0x400", RpmsgAddress.FirstDynamic.ToString());
        Assert.True(RpmsgAddress.Any.IsAny);
        Assert.Equal(496, RpmsgLimits.PayloadBytesMax);
    }
}
