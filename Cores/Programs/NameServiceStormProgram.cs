using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Creates and destroys channels <c>storm-0</c>, <c>storm-1</c>, ... as a seed says; what is left at the end stays.</summary>
/// <param name="seed">Equal seeds, equal storms; each start draws anew.</param>
/// <param name="operations">Creations and destructions together.</param>
public sealed class NameServiceStormProgram(ulong seed, int operations) : RemoteProgram
{
    /// <summary>Channels that may exist at once on one vdev.</summary>
    public const int ChannelCountMax = 8;

    /// <inheritdoc/>
    public override string Name => "ns-storm";

    /// <summary>Channels announced since the last start.</summary>
    public long CreatedCount { get; private set; }

    /// <summary>Channels taken back since the last start.</summary>
    public long DestroyedCount { get; private set; }

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        CreatedCount = DestroyedCount = 0;
        SeededChoices dice = new(seed);
        List<RemoteRpmsg> rpmsgs = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (vdev.IsRpmsg) rpmsgs.Add(context.OpenRpmsg(vdev));
        }

        context.Trace.WriteLine($"ns-storm: boot, rpmsg vdevs: {rpmsgs.Count}");
        RemoteEndpoint?[] channels = new RemoteEndpoint?[rpmsgs.Count * ChannelCountMax];
        for (int i = 0; i < operations && channels.Length > 0; i++)
        {
            int slot = dice.Pick(channels.Length);
            RemoteRpmsg rpmsg = rpmsgs[slot / ChannelCountMax];
            while (!TryToggle(rpmsg, ref channels[slot], $"storm-{slot % ChannelCountMax}")) await PollAndWaitAsync(context);
            await context.Yield();
        }

        context.Trace.WriteLine($"ns-storm: {CreatedCount} created, {DestroyedCount} destroyed");
        while (true) await PollAndWaitAsync(context);
    }

    private static async ValueTask PollAndWaitAsync(RemoteContext context)
    {
        if (context.PollRpmsg()) await context.Yield();
        else _ = await context.WaitKickAsync(); // no timeout
    }

    private static void Ignore(RemoteEndpoint endpoint, in RemoteMessage message) { }

    /// <summary>Brings a channel to life, or ends it.</summary>
    /// <returns>False when it is not done before the host has lent a buffer: to be called again.</returns>
    private bool TryToggle(RemoteRpmsg rpmsg, ref RemoteEndpoint? channel, string name)
    {
        if (channel is { IsAnnounced: true })
        {
            if (rpmsg.DestroyEndpoint(channel) != RemoteStatus.Ok) return false;
            channel = null;
            DestroyedCount++;
            return true;
        }

        if (channel is null) _ = rpmsg.TryCreateEndpoint(name, RpmsgAddress.Any, Ignore, out channel); // 8 of 128 addresses: there is one
        if (channel is not { IsAnnounced: true }) return false;
        CreatedCount++;
        return true;
    }
}
