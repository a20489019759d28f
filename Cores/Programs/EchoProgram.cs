using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>The usual firmware: announces a service on each rpmsg vdev and sends back whatever comes.</summary>
/// <remarks>
/// It waits for DRIVER_OK before it reads a ring's address, and announces anew to each driver: after a reset, a module reload, a restart.
/// The C images of samples/firmware do the same.
/// </remarks>
public sealed class EchoProgram : RemoteProgram
{
    /// <inheritdoc/>
    public override string Name => "echo";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<EchoService> services = EchoService.OpenAll(context);
        context.Trace.WriteLine($"echo: boot, rpmsg vdevs: {services.Count}");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }
}
