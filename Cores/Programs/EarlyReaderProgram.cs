using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Firmware that believes its table at the first instruction: it reads ring addresses then and waits for no DRIVER_OK.</summary>
/// <remarks>
/// It works where the host publishes the rings before the start, and stays silent where it publishes them later: what it saw is in
/// <see cref="ScriptedCore.FirstInstruction"/> and in its trace buffer. It takes for granted that the driver accepts every feature.
/// </remarks>
public sealed class EarlyReaderProgram : RemoteProgram
{
    /// <inheritdoc/>
    public override string Name => "early-reader";

    /// <inheritdoc/>
    public override bool WaitsForDriver => false;

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<EchoService> services = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            VdevSnapshot seen = context.FirstInstruction[vdev.Index];
            context.Trace.WriteLine($"vdev {seen.Index}: status {seen.Status}, da {seen.Vring0.Address} {seen.Vring1.Address}");
            if (!vdev.IsRpmsg) continue;
            RemoteRpmsg rpmsg = context.OpenRpmsg(vdev, new EarlyView(seen, vdev.DeviceFeatures));
            services.Add(new EchoService(rpmsg, new RpmsgAddress(RpmsgAddress.FirstDynamic.Value + (uint)services.Count)));
        }

        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    /// <summary>The vdev as it stood at the first instruction, with a driver that is always there.</summary>
    private sealed class EarlyView(VdevSnapshot seen, uint deviceFeatures) : IRemoteVdev
    {
        public byte Status => 7; // ACKNOWLEDGE, DRIVER, DRIVER_OK

        public ulong DriverFeatures => deviceFeatures;

        public RemoteVring GetVring(int index) => index == 0 ? seen.Vring0 : seen.Vring1;
    }
}
