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
            bool moreWaits = context.PollRpmsg();
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
        private RpmsgAddress _asker = RpmsgAddress.Any;
        private long _link;
        private ulong _expected;
        private ulong _whole;
        private ulong _wrong;

        public Counter(RemoteRpmsg rpmsg)
        {
            _rpmsg = rpmsg;
            _ = rpmsg.TryCreateEndpoint(ServiceName, RpmsgAddress.Any, OnMessage, out RemoteEndpoint? endpoint);
            _endpoint = endpoint!; // the first of its vdev: there is an address
        }

        /// <summary>Answers who has asked, if there is a buffer; a kick comes with the next one.</summary>
        public void Answer()
        {
            if (_asker.IsAny) return;
            Span<byte> answer = stackalloc byte[AnswerBytes];
            BinaryPrimitives.WriteUInt64LittleEndian(answer, _whole);
            BinaryPrimitives.WriteUInt64LittleEndian(answer[8..], _wrong);
            if (_endpoint.TrySendTo(_asker, answer) != RemoteStatus.NoBuffer) _asker = RpmsgAddress.Any;
        }

        private void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            if (_rpmsg.LinkCount != _link)
            {
                _link = _rpmsg.LinkCount;
                _expected = _whole = _wrong = 0;
            }

            if (message.Payload.IsEmpty)
            {
                _asker = message.Source;
                return;
            }

            if (NumberedMessage.TryRead(message.Payload, out ulong number) && number == _expected) _whole++;
            else _wrong++;
            _expected++;
        }
    }
}
