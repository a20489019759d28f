using System;
using RemoteprocEmu.Board.Traffic;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Traffic;

public sealed class MessageStreamTests
{
    private readonly MessageStream _stream = new(target: 5);
    private readonly byte[][] _messages = [new byte[496], new byte[496], new byte[496], new byte[496], new byte[496]];

    public MessageStreamTests()
    {
        _stream.BeginChannel();
        foreach (byte[] message in _messages) Assert.Equal(496, _stream.WriteNext(message));
    }

    [Fact]
    public void Messages_that_come_back_in_order_and_whole_are_verified_and_the_last_ends_it()
    {
        foreach (byte[] message in _messages)
        {
            Assert.False(_stream.IsDone);
            Assert.Equal(MessageVerdict.Verified, _stream.Take(message));
        }

        Assert.True(_stream.IsDone);
        Assert.Equal((5, 5, 0), (_stream.SentCount, _stream.VerifiedCount, _stream.UnderWayCount));
    }

    [Fact]
    public void Every_single_bit_that_changes_is_noticed()
    {
        for (int bit = 0; bit < 496 * 8; bit += 7)
        {
            _messages[0][bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(MessageVerdict.Damaged, new MessageStream(5).Take(_messages[0]));
            _messages[0][bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Equal(MessageVerdict.Damaged, _stream.Take(_messages[0].AsSpan(0, 495)));
    }

    [Fact]
    public void A_message_that_is_overtaken_is_lost_and_one_that_comes_twice_is_a_duplicate()
    {
        Assert.Equal(MessageVerdict.AfterLoss, _stream.Take(_messages[2]));
        Assert.Equal(2, _stream.LostCount);
        Assert.Equal(MessageVerdict.Duplicate, _stream.Take(_messages[2]));
        Assert.Equal(MessageVerdict.Duplicate, _stream.Take(_messages[0]));
        Assert.Equal((1, 2), (_stream.VerifiedCount, _stream.DuplicateCount));
    }

    [Fact]
    public void What_was_under_way_when_the_channel_went_is_sent_again_and_nothing_is_lost()
    {
        _stream.Take(_messages[0]);
        _stream.Take(_messages[1]);
        _stream.BeginChannel();
        Assert.Equal((3, 0, 2), (_stream.SentAgainCount, _stream.UnderWayCount, _stream.ChannelCount));
        byte[] again = new byte[496];
        while (_stream.HasMore)
        {
            _stream.WriteNext(again);
            Assert.Equal(MessageVerdict.Verified, _stream.Take(again));
        }

        Assert.Equal((5, 8, 0), (_stream.VerifiedCount, _stream.SentCount, _stream.LostCount));
    }
}
