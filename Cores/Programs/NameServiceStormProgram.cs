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
            string name = $"storm-{slot % ChannelCountMax}";
            bool creates = channels[slot] is null;
            while (true)
            {
                bool moreWaits = context.PollRpmsg();
                if (creates ? TryCreate(rpmsg, name, ref channels[slot]) : TryDestroy(rpmsg, ref channels[slot])) break;
                if (moreWaits) await context.Yield();
                else _ = await context.WaitKickAsync(); // no timeout
            }

            await context.Yield();
        }

        context.Trace.WriteLine($"ns-storm: {CreatedCount} created, {DestroyedCount} destroyed");
        while (true)
        {
            if (context.PollRpmsg()) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    /// <inheritdoc/>
    public override void Rewind() => CreatedCount = DestroyedCount = 0;

    private static void Ignore(RemoteEndpoint endpoint, in RemoteMessage message) { }

    /// <summary>Brings a channel to life.</summary>
    /// <returns>False while the host lends no buffer for the announcement: to be called again after the next poll.</returns>
    private bool TryCreate(RemoteRpmsg rpmsg, string name, ref RemoteEndpoint? channel)
    {
        if (channel is null) _ = rpmsg.TryCreateEndpoint(name, RpmsgAddress.Any, Ignore, out channel); // 8 of 128 addresses: there is one
        if (!channel!.IsAnnounced) return false;
        CreatedCount++;
        return true;
    }

    /// <summary>Ends a channel.</summary>
    /// <returns>False while the host lends no buffer to tell it by: to be called again after the next poll.</returns>
    private bool TryDestroy(RemoteRpmsg rpmsg, ref RemoteEndpoint? channel)
    {
        if (rpmsg.DestroyEndpoint(channel!) != RemoteStatus.Ok) return false;
        channel = null;
        DestroyedCount++;
        return true;
    }
}
