using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>The remote's half of an rpmsg case: its endpoints send by the batch, and are polled; by turns as <see cref="RpmsgHostHalf"/>
/// says.</summary>
internal sealed class RpmsgRemoteHalf
{
    private readonly RemoteRpmsg[] _vdevs;
    private readonly BenchCase _case;
    private readonly byte[] _message;
    private readonly ulong[] _sent;
    private readonly Handler[] _handlers;
    private int _sendVdev;
    private int _receiveVdev;
    private uint _endpoint;
    private long _kicks;

    /// <summary>Makes it. The host's half is there already: the first look finds its driver.</summary>
    public RpmsgRemoteHalf(HalfContext context, LaneMemory memory)
    {
        _case = context.Case;
        _message = new byte[_case.PayloadBytes];
        _sent = new ulong[_case.Vdevs];
        _handlers = new Handler[_case.Vdevs];
        Array.Fill(_handlers, new Handler(_case.PayloadBytes));
        MemoryBank bank = RpmsgHost.NewBank(memory);
        PhysicalMemory physical = new();
        physical.Add(bank);
        RemoteMemory remoteMemory = new(physical, new AddressMap(), iommu: null, reachesBus: true);
        ThreadedScheduler scheduler = new(); // for its clock: nothing here sleeps on it
        _vdevs = new RemoteRpmsg[_case.Vdevs];
        for (int vdev = 0; vdev < _vdevs.Length; vdev++)
        {
            BenchVdev transport = new(memory, bank, vdev * BenchVdev.SizeBytes(_case), _case, null);
            RemoteRpmsg rpmsg = _vdevs[vdev] = new RemoteRpmsg(scheduler, remoteMemory, transport, _ =>
            {
                _kicks++;
                context.BellToRing?.Ring();
            })
            {
                PeerPolls = _case.Wait == BenchWait.Poll,
            };
            for (uint i = 0; i < _case.Endpoints; i++) AddEndpoint(rpmsg, new RpmsgAddress(RpmsgHost.FirstAddress + i));
        }
    }

    private static void AddEndpoint(RemoteRpmsg rpmsg, RpmsgAddress address)
    {
        RemoteStatus status = rpmsg.TryCreateEndpoint("", address, static (endpoint, in message) =>
            throw new BenchFailureException("a polled endpoint's own handler is called"), out RemoteEndpoint? endpoint, address);
        if (status != RemoteStatus.Ok) throw new BenchFailureException($"an endpoint of the remote: {status}");
        endpoint!.IsPolled = true;
    }

    private int Send(int count)
    {
        int payloadBytes = _case.PayloadBytes;
        ulong first = _sent[_sendVdev];
        int done = 0;
        using (RemoteSendBatch batch = _vdevs[_sendVdev].BeginBatch(
            new RpmsgAddress(RpmsgHost.FirstAddress), new RpmsgAddress(RpmsgHost.FirstAddress + _endpoint), count))
        {
            if (_case.Copies)
            {
                for (; done < count; done++)
                {
                    Payload.Write(ref _message[0], payloadBytes, first + (uint)done);
                    if (!batch.TrySend(_message)) break;
                }
            }
            else
            {
                for (; done < count && batch.TryReserve(out Span<byte> payload); done++)
                {
                    Payload.Write(ref MemoryMarshal.GetReference(payload), payloadBytes, first + (uint)done);
                    batch.Commit(payloadBytes);
                }
            }
        }

        _sent[_sendVdev] = first + (uint)done;
        if (++_sendVdev == _case.Vdevs) _sendVdev = 0;
        if (done > 0 && ++_endpoint == _case.Endpoints) _endpoint = 0;
        return done;
    }

    private int Receive(int countMax)
    {
        RemoteStatus status = _vdevs[_receiveVdev].Poll(ref _handlers[_receiveVdev], countMax, out int count);
        if (status != RemoteStatus.Ok) throw new BenchFailureException($"the remote says {status}");
        if (++_receiveVdev == _case.Vdevs) _receiveVdev = 0;
        return count;
    }

    /// <summary>Its sending side. A batch that finds no buffer has asked for a kick.</summary>
    public readonly struct Sender(RpmsgRemoteHalf half) : ISendHalf
    {
        /// <inheritdoc/>
        public long KickCount => half._kicks;

        /// <inheritdoc/>
        public int TrySend(ulong first, int count) => half.Send(count);

        /// <inheritdoc/>
        public bool TryArm() => true;

        /// <inheritdoc/>
        public void Disarm() { }
    }

    /// <summary>Its receiving side.</summary>
    public readonly struct Receiver(RpmsgRemoteHalf half) : IReceiveHalf
    {
        /// <inheritdoc/>
        public long KickCount => 0; // with the sender's

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax) => half.Receive(countMax);

        /// <inheritdoc/>
        public bool TryArm() => !half._vdevs[0].StartKicks();

        /// <inheritdoc/>
        public void Disarm()
        {
            foreach (RemoteRpmsg vdev in half._vdevs) vdev.StopKicks();
        }
    }

    /// <summary>The endpoints' callback: verifies.</summary>
    private struct Handler(int payloadBytes) : IRemoteMessageHandler
    {
        private ulong _next;

        public void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            ReadOnlySpan<byte> payload = message.Payload;
            if (payload.Length != payloadBytes || !Payload.Is(ref MemoryMarshal.GetReference(payload), payloadBytes, _next))
                Payload.ThrowWrong(_next);
            _next++;
        }
    }
}
