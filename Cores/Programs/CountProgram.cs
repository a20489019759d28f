using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Counts numbered messages, and says how many have come when it is asked: for traffic that goes one way.</summary>
/// <remarks>
/// It announces <see cref="ServiceName"/> on each rpmsg vdev. A <see cref="NumberedMessage"/> counts as whole when it has the number that
/// follows the one before, from 0 on; every other message counts as wrong. An empty message asks, and is answered with both counts.
/// A driver that comes anew begins at 0.
/// <code>
/// offset bytes of the answer
///    0     8   whole    messages that came whole and in order
///    8     8   wrong    messages that did not
/// </code>
/// </remarks>
public sealed class CountProgram : RemoteProgram
{
    /// <summary>The service that it announces.</summary>
    public const string ServiceName = "rpmsg-count";

    /// <summary>Size of an answer, bytes.</summary>
    public const int AnswerBytes = 16;

    private const int BatchMessages = 32; // what is given back together
    private const int BatchesPerTurn = 64;

    /// <inheritdoc/>
    public override string Name => "count";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<Counter> counters = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (vdev.IsRpmsg) counters.Add(new Counter(context.OpenRpmsg(vdev)));
        }

        context.Trace.WriteLine($"count: boot, rpmsg vdevs: {counters.Count}");
        while (true)
        {
            foreach (Counter counter in counters) counter.Receive();
            bool moreWaits = context.PollRpmsg(); // what is no message: drivers that come and go, broken rings
            foreach (Counter counter in counters) counter.Answer();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    /// <summary>The messages of one vdev.</summary>
    private sealed class Counter
    {
        private readonly RemoteRpmsg _rpmsg;
        private readonly RemoteEndpoint _endpoint;
        private Tally _tally;

        public Counter(RemoteRpmsg rpmsg)
        {
            _rpmsg = rpmsg;
            _tally = new Tally(rpmsg);
            _ = rpmsg.TryCreateEndpoint(ServiceName, RpmsgAddress.Any, OnMessage, out RemoteEndpoint? endpoint);
            _endpoint = endpoint!; // the first of its vdev: there is an address
            _endpoint.IsPolled = true;
        }

        /// <summary>Takes what has come, by the batch: as long as it comes, but others have a turn, too.</summary>
        public void Receive()
        {
            for (int i = 0; i < BatchesPerTurn; i++)
            {
                _ = _rpmsg.Poll(ref _tally, BatchMessages, out int count); // what ails it is looked for after the turn
                if (count == 0) return;
            }
        }

        /// <summary>Answers who has asked, if there is a buffer; a kick comes with the next one.</summary>
        public void Answer()
        {
            if (_tally.Asker.IsAny) return;
            Span<byte> answer = stackalloc byte[AnswerBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(answer, _tally.Whole);
            BinaryPrimitives.WriteUInt64LittleEndian(answer[8..], _tally.Wrong);
            if (_endpoint.TrySendTo(_tally.Asker, answer) != RemoteStatus.NoBuffer) _tally.Asker = RpmsgAddress.Any;
        }

        private void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message) => _tally.OnMessage(endpoint, message);
    }

    /// <summary>What has come from one driver, and who has asked.</summary>
    private struct Tally(RemoteRpmsg rpmsg) : IRemoteMessageHandler
    {
        private long _link;
        private ulong _expected;

        public RpmsgAddress Asker = RpmsgAddress.Any;
        public ulong Whole;
        public ulong Wrong;

        public void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            if (rpmsg.LinkCount != _link)
            {
                _link = rpmsg.LinkCount;
                _expected = Whole = Wrong = 0;
            }

            ReadOnlySpan<byte> payload = message.Payload;
            if (payload.IsEmpty)
            {
                Asker = message.Source;
                return;
            }

            if (NumberedMessage.Is(payload, _expected)) Whole++;
            else Wrong++;
            _expected++;
        }
    }
}
