using System;
using System.Buffers.Binary;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.VirtioBackend;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>Numbered messages that go out to a remote that counts them, as fast as it takes them; a new channel begins anew.</summary>
/// <param name="target">Messages to send.</param>
public sealed class OneWayStream(long target)
{
    private RpmsgFastPath? _path; // of the channel
    private long _beganNs;
    private bool _hasAsked;

    /// <summary>Messages to send.</summary>
    public long Target { get; } = target;

    /// <summary>The channel that carries them; null while there is none.</summary>
    public RpmsgDevice? Channel { get; private set; }

    /// <summary>Messages sent on it.</summary>
    public long SentCount { get; private set; }

    /// <summary>Messages that the remote has seen come whole and in order; 0 before it has said so.</summary>
    public long WholeCount { get; private set; }

    /// <summary>Messages that the remote has seen come otherwise.</summary>
    public long WrongCount { get; private set; }

    /// <summary>From the first message to the remote's answer, ns.</summary>
    public long ActiveNs { get; private set; }

    /// <summary>Whether the remote has answered.</summary>
    public bool IsDone { get; private set; }

    /// <summary>A channel is there.</summary>
    public void Begin(RpmsgDevice channel)
    {
        Channel = channel;
        _path = RpmsgFastPath.Of(channel);
        SentCount = 0;
        _hasAsked = IsDone = false;
        _beganNs = channel.Kernel.Scheduler.NowNs;
    }

    /// <summary>The channel goes.</summary>
    public void End()
    {
        Channel = null;
        _path = null;
    }

    /// <summary>Sends until no buffer is free, or all are sent and the remote was asked what has come.</summary>
    /// <param name="max">Messages at most.</param>
    /// <returns>Whether to wait for a buffer.</returns>
    public bool SendMore(int max)
    {
        RpmsgEndpoint endpoint = Channel!.Endpoint!;
        long untilCount = Math.Min(Target, SentCount + max);
        long number = SentCount;
        using (RpmsgSendBatch batch = _path!.BeginBatch(endpoint))
        {
            for (; number < untilCount && batch.TryReserve(out Span<byte> payload); number++)
            {
                NumberedMessage.Write(payload[..MessageStream.MessageBytes], (ulong)number);
                batch.Commit(MessageStream.MessageBytes);
            }
        }

        SentCount = number;
        if (number < untilCount) return true;
        if (SentCount == Target && !_hasAsked) _hasAsked = endpoint.TrySend([]) == Errno.Ok;
        return !_hasAsked;
    }

    /// <summary>Sleeps until a buffer is free.</summary>
    public async ValueTask WaitForBufferAsync()
    {
        (Errno errno, RpmsgTxBuffer buffer) = await Channel!.Endpoint!.ReserveAsync();
        if (errno == Errno.Ok) buffer.Dispose(); // the next to be taken
    }

    /// <summary>The remote says what has come.</summary>
    public void Take(ReadOnlySpan<byte> answer, long nowNs)
    {
        if (answer.Length != CountProgram.AnswerBytes || IsDone) return;
        WholeCount = (long)BinaryPrimitives.ReadUInt64LittleEndian(answer);
        WrongCount = (long)BinaryPrimitives.ReadUInt64LittleEndian(answer[8..]);
        ActiveNs = nowNs - _beganNs;
        IsDone = true;
    }
}
