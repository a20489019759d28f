using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Firmware that announces one service and writes down what the host announces.</summary>
internal sealed class HearingProgram : RemoteProgram
{
    public List<string> Heard { get; } = [];

    public override string Name => "hearing";

    public override async ValueTask RunAsync(RemoteContext context)
    {
        RemoteRpmsg rpmsg = context.OpenRpmsg(context.Table.Vdevs[0]);
        rpmsg.HostAnnounced = (name, address, created) => Heard.Add($"{(created ? "create" : "destroy")} {name} {address.Value}");
        _ = new EchoService(rpmsg, RpmsgAddress.FirstDynamic);
        while (true)
        {
            _ = context.PollRpmsg();
            _ = await context.WaitKickAsync(RemoteContext.DriverPollNs);
        }
    }
}
