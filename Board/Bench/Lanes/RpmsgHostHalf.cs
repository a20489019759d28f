using System;
using System.Runtime.InteropServices;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>The host's half of an rpmsg case: its endpoints send by the batch, and are polled.</summary>
/// <remarks>
/// With several vdevs a batch goes over each in turn, and each carries numbers of its own: nothing orders messages of two vdevs. With
/// several endpoints a batch goes to each in turn.
/// </remarks>
internal sealed class RpmsgHostHalf : IDisposable
{
    private readonly RpmsgHost _host;
    private readonly BenchCase _case;
    private readonly byte[] _message; // what a copying sender has
    private readonly ulong[] _sent;   // by vdev
    private readonly Handler[] _handlers;
    private int _sendVdev;
    private int _receiveVdev;
    private uint _endpoint;

    /// <summary>Makes it.</summary>
    public RpmsgHostHalf(HalfContext context, LaneMemory memory)
    {
        _case = context.Case;
        _host = new RpmsgHost(context, memory);
        _message = new byte[_case.PayloadBytes];
        _sent = new ulong[_case.Vdevs];
        _handlers = new Handler[_case.Vdevs];
        Array.Fill(_handlers, new Handler(_case.PayloadBytes));
    }

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    private int Send(int count)
    {
        int payloadBytes = _case.PayloadBytes;
        ulong first = _sent[_sendVdev];
        int done = 0;
        using (RpmsgSendBatch batch = _host.Path(_sendVdev).BeginBatch(
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
        int count = _host.Path(_receiveVdev).Poll(ref _handlers[_receiveVdev], countMax);
        if (++_receiveVdev == _case.Vdevs) _receiveVdev = 0;
        return count;
    }

    /// <summary>Its sending side.</summary>
    public readonly struct Sender(RpmsgHostHalf half) : ISendHalf
    {
        /// <inheritdoc/>
        public long KickCount => half._host.KickCount;

        /// <inheritdoc/>
        public int TrySend(ulong first, int count) => half.Send(count);

        /// <inheritdoc/>
        public bool TryArm() => half._host.SendQueue.EnableCb();

        /// <inheritdoc/>
        public void Disarm() => half._host.SendQueue.DisableCb();
    }

    /// <summary>Its receiving side.</summary>
    public readonly struct Receiver(RpmsgHostHalf half) : IReceiveHalf
    {
        /// <inheritdoc/>
        public long KickCount => 0; // with the sender's

        /// <inheritdoc/>
        public int TryReceive(ulong first, int countMax) => half.Receive(countMax);

        /// <inheritdoc/>
        public bool TryArm() => !half._host.Path(0).StartInterrupts();

        /// <inheritdoc/>
        public void Disarm() => half._host.Path(0).StopInterrupts();
    }

    /// <summary>The endpoints' callback: verifies.</summary>
    private struct Handler(int payloadBytes) : IRpmsgBatchHandler
    {
        private ulong _next;

        public void OnMessage(in RpmsgBatchMessage message)
        {
            ReadOnlySpan<byte> payload = message.Payload;
            if (payload.Length != payloadBytes || !Payload.Is(ref MemoryMarshal.GetReference(payload), payloadBytes, _next))
                Payload.ThrowWrong(_next);
            _next++;
        }
    }
}
