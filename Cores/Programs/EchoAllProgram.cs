using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Firmware that echoes on every vdev that it can serve: rpmsg, net, console and rproc-serial.</summary>
public sealed class EchoAllProgram : RemoteProgram
{
    /// <inheritdoc/>
    public override string Name => "echo-all";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<EchoService> messages = EchoService.OpenAll(context);
        List<ByteEcho> bytes = [];
        int nets = 0;
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (vdev.IsNet)
            {
                context.OpenNet(vdev).Received = FrameEcho.OnFrame;
                nets++;
            }
            else if (vdev.IsByteStream)
            {
                bytes.Add(new ByteEcho(context.OpenConsole(vdev)));
            }
        }

        context.Trace.WriteLine($"echo-all: boot, vdevs: {messages.Count} rpmsg, {nets} net, {bytes.Count} of bytes");
        while (true)
        {
            bool moreWaits = context.PollVdevs();
            foreach (EchoService service in messages) service.AnswerWaiting();
            foreach (ByteEcho stream in bytes) stream.WriteWaiting();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }
}
