using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>The usual firmware: announces a service on each rpmsg vdev and sends back whatever comes.</summary>
/// <remarks>
/// It waits for DRIVER_OK before it reads a ring's address, and announces anew to each driver: after a reset, a module reload, a restart.
/// The C images of samples/firmware do the same.
/// </remarks>
/// <param name="name">What it is called.</param>
/// <param name="serviceName">What it announces: <c>rpmsg-tty</c> for a terminal.</param>
public sealed class EchoProgram(string name = "echo", string serviceName = EchoService.ServiceName) : RemoteProgram
{
    /// <inheritdoc/>
    public override string Name => name;

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<EchoService> services = EchoService.OpenAll(context, serviceName: serviceName);
        context.Trace.WriteLine($"{name}: boot, rpmsg vdevs: {services.Count}");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }
}
