using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Announces the echo service and then takes no message at all: the host's ring fills, and its senders have to wait.</summary>
public sealed class SilentProgram : RemoteProgram
{
    /// <inheritdoc/>
    public override string Name => "silent";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<RemoteRpmsg> rpmsgs = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (vdev.IsRpmsg) rpmsgs.Add(context.OpenRpmsg(vdev));
        }

        context.Trace.WriteLine($"silent: boot, rpmsg vdevs: {rpmsgs.Count}");
        long[] announcedTo = new long[rpmsgs.Count]; // which driver of each vdev has heard of us
        while (true)
        {
            for (int i = 0; i < rpmsgs.Count; i++)
            {
                bool hasDriver = await rpmsgs[i].WaitForDriverAsync(timeoutNs: 0); // looks once
                if (!hasDriver || announcedTo[i] == rpmsgs[i].LinkCount) continue;
                RpmsgAddress address = new(RpmsgAddress.FirstDynamic.Value + (uint)i);
                RemoteStatus status = rpmsgs[i].TrySendNameService(EchoService.ServiceName, address, NameServiceFlags.Create);
                if (status == RemoteStatus.Ok) announcedTo[i] = rpmsgs[i].LinkCount; // else again at the next kick
            }

            _ = await context.WaitKickAsync(); // no timeout
        }
    }
}
