using System;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Samples;

/// <summary>Firmware in C#: sends every message back in capital letters.</summary>
internal sealed class ShoutProgram : RemoteProgram
{
    public override string Name => "shout";

    public override async ValueTask RunAsync(RemoteContext context)
    {
        RemoteRpmsg rpmsg = context.OpenRpmsg(context.Table.Vdevs[0]);
        if (rpmsg.TryCreateEndpoint("shout", RpmsgAddress.Any, OnMessage, out _) != RemoteStatus.Ok)
            context.Crash(CoreFaultKind.FatalError, "no endpoint");
        context.Trace.WriteLine("shout: boot");
        while (true)
        {
            if (context.PollRpmsg()) await context.Yield(); // more waits already
            else _ = await context.WaitKickAsync();
        }
    }

    private static void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
    {
        Span<byte> answer = stackalloc byte[message.Payload.Length];
        _ = Ascii.ToUpper(message.Payload, answer, out int length); // stops at what is no ASCII
        RemoteStatus status = endpoint.TrySendTo(message.Source, answer[..length]);
        if (status != RemoteStatus.Ok) throw new CoreFaultException($"no answer: {status}");
    }
}
