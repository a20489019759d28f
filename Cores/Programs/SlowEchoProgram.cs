using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Echo firmware that works on each message for a while, with a buffer for the answer in its hand all that time.</summary>
/// <remarks>
/// As firmware does that has work to do: it keeps the message where it lies, takes a buffer, works, writes the answer in place and
/// sends it, without a look at the status byte in between. So a driver that goes meanwhile finds its buffers in use.
/// </remarks>
/// <param name="workNs">How long it works on a message, ns; 0 lets others run once.</param>
public sealed class SlowEchoProgram(long workNs = SlowEchoProgram.WorkNs) : RemoteProgram
{
    /// <summary>How long it works on a message unless told, ns.</summary>
    public const long WorkNs = 1_000_000;

    /// <inheritdoc/>
    public override string Name => "slow-echo";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        Queue<(RemoteRpmsg Rpmsg, RemoteRxBuffer Message)> waiting = new();
        uint address = RpmsgAddress.FirstDynamic.Value;
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (!vdev.IsRpmsg) continue;
            RemoteRpmsg rpmsg = context.OpenRpmsg(vdev);
            RemoteStatus status = rpmsg.TryCreateEndpoint(EchoService.ServiceName, new RpmsgAddress(address++),
                (RemoteEndpoint _, in RemoteMessage message) => waiting.Enqueue((rpmsg, message.Hold())), out _);
            if (status != RemoteStatus.Ok) throw new InvalidOperationException($"no endpoint: {status}"); // a new vdev has every address
        }

        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            while (waiting.TryPeek(out (RemoteRpmsg Rpmsg, RemoteRxBuffer Message) next))
            {
                RemoteStatus status = next.Rpmsg.TryReserve(out RemoteTxBuffer answer);
                if (status == RemoteStatus.NoBuffer) break;
                if (status == RemoteStatus.Ok)
                {
                    await context.DelayAsync(workNs);
                    Answer(next.Rpmsg, next.Message, answer);
                }

                next.Rpmsg.Release(next.Message); // no effect when the driver has reset the device
                _ = waiting.Dequeue();
            }

            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    private static void Answer(RemoteRpmsg rpmsg, RemoteRxBuffer message, RemoteTxBuffer answer)
    {
        ReadOnlySpan<byte> payload = message.Payload;
        RemoteStatus status = RemoteStatus.TooLong;
        if (payload.TryCopyTo(answer.Payload))
            status = rpmsg.Commit(answer, message.Header.Destination, message.Header.Source, payload.Length);
        if (status is RemoteStatus.TooLong or RemoteStatus.NoDestination) rpmsg.Release(answer);
    }
}
