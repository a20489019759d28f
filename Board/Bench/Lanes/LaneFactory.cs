using System;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Makes lanes: memory, bells, both halves.</summary>
/// <param name="host">The machine.</param>
/// <param name="peer">The other process; null where there is none.</param>
internal sealed unsafe class LaneFactory(BenchHost host, BenchPeer? peer)
{
    /// <summary>Makes one.</summary>
    public Lane Create(BenchCase benchCase) => benchCase.Transport switch
    {
        BenchTransport.Channel => CreateChannel(benchCase),
        BenchTransport.Pipe => CreatePipe(benchCase),
        BenchTransport.Unix => CreateUnix(benchCase),
        BenchTransport.Udp => CreateUdp(benchCase),
        _ when benchCase.Place == BenchPlace.TwoProcesses => peer?.Create(benchCase, host)
            ?? throw new InvalidOperationException("there is no other process"),
        _ => CreateInMemory(benchCase),
    };

    private ThreadLane CreateInMemory(BenchCase benchCase)
    {
        MemoryTransport transport = MemoryTransport.Of(benchCase.Transport);
        SharedMemory memory = SharedMemory.Create("bench", SharedMemory.PageBytes + transport.SizeBytes(benchCase));
        (HalfContext hostContext, HalfContext remoteContext, IDisposable[] bells) = NewContexts(benchCase, memory.Base);
        LaneMemory piece = new(memory, SharedMemory.PageBytes);
        HalfRunner hostHalf = transport.Make(hostContext, piece);
        HalfRunner? remoteHalf = benchCase.Place == BenchPlace.OneThread ? null : transport.Make(remoteContext, piece);
        return new ThreadLane(benchCase, benchCase.Copies ? 1 : 0, (host.First, host.Second), hostHalf, remoteHalf, [.. bells, memory]);
    }

    private ThreadLane CreateChannel(BenchCase benchCase)
    {
        Channel<byte[]> there = ChannelLane.New(benchCase), back = ChannelLane.New(benchCase);
        return Create(benchCase, 0,
            new ChannelLane.Writer(there.Writer, benchCase), new ChannelLane.Reader(there.Reader, benchCase.PayloadBytes),
            new ChannelLane.Writer(back.Writer, benchCase), new ChannelLane.Reader(back.Reader, benchCase.PayloadBytes));
    }

    private ThreadLane CreatePipe(BenchCase benchCase)
    {
        Pipe there = PipeLane.New(benchCase), back = PipeLane.New(benchCase);
        return Create(benchCase, 0,
            new PipeLane.Writer(there.Writer, benchCase.PayloadBytes), new PipeLane.Reader(there.Reader, benchCase.PayloadBytes),
            new PipeLane.Writer(back.Writer, benchCase.PayloadBytes), new PipeLane.Reader(back.Reader, benchCase.PayloadBytes));
    }

    private ThreadLane CreateUnix(BenchCase benchCase)
    {
        (Socket a, Socket b) = SocketLane.NewUnixPair();
        return Create(benchCase, 2, // into the kernel and out of it
            new SocketLane.StreamWriter(a, benchCase), new SocketLane.StreamReader(b, benchCase),
            new SocketLane.StreamWriter(b, benchCase), new SocketLane.StreamReader(a, benchCase), a, b);
    }

    private ThreadLane CreateUdp(BenchCase benchCase)
    {
        (Socket a, Socket b) = SocketLane.NewUdpPair();
        SocketLane.Window there = new(), back = new();
        return Create(benchCase, 2,
            new SocketLane.DatagramWriter(a, there, benchCase), new SocketLane.DatagramReader(b, there, benchCase),
            new SocketLane.DatagramWriter(b, back, benchCase), new SocketLane.DatagramReader(a, back, benchCase), a, b);
    }

    private ThreadLane Create<TSend, TReceive>(BenchCase benchCase, double copiesPerMessage, TSend hostSend, TReceive remoteReceive,
        TSend remoteSend, TReceive hostReceive, params IDisposable[] owned)
        where TSend : struct, ISendHalf
        where TReceive : struct, IReceiveHalf
    {
        SharedMemory memory = SharedMemory.Create("bench", Gate.SizeBytes);
        (HalfContext hostContext, HalfContext remoteContext, IDisposable[] bells) = NewContexts(benchCase, memory.Base);
        bool isRoundTrip = benchCase.Direction == BenchDirection.RoundTrip;
        HalfRunner hostHalf = isRoundTrip ? Runners.RoundTrip(hostContext, hostSend, hostReceive)
            : Runners.Sender(hostContext, hostSend);
        HalfRunner remoteHalf = isRoundTrip ? Runners.RoundTrip(remoteContext, remoteSend, remoteReceive)
            : Runners.Receiver(remoteContext, remoteReceive);
        return new ThreadLane(benchCase, copiesPerMessage, (host.First, host.Second), hostHalf, remoteHalf, [.. owned, .. bells, memory]);
    }

    private (HalfContext Host, HalfContext Remote, IDisposable[] Bells) NewContexts(BenchCase benchCase, byte* gate)
    {
        EventFd hostBell = EventFd.Create(), remoteBell = EventFd.Create();
        HalfContext hostContext = new()
        {
            Case = benchCase,
            IsHost = true,
            Gate = new Gate(gate),
            OwnBell = hostBell,
            OtherBell = remoteBell,
            SpinLooks = host.SpinLooks,
            SpinNs = host.SleepNs,
        };
        return (hostContext, hostContext with { IsHost = false, OwnBell = remoteBell, OtherBell = hostBell }, [hostBell, remoteBell]);
    }
}
