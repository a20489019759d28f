using System;
using System.Buffers.Binary;
using RemoteprocEmu.Cores.Programs;
using Xunit;

namespace RemoteprocEmu.Cores.Tests.Programs;

public class NumberedMessageTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(496)]
    public void A_message_that_comes_whole_has_its_number(int sizeBytes)
    {
        byte[] message = new byte[sizeBytes];
        foreach (ulong number in (ulong[])[0, 1, ulong.MaxValue])
        {
            NumberedMessage.Write(message, number);
            Assert.True(NumberedMessage.TryRead(message, out ulong read));
            Assert.Equal(number, read);
        }
    }

    [Fact]
    public void Its_words_are_its_number_and_steps_from_it()
    {
        byte[] message = new byte[48];
        NumberedMessage.Write(message, 5);
        for (int i = 0; i < 6; i++)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(8 * i));
            Assert.Equal(unchecked(5 + ((ulong)i * 0x9E37_79B9_7F4A_7C15)), word);
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(45)]
    [InlineData(496)]
    public void Every_single_bit_that_changes_is_noticed(int sizeBytes)
    {
        byte[] message = new byte[sizeBytes];
        NumberedMessage.Write(message, 77);
        for (int bit = 0; bit < 8 * sizeBytes; bit++)
        {
            message[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(NumberedMessage.TryRead(message, out _));
            message[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Halves_of_two_messages_are_none()
    {
        byte[] message = new byte[496], next = new byte[496];
        NumberedMessage.Write(message, 1);
        NumberedMessage.Write(next, 2);
        next.AsSpan(256).CopyTo(message.AsSpan(256));
        Assert.False(NumberedMessage.TryRead(message, out _));
    }

    [Fact]
    public void What_is_too_short_is_none() => Assert.False(NumberedMessage.TryRead(new byte[15], out _));
}
