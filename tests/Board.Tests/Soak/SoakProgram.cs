using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Board.Tests.Soak;

/// <summary>Firmware with many endpoints on each vdev: it answers each message with its copy, some at once, some after having held it for a
/// while.</summary>
internal sealed class SoakProgram(int endpointCount, uint firstAddress) : RemoteProgram
{
    private const int HeldMax = 8; // of 16 receive buffers

    public override string Name => "soak";

    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<Vdev> vdevs = [];
        for (int index = 0; index < 2; index++)
        {
            RemoteRpmsg rpmsg = context.OpenRpmsg(context.Table.Vdevs[index]);
            Vdev vdev = new(rpmsg);
            vdevs.Add(vdev);
            for (uint i = 0; i < endpointCount; i++)
            {
                if (rpmsg.TryCreateEndpoint("", new RpmsgAddress(firstAddress + i), vdev.OnMessage, out _) != RemoteStatus.Ok)
                    throw new CoreFaultException("no endpoint");
            }

            if (rpmsg.TryCreateEndpoint("soak", RpmsgAddress.Any, static (_, in _) => { }, out _) != RemoteStatus.Ok)
                throw new CoreFaultException("no endpoint");
        }

        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (Vdev vdev in vdevs) moreWaits |= vdev.AnswerSome();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync();
        }
    }

    private sealed class Vdev(RemoteRpmsg rpmsg)
    {
        private readonly Queue<RemoteRxBuffer> _held = new(); // in order of arrival: what is held holds up what comes after it
        private uint _dice = 12345;

        public void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            bool holds = _held.Count > 0 || Roll(4) == 0;
            if (!holds && endpoint.TrySendTo(message.Source, message.Payload) == RemoteStatus.Ok) return;
            _held.Enqueue(message.Hold());
        }

        /// <summary>Answers some of what is held.</summary>
        /// <returns>Whether there is more to answer that need not wait for the host.</returns>
        public bool AnswerSome()
        {
            int count = _held.Count >= HeldMax ? _held.Count : Roll(_held.Count + 1);
            while (count-- > 0 && _held.TryPeek(out RemoteRxBuffer message))
            {
                RemoteStatus status = rpmsg.TrySend(message.Header.Destination, message.Header.Source, message.Payload);
                if (status == RemoteStatus.NoBuffer) return false; // the host's kick wakes us
                if (status != RemoteStatus.Ok) throw new CoreFaultException($"no answer: {status}");
                _ = _held.Dequeue();
                rpmsg.Release(message);
            }

            return _held.Count > 0;
        }

        private int Roll(int bound)
        {
            _dice = (_dice * 1664525) + 1013904223;
            return (int)((_dice >> 8) % (uint)bound);
        }
    }
}
