using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Endpoint to endpoint: the shipping host half, as the virtio_rpmsg_bus driver runs it, and the shipping remote half.</summary>
internal sealed class RpmsgTransport : MemoryTransport
{
    /// <inheritdoc/>
    public override int SizeBytes(BenchCase benchCase) => benchCase.Vdevs * BenchVdev.SizeBytes(benchCase);

    /// <inheritdoc/>
    public override HalfRunner Make(HalfContext context, LaneMemory memory)
    {
        BenchCase benchCase = context.Case;
        if (!context.IsHost)
        {
            RpmsgRemoteHalf remote = new(context, memory);
            return Make(context, new RpmsgRemoteHalf.Sender(remote), new RpmsgRemoteHalf.Receiver(remote));
        }

        RpmsgHostHalf host = new(context, memory);
        if (benchCase.Place == BenchPlace.OneThread)
        {
            RpmsgRemoteHalf remote = new(context with { IsHost = false }, memory);
            return Runners.OneThread(context, new RpmsgHostHalf.Sender(host), new RpmsgRemoteHalf.Receiver(remote));
        }

        return Make(context, new RpmsgHostHalf.Sender(host), new RpmsgHostHalf.Receiver(host));
    }
}

/// <summary>What a half expects next; its endpoints' handlers share it.</summary>
internal sealed class Expectation(BenchCase benchCase)
{
    /// <summary>Number of the message that is expected.</summary>
    public ulong Next { get; set; }

    /// <summary>Verifies a message.</summary>
    public void Take(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != benchCase.PayloadBytes ||
            !Payload.Is(ref System.Runtime.InteropServices.MemoryMarshal.GetReference(payload), payload.Length, Next))
            Payload.ThrowWrong(Next);
        Next++;
    }
}

/// <summary>The host's half.</summary>
internal sealed class RpmsgHostHalf : IDisposable
{
    private readonly RpmsgHost _host;
    private readonly BenchCase _case;
    private readonly Expectation _expectation;
    private readonly byte[] _source;
    private readonly ulong[] _sent; // by vdev: each carries numbers of its own
    private readonly ulong[] _received;
    private int _sendVdev;
    private int _receiveVdev;
    private uint _endpoint;

    public RpmsgHostHalf(HalfContext context, LaneMemory memory)
    {
        _case = context.Case;
        _expectation = new Expectation(_case);
        _source = new byte[_case.PayloadBytes];
        _sent = new ulong[_case.Vdevs];
        _received = new ulong[_case.Vdevs];
        _host = new RpmsgHost(context, memory, message =>
        {
            _expectation.Take(message.Payload);
            return default;
        });
    }

    public void Dispose() => _host.Dispose();

    private int Send(int count)
    {
        RpmsgEndpoint endpoint = _host.Endpoints[_sendVdev * _case.Endpoints];
        ulong first = _sent[_sendVdev];
        int done = 0;
        for (; done < count; done++)
        {
            RpmsgAddress destination = new(RpmsgHost.FirstAddress + _endpoint);
            if (_case.Copies)
            {
                Payload.Write(ref _source[0], _case.PayloadBytes, first + (uint)done);
                if (endpoint.TrySendTo(destination, _source) != Errno.Ok) break;
            }
            else
            {
                if (endpoint.TryReserve(out RpmsgTxBuffer buffer) != Errno.Ok) break;
                Payload.Write(ref buffer.Payload[0], _case.PayloadBytes, first + (uint)done);
                if (buffer.Commit(endpoint.Address, destination, _case.PayloadBytes) != Errno.Ok) throw new BenchFailureException("commit");
            }

            if (++_endpoint == _case.Endpoints) _endpoint = 0;
        }

        _sent[_sendVdev] += (ulong)done;
        if (++_sendVdev == _case.Vdevs) _sendVdev = 0;
        return done;
    }

    private int Receive()
    {
        ulong first = _expectation.Next = _received[_receiveVdev];
        _host.Receive(_receiveVdev);
        int count = (int)(_expectation.Next - first);
        _received[_receiveVdev] = _expectation.Next;
        if (++_receiveVdev == _case.Vdevs) _receiveVdev = 0;
        return count;
    }

    /// <summary>Its sending side.</summary>
    public readonly struct Sender(RpmsgHostHalf half) : ISendHalf
    {
        public long KickCount => half._host.KickCount;

        public int TrySend(ulong first, int count) => half.Send(count);

        public bool TryArm() => half._host.Queue(0, 1).EnableCb();

        public void Disarm() => half._host.Queue(0, 1).DisableCb();
    }

    /// <summary>Its receiving side.</summary>
    public readonly struct Receiver(RpmsgHostHalf half) : IReceiveHalf
    {
        public long KickCount => half._host.KickCount;

        public int TryReceive(ulong first, int countMax) => half.Receive();

        public bool TryArm() => half._host.Queue(0, 0).EnableCb();

        public void Disarm() => half._host.Queue(0, 0).DisableCb();
    }
}

/// <summary>The remote's half.</summary>
internal sealed class RpmsgRemoteHalf
{
    private readonly RemoteRpmsg[] _vdevs;
    private readonly BenchCase _case;
    private readonly Expectation _expectation;
    private readonly ulong[] _sent;
    private readonly ulong[] _received;
    private int _sendVdev;
    private int _receiveVdev;
    private uint _endpoint;
    private long _kicks;

    public RpmsgRemoteHalf(HalfContext context, LaneMemory memory)
    {
        _case = context.Case;
        _expectation = new Expectation(_case);
        _sent = new ulong[_case.Vdevs];
        _received = new ulong[_case.Vdevs];
        MemoryBank bank = RpmsgHost.NewBank(memory);
        PhysicalMemory physical = new();
        physical.Add(bank);
        RemoteMemory remoteMemory = new(physical, new AddressMap(), iommu: null, reachesBus: true);
        Scheduler scheduler = new ThreadedScheduler();
        _vdevs = new RemoteRpmsg[_case.Vdevs];
        for (int vdev = 0; vdev < _vdevs.Length; vdev++)
        {
            BenchVdev transport = new(memory, bank, vdev * BenchVdev.SizeBytes(_case), _case, null);
            RemoteRpmsg rpmsg = _vdevs[vdev] = new RemoteRpmsg(scheduler, remoteMemory, transport, _ =>
            {
                _kicks++;
                context.BellToRing?.Ring();
            });
            for (uint i = 0; i < _case.Endpoints; i++)
            {
                RemoteStatus status = rpmsg.TryCreateEndpoint("", new RpmsgAddress(RpmsgHost.FirstAddress + i),
                    (endpoint, in message) => _expectation.Take(message.Payload), out _, new RpmsgAddress(RpmsgHost.FirstAddress + i));
                if (status != RemoteStatus.Ok) throw new BenchFailureException($"an endpoint of the remote: {status}");
            }
        }
    }

    private int Send(int count)
    {
        RemoteRpmsg rpmsg = _vdevs[_sendVdev];
        RpmsgAddress source = new(RpmsgHost.FirstAddress);
        ulong first = _sent[_sendVdev];
        int done = 0;
        for (; done < count; done++)
        {
            RpmsgAddress destination = new(RpmsgHost.FirstAddress + _endpoint);
            if (rpmsg.TryReserve(out RemoteTxBuffer buffer) != RemoteStatus.Ok) break;
            Payload.Write(ref buffer.Payload[0], _case.PayloadBytes, first + (uint)done);
            if (rpmsg.Commit(buffer, source, destination, _case.PayloadBytes, more: true) != RemoteStatus.Ok)
                throw new BenchFailureException("commit");
            if (++_endpoint == _case.Endpoints) _endpoint = 0;
        }

        rpmsg.Flush();
        _sent[_sendVdev] += (ulong)done;
        if (++_sendVdev == _case.Vdevs) _sendVdev = 0;
        return done;
    }

    private int Receive()
    {
        ulong first = _expectation.Next = _received[_receiveVdev];
        _ = _vdevs[_receiveVdev].Poll();
        int count = (int)(_expectation.Next - first);
        _received[_receiveVdev] = _expectation.Next;
        if (++_receiveVdev == _case.Vdevs) _receiveVdev = 0;
        return count;
    }

    /// <summary>Its sending side.</summary>
    public readonly struct Sender(RpmsgRemoteHalf half) : ISendHalf
    {
        public long KickCount => half._kicks;

        public int TrySend(ulong first, int count) => half.Send(count);

        public bool TryArm() => true;

        public void Disarm() { }
    }

    /// <summary>Its receiving side.</summary>
    public readonly struct Receiver(RpmsgRemoteHalf half) : IReceiveHalf
    {
        public long KickCount => half._kicks;

        public int TryReceive(ulong first, int countMax) => half.Receive();

        public bool TryArm() => true;

        public void Disarm() { }
    }
}
