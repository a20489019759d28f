using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Sends numbered messages to a host that echoes, and checks that each comes back whole and in order.</summary>
/// <remarks>
/// It announces <see cref="ServiceName"/> on each rpmsg vdev, and begins when it knows a host's endpoint: by the first message from one,
/// which counts for nothing else, or by a host that announces the same name. After a reset of the device it goes on with the first
/// message that was not answered.
/// </remarks>
/// <param name="messages">How many, on each vdev.</param>
/// <param name="payloadBytes">Size of each, 4 or more: its number, then bytes that follow from it. The host's buffers bound it.</param>
public sealed class PingProgram(int messages, int payloadBytes = 16) : RemoteProgram
{
    /// <summary>The service that it announces.</summary>
    public const string ServiceName = "rpmsg-ping";

    private const int Window = 8; // messages under way at once

    private readonly int _messages = messages;
    private readonly int _payloadBytes =
        payloadBytes >= sizeof(int) ? payloadBytes : throw new ArgumentOutOfRangeException(nameof(payloadBytes));

    /// <inheritdoc/>
    public override string Name => "ping";

    /// <summary>Messages sent since the last start.</summary>
    public long SentCount { get; private set; }

    /// <summary>Answers that were right, since the last start.</summary>
    public long VerifiedCount { get; private set; }

    /// <summary>Answers that were not, since the last start.</summary>
    public long MismatchCount { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        SentCount = VerifiedCount = MismatchCount = 0;
        List<Conversation> conversations = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (vdev.IsRpmsg) conversations.Add(new Conversation(this, context.OpenRpmsg(vdev)));
        }

        context.Trace.WriteLine($"ping: boot, rpmsg vdevs: {conversations.Count}");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (Conversation conversation in conversations) conversation.Continue();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    /// <inheritdoc/>
    public override void Rewind() => SentCount = VerifiedCount = MismatchCount = 0;

    private static void Fill(Span<byte> payload, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        for (int i = sizeof(int); i < payload.Length; i++) payload[i] = (byte)(number + i);
    }

    private static bool Matches(ReadOnlySpan<byte> payload, int number)
    {
        if (BinaryPrimitives.ReadInt32LittleEndian(payload) != number) return false;
        for (int i = sizeof(int); i < payload.Length; i++)
        {
            if (payload[i] != (byte)(number + i)) return false;
        }

        return true;
    }

    /// <summary>The pings of one vdev.</summary>
    private sealed class Conversation
    {
        private readonly PingProgram _program;
        private readonly RemoteRpmsg _rpmsg;
        private readonly RemoteEndpoint _endpoint;
        private bool _isUnderWay;
        private long _link;
        private int _nextToSend;
        private int _nextExpected;

        public Conversation(PingProgram program, RemoteRpmsg rpmsg)
        {
            _program = program;
            _rpmsg = rpmsg;
            _ = rpmsg.TryCreateEndpoint(ServiceName, RpmsgAddress.Any, OnMessage, out RemoteEndpoint? endpoint);
            _endpoint = endpoint!; // the first of its vdev: there is an address
        }

        public void Continue()
        {
            if (_rpmsg.LinkCount != _link)
            {
                _link = _rpmsg.LinkCount;
                _isUnderWay = false;
                _nextToSend = _nextExpected;
            }

            if (_endpoint.Destination.IsAny) return;
            _isUnderWay = true;
            while (_nextToSend < _program._messages && _nextToSend - _nextExpected < Window)
            {
                if (_rpmsg.TryReserve(out RemoteTxBuffer buffer) != RemoteStatus.Ok) break; // a kick comes with the next buffer
                Span<byte> payload = buffer.Payload;
                if (payload.Length < _program._payloadBytes) // the host's buffers are too short: nothing to be done
                {
                    _rpmsg.Release(buffer);
                    break;
                }

                payload = payload[.._program._payloadBytes];
                Fill(payload, _nextToSend);
                if (_endpoint.Commit(buffer, payload.Length, more: true) != RemoteStatus.Ok) break;
                _nextToSend++;
                _program.SentCount++;
            }

            _rpmsg.Flush();
        }

        private void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            if (!_isUnderWay || _rpmsg.LinkCount != _link) return; // the message that tells where the host is
            bool isRight = message.Payload.Length == _program._payloadBytes && Matches(message.Payload, _nextExpected);
            if (isRight) _program.VerifiedCount++;
            else _program.MismatchCount++;
            _nextExpected++;
        }
    }
}
