using System;
using RemoteprocEmu.Board.Bench.Lanes;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Bench;

/// <summary>What says that a message is the one expected: a benchmark that does not look measures something else.</summary>
public class PayloadTests
{
    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(112)]
    [InlineData(240)]
    [InlineData(496)]
    public void Each_altered_byte_is_found(int lengthBytes)
    {
        byte[] message = new byte[lengthBytes];
        Payload.Write(ref message[0], lengthBytes, 77);
        Assert.True(Payload.Is(ref message[0], lengthBytes, 77));
        for (int i = 0; i < lengthBytes; i++)
        {
            message[i] ^= 0x10;
            Assert.False(Payload.Is(ref message[0], lengthBytes, 77), $"byte {i}");
            message[i] ^= 0x10;
        }
    }

    [Fact]
    public void The_message_before_and_the_message_after_are_other_messages()
    {
        byte[] message = new byte[16];
        Payload.Write(ref message[0], 16, 77);
        Assert.False(Payload.Is(ref message[0], 16, 76));
        Assert.False(Payload.Is(ref message[0], 16, 78));
    }

    [Fact]
    public void A_message_that_is_shifted_within_itself_is_found()
    {
        byte[] message = new byte[128];
        Payload.Write(ref message[0], 128, 77);
        byte[] shifted = [.. message[8..], .. message[..8]];
        Assert.False(Payload.Is(ref shifted[0], 128, 77));
    }

    [Fact]
    public void No_byte_beyond_a_message_is_written()
    {
        byte[] room = new byte[512];
        foreach (int lengthBytes in (int[])[16, 48, 112, 496])
        {
            Array.Clear(room);
            Payload.Write(ref room[0], lengthBytes, ulong.MaxValue);
            Assert.Equal(-1, room.AsSpan(lengthBytes).IndexOfAnyExcept((byte)0));
        }
    }
}
