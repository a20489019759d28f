using System;
using RemoteprocEmu.Cores.Programs;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>Numbered messages that go out and are to come back whole and in order; it outlives the channel that carries them.</summary>
/// <remarks>
/// Each is a <see cref="NumberedMessage"/>. When the remote crashes, what was under way is lost with its rings and is sent again on the
/// next channel.
/// </remarks>
/// <param name="target">Messages to exchange, each way.</param>
public sealed class MessageStream(long target)
{
    /// <summary>Size of each message: the largest payload of an rpmsg buffer, bytes.</summary>
    public const int MessageBytes = 496;

    private long _nextToSend;
    private long _nextExpected;

    /// <summary>Messages to exchange, each way.</summary>
    public long Target { get; } = target;

    /// <summary>Messages sent, those sent again included.</summary>
    public long SentCount { get; private set; }

    /// <summary>Messages that came back whole and in order.</summary>
    public long VerifiedCount { get; private set; }

    /// <summary>Messages that were under way when their channel went, and were sent again.</summary>
    public long SentAgainCount { get; private set; }

    /// <summary>Messages that were overtaken by a later one.</summary>
    public long LostCount { get; private set; }

    /// <summary>Messages that came back twice.</summary>
    public long DuplicateCount { get; private set; }

    /// <summary>Messages that came back altered.</summary>
    public long DamagedCount { get; private set; }

    /// <summary>Channels that carried it so far.</summary>
    public int ChannelCount { get; private set; }

    /// <summary>Messages sent and not yet back.</summary>
    public long UnderWayCount => _nextToSend - _nextExpected;

    /// <summary>Whether there is another to send.</summary>
    public bool HasMore => _nextToSend < Target;

    /// <summary>Whether the last is back, or lost for good.</summary>
    public bool IsDone => _nextExpected >= Target;

    /// <summary>A channel carries it from here on: what was under way on the one before is to be sent again.</summary>
    public void BeginChannel()
    {
        SentAgainCount += UnderWayCount;
        _nextToSend = _nextExpected;
        ChannelCount++;
    }

    /// <summary>Writes the next message.</summary>
    /// <param name="payload">Where, <see cref="MessageBytes"/> or more.</param>
    /// <returns>Bytes written.</returns>
    public int WriteNext(Span<byte> payload)
    {
        SentCount++;
        NumberedMessage.Write(payload[..MessageBytes], (ulong)_nextToSend++);
        return MessageBytes;
    }

    /// <summary>Judges a message that came back.</summary>
    public MessageVerdict Take(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != MessageBytes || !NumberedMessage.TryRead(payload, out ulong sequence))
        {
            DamagedCount++;
            if (UnderWayCount > 0) _nextExpected++; // it stands for the one expected
            return MessageVerdict.Damaged;
        }

        if (sequence < (ulong)_nextExpected || sequence >= (ulong)_nextToSend)
        {
            DuplicateCount++;
            return MessageVerdict.Duplicate;
        }

        long skipped = (long)sequence - _nextExpected;
        _nextExpected = (long)sequence + 1;
        LostCount += skipped;
        VerifiedCount++;
        return skipped == 0 ? MessageVerdict.Verified : MessageVerdict.AfterLoss;
    }
}
