using System;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Something that carries messages through memory that both halves have mapped, in one process or in two.</summary>
internal abstract class MemoryTransport
{
    /// <summary>The one of a name.</summary>
    public static MemoryTransport Of(BenchTransport transport) => transport switch
    {
        BenchTransport.Spsc => new SpscTransport(),
        BenchTransport.Ring => new RingTransport(),
        BenchTransport.Rpmsg => new RpmsgTransport(),
        _ => throw new ArgumentOutOfRangeException(nameof(transport)),
    };

    /// <summary>Memory that a case needs, bytes; it is zero at the beginning.</summary>
    public abstract int SizeBytes(BenchCase benchCase);

    /// <summary>Makes a half; the host's first. On one thread the host's is both.</summary>
    /// <param name="context">What it is made from.</param>
    /// <param name="memory">The memory; it outlives the half.</param>
    public abstract HalfRunner Make(HalfContext context, LaneMemory memory);

    /// <summary>Makes the runner that a case wants.</summary>
    protected static HalfRunner Make<TSend, TReceive>(HalfContext context, TSend send, TReceive receive)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf
    {
        if (context.Case.Direction == BenchDirection.RoundTrip) return Runners.RoundTrip(context, send, receive);
        return context.Sends ? Runners.Sender(context, send) : Runners.Receiver(context, receive);
    }

    private sealed unsafe class SpscTransport : MemoryTransport
    {
        public override int SizeBytes(BenchCase benchCase) => 2 * Spsc.SizeBytes(benchCase.Ring);

        public override HalfRunner Make(HalfContext context, LaneMemory memory)
        {
            BenchCase benchCase = context.Case;
            byte* toRemote = (byte*)memory.Start;
            byte* toHost = toRemote + Spsc.SizeBytes(benchCase.Ring);
            if (benchCase.Place == BenchPlace.OneThread)
            {
                return Runners.OneThread(context, new Spsc.Producer(toRemote, benchCase.Ring, benchCase.PayloadBytes),
                    new Spsc.Consumer(toRemote, benchCase.Ring, benchCase.PayloadBytes));
            }

            return Make(context, new Spsc.Producer(context.IsHost ? toRemote : toHost, benchCase.Ring, benchCase.PayloadBytes),
                new Spsc.Consumer(context.IsHost ? toHost : toRemote, benchCase.Ring, benchCase.PayloadBytes));
        }
    }
}
