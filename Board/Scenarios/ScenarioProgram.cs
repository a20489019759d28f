using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>The echo firmware, or the early reader, which also announces and takes back services when a scenario says so.</summary>
internal sealed class ScenarioProgram : RemoteProgram
{
    /// <summary>What this stands for when it waits.</summary>
    public const string Echo = "echo";

    /// <summary>What this stands for when it does not.</summary>
    public const string EarlyReader = "early-reader";

    private readonly Queue<Request> _requests = new();
    private readonly Action<string, RpmsgAddress, bool> _hear;
    private readonly bool _isEarly;

    /// <summary>Makes the program.</summary>
    /// <param name="isEarly">
    /// Whether it believes its table at the first instruction, as <see cref="EarlyReaderProgram"/>; otherwise it waits for DRIVER_OK, as
    /// <see cref="EchoProgram"/>.
    /// </param>
    public ScenarioProgram(bool isEarly)
    {
        _isEarly = isEarly;
        _hear = (name, address, isCreated) => Heard.Add($"{(isCreated ? "create" : "destroy")} {name} {address.Value}");
    }

    /// <inheritdoc/>
    public override string Name => _isEarly ? EarlyReader : Echo;

    /// <inheritdoc/>
    public override bool WaitsForDriver => !_isEarly;

    /// <summary>What the host has announced, and taken back, since the last rewind.</summary>
    public List<string> Heard { get; } = [];

    /// <summary>Asks it to announce a service, or to take it back; it does so when it is rung next.</summary>
    public void Ask(int vdev, string name, uint address, bool creates) => _requests.Enqueue(new Request(vdev, name, address, creates));

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        List<(int Vdev, RemoteRpmsg Rpmsg)> rpmsgs = [];
        List<EchoService> services = [];
        List<RemoteEndpoint> endpoints = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (!vdev.IsRpmsg) continue;
            IRemoteVdev? view = _isEarly ? new EarlyView(context.FirstInstruction[vdev.Index], vdev.DeviceFeatures) : null;
            RemoteRpmsg rpmsg = context.OpenRpmsg(vdev, view);
            rpmsg.HostAnnounced = _hear;
            services.Add(new EchoService(rpmsg, new RpmsgAddress(RpmsgAddress.FirstDynamic.Value + (uint)rpmsgs.Count)));
            rpmsgs.Add((vdev.Index, rpmsg));
        }

        context.Trace.WriteLine($"{Name}: boot, rpmsg vdevs: {rpmsgs.Count}");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            while (_requests.TryPeek(out Request request) && TryDo(request, rpmsgs, endpoints)) _ = _requests.Dequeue(); // it is done
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    /// <inheritdoc/>
    public override void Rewind()
    {
        _requests.Clear();
        Heard.Clear();
    }

    private static void Ignore(RemoteEndpoint endpoint, in RemoteMessage message) { }

    /// <summary>Does what is asked.</summary>
    /// <returns>False while the host lends no buffer to tell it by.</returns>
    private static bool TryDo(Request request, List<(int Vdev, RemoteRpmsg Rpmsg)> rpmsgs, List<RemoteEndpoint> endpoints)
    {
        int index = rpmsgs.FindIndex(candidate => candidate.Vdev == request.Vdev);
        if (index < 0) return true; // no such vdev: nobody hears
        RemoteRpmsg rpmsg = rpmsgs[index].Rpmsg;
        int known = endpoints.FindIndex(endpoint => endpoint.Remote == rpmsg && endpoint.Name == request.Name);
        if (!request.Creates)
        {
            if (known < 0) return true; // nothing to take back
            if (rpmsg.DestroyEndpoint(endpoints[known]) == RemoteStatus.NoBuffer) return false;
            endpoints.RemoveAt(known);
            return true;
        }

        if (known >= 0) return true; // announced already, or by and by
        if (rpmsg.TryCreateEndpoint(request.Name, new RpmsgAddress(request.Address), Ignore, out RemoteEndpoint? made) == RemoteStatus.Ok)
            endpoints.Add(made!);
        return true; // an address that is taken stays taken
    }

    /// <summary>The vdev as it stood at the first instruction, with a driver that is always there.</summary>
    private sealed class EarlyView(VdevSnapshot seen, uint deviceFeatures) : IRemoteVdev
    {
        public byte Status => 7; // ACKNOWLEDGE, DRIVER, DRIVER_OK

        public ulong DriverFeatures => deviceFeatures;

        public RemoteVring GetVring(int index) => index == 0 ? seen.Vring0 : seen.Vring1;
    }

    private readonly record struct Request(int Vdev, string Name, uint Address, bool Creates);
}
