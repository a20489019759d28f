using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Firmware to try a host with: all services that Linux has a driver for, each echoing, and one that takes orders.</summary>
/// <remarks>
/// <code>
/// address  service
/// 0x400    rpmsg-client-sample   echoes
/// 0x401    rpmsg-raw             echoes
/// 0x402    rpmsg-tty             echoes
/// 0x600    (not announced)       echoes
/// 0x700    (not announced)       takes orders, and answers each with "ok"
///
/// order                    what it does
/// create NAME ADDRESS      announces a channel
/// destroy NAME ADDRESS     takes it back, whether it was announced or not
/// storm N                  announces and takes back a channel, N times
/// malformed BYTES          sends a name service message of another length
/// spurious N               rings, with nothing to say
/// flood N BYTES            sends N messages to who gives the order, as fast as buffers come
/// stray                    sends to an address that nobody has
/// stall MS                 takes no message for so long
/// crash                    is a crash
/// </code>
/// </remarks>
public sealed class LabProgram : RemoteProgram
{
    private static readonly (string Service, uint Address)[] s_echoes =
        [(EchoService.ServiceName, 0x400), ("rpmsg-raw", 0x401), ("rpmsg-tty", 0x402), ("", 0x600)];

    private static readonly RpmsgAddress s_orders = new(0x700);

    /// <inheritdoc/>
    public override string Name => "lab";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<EchoService> echoes = [];
        Queue<(RemoteRpmsg Rpmsg, int NotifyId, RpmsgAddress Source, string[] Words)> orders = new();
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (!vdev.IsRpmsg) continue;
            RemoteRpmsg rpmsg = context.OpenRpmsg(vdev);
            foreach ((string service, uint address) in s_echoes)
                echoes.Add(new EchoService(rpmsg, new RpmsgAddress(address), name: service));
            _ = rpmsg.TryCreateEndpoint("", s_orders, (RemoteEndpoint _, in RemoteMessage message) => orders.Enqueue(
                (rpmsg, vdev.GetVring(0).NotifyId, message.Source, Encoding.ASCII.GetString(message.Payload).Split(' '))), out _);
        }

        context.Trace.WriteLine("lab: boot");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService echo in echoes) echo.AnswerWaiting();
            while (orders.TryDequeue(out (RemoteRpmsg Rpmsg, int NotifyId, RpmsgAddress Source, string[] Words) order))
            {
                bool isDone = await ObeyAsync(context, order.Rpmsg, order.NotifyId, order.Source, order.Words);
                _ = await order.Rpmsg.SendAsync(s_orders, order.Source, isDone ? "ok"u8.ToArray() : "what?"u8.ToArray());
                moreWaits = true;
            }

            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    private static async ValueTask<bool> ObeyAsync(RemoteContext context, RemoteRpmsg rpmsg, int notifyId, RpmsgAddress source,
        string[] words)
    {
        int count = words.Length > 1 && int.TryParse(words[1], CultureInfo.InvariantCulture, out int number) ? number : 0;
        switch (words[0])
        {
            case "create" or "destroy" when words.Length == 3 && TryAddress(words[2], out RpmsgAddress address):
                return await TellAsync(context, rpmsg, words[1], address, words[0] == "create");
            case "storm":
                for (int i = 0; i < count; i++)
                {
                    RpmsgAddress address = new(0x800 + (uint)(i % 8));
                    if (!await TellAsync(context, rpmsg, "storm", address, create: true)) return false;
                    if (!await TellAsync(context, rpmsg, "storm", address, create: false)) return false;
                }

                return true;
            case "malformed":
                return await rpmsg.SendAsync(s_orders, RpmsgAddress.NameService, new byte[count]) == RemoteStatus.Ok;
            case "spurious":
                for (int i = 0; i < count; i++) context.KickHost(notifyId);
                return true;
            case "flood" when words.Length == 3:
                byte[] payload = new byte[int.Parse(words[2], CultureInfo.InvariantCulture)];
                for (int i = 0; i < count; i++)
                {
                    payload.AsSpan().Fill((byte)i);
                    if (await rpmsg.SendAsync(s_orders, source, payload) != RemoteStatus.Ok) return false;
                }

                return true;
            case "stray":
                return await rpmsg.SendAsync(s_orders, new RpmsgAddress(0xdead), "stray"u8.ToArray()) == RemoteStatus.Ok;
            case "stall":
                await context.DelayAsync(count * 1_000_000L);
                return true;
            case "crash":
                context.Crash(CoreFaultKind.FatalError, "as ordered");
                return true;
            default:
                return false;
        }
    }

    private static bool TryAddress(string text, out RpmsgAddress address)
    {
        bool isNumber = uint.TryParse(text, CultureInfo.InvariantCulture, out uint value);
        address = new RpmsgAddress(value);
        return isNumber;
    }

    /// <summary>Sends a name service message of its own making; waits for a buffer as long as it takes.</summary>
    private static async ValueTask<bool> TellAsync(RemoteContext context, RemoteRpmsg rpmsg, string name, RpmsgAddress address, bool create)
    {
        while (true)
        {
            RemoteStatus status = rpmsg.TrySendNameService(name, address, create ? NameServiceFlags.Create : NameServiceFlags.Destroy);
            if (status != RemoteStatus.NoBuffer) return status == RemoteStatus.Ok;
            _ = await context.WaitKickAsync();
        }
    }
}
