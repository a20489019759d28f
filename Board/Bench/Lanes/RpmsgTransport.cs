namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Endpoint to endpoint: the shipping host half, as virtio_rpmsg_bus sets it up, and the shipping remote half.</summary>
internal sealed class RpmsgTransport : MemoryTransport
{
    /// <inheritdoc/>
    public override int SizeBytes(BenchCase benchCase) => benchCase.Vdevs * BenchVdev.SizeBytes(benchCase);

    /// <inheritdoc/>
    public override HalfRunner Make(HalfContext context, LaneMemory memory)
    {
        if (!context.IsHost)
        {
            RpmsgRemoteHalf remote = new(context, memory);
            return Make(context, new RpmsgRemoteHalf.Sender(remote), new RpmsgRemoteHalf.Receiver(remote));
        }

        RpmsgHostHalf host = new(context, memory);
        if (context.Case.Place == BenchPlace.OneThread)
        {
            RpmsgRemoteHalf remote = new(context with { IsHost = false }, memory);
            return Runners.OneThread(context, new RpmsgHostHalf.Sender(host), new RpmsgRemoteHalf.Receiver(remote));
        }

        return Make(context, new RpmsgHostHalf.Sender(host), new RpmsgHostHalf.Receiver(host));
    }
}
