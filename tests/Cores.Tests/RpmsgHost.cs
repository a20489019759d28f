using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Cores.Tests;

/// <summary>The driver half of one rpmsg vdev: a virtio_rpmsg_bus in small, over the same rings, with a buffer a descriptor.</summary>
internal sealed class RpmsgHost
{
    private const int BufferBytes = RpmsgLimits.BufferBytes;

    private readonly TestBoard _board;
    private readonly int _vdev;
    private readonly int _size;
    private readonly Stack<int> _freeTx = new();
    private readonly DriverState _receive;
    private readonly DriverState _transmit;

    public RpmsgHost(TestBoard board, int vdev, uint queueSize)
    {
        _board = board;
        _vdev = vdev;
        _size = (int)queueSize;
        RingStatus status = SplitQueueLayout.TryCreate(queueSize, 16, 0x4000, out SplitQueueLayout layout);
        if (status != RingStatus.Ok) throw new ArgumentOutOfRangeException(nameof(queueSize));
        _receive = new DriverState(layout);
        _transmit = new DriverState(layout);
    }

    /// <summary>Ring statuses other than Ok and Empty that receiving met: the remote broke the ring.</summary>
    public RingStatus Fault { get; private set; }

    private int SizeBytes => _receive.Layout.SizeBytes;

    /// <summary>virtio reset, find_vqs, buffers, DRIVER_OK, kick: what a driver's probe does to the remote.</summary>
    public void Probe(bool kick = true)
    {
        _board.SetStatus(_vdev, 0);
        _board.SetStatus(_vdev, 3);
        _board.SetFeatures(_vdev, 1);
        Ring(0).Clear();
        Ring(1).Clear();
        _receive.Reset();
        _transmit.Reset();
        Fault = RingStatus.Ok;
        _freeTx.Clear();
        for (int i = _size - 1; i >= 0; i--) _freeTx.Push(i);
        SplitQueueDriver<HostAccess> queue = new(Ring(0), _receive);
        for (int i = 0; i < _size; i++)
            _ = queue.TryOffer(new VringSegment(BufferAddress(i), BufferBytes), writable: true, i); // an empty ring has room
        queue.Publish();
        _board.SetStatus(_vdev, 7);
        if (kick && queue.ShouldKick()) _board.Core.Kick(2 * _vdev);
    }

    /// <summary>Device reset by a driver that leaves.</summary>
    public void Remove() => _board.SetStatus(_vdev, 0);

    public bool TrySend(uint source, uint destination, ReadOnlySpan<byte> payload)
    {
        SplitQueueDriver<HostAccess> queue = new(Ring(1), _transmit);
        while (queue.TryReclaim(out int token, out _) == RingStatus.Ok) _freeTx.Push(token);
        if (!_freeTx.TryPop(out int free)) return false;
        Span<byte> buffer = Buffer(_size + free);
        RpmsgHeader header = new(new RpmsgAddress(source), new RpmsgAddress(destination), (ushort)payload.Length);
        MemoryMarshal.Write(buffer, in header);
        payload.CopyTo(buffer[RpmsgHeader.SizeBytes..]);
        VringSegment segment = new(BufferAddress(_size + free), (uint)(RpmsgHeader.SizeBytes + payload.Length));
        _ = queue.TryOffer(segment, writable: false, free); // as many descriptors as buffers
        queue.Publish();
        if (queue.ShouldKick()) _board.Core.Kick((2 * _vdev) + 1);
        return true;
    }

    /// <summary>Takes the next message and posts its buffer again.</summary>
    /// <returns>False when there is none, or the ring is broken.</returns>
    public bool TryReceive(out HostMessage message)
    {
        bool any = TryReceiveInPlace(out int buffer, out uint usedLengthBytes);
        message = default;
        if (!any) return false;
        RpmsgHeader header = MemoryMarshal.Read<RpmsgHeader>(Buffer(buffer));
        int length = Math.Min(header.LengthBytes, BufferBytes - RpmsgHeader.SizeBytes);
        byte[] payload = Buffer(buffer).Slice(RpmsgHeader.SizeBytes, length).ToArray();
        message = new HostMessage(header.Source, header.Destination, header.LengthBytes, usedLengthBytes, payload);
        Repost(buffer);
        return true;
    }

    /// <summary>Takes the next message where it lies; allocates nothing.</summary>
    public bool TryReceiveInPlace(out int buffer, out uint usedLengthBytes)
    {
        RingStatus status = new SplitQueueDriver<HostAccess>(Ring(0), _receive).TryReclaim(out buffer, out usedLengthBytes);
        if (status is not (RingStatus.Ok or RingStatus.Empty)) Fault = status;
        return status == RingStatus.Ok;
    }

    public void Repost(int buffer)
    {
        SplitQueueDriver<HostAccess> queue = new(Ring(0), _receive);
        _ = queue.TryOffer(new VringSegment(BufferAddress(buffer), BufferBytes), writable: true, buffer); // a descriptor was just reclaimed
        queue.Publish();
        if (queue.ShouldKick()) _board.Core.Kick(2 * _vdev);
    }

    /// <summary>Waits for a message, sleeping on the host's doorbell; null when none came in time.</summary>
    public async ValueTask<HostMessage?> ReceiveAsync(long timeoutNs = 1_000_000_000)
    {
        long deadlineNs = _board.Scheduler.NowNs + timeoutNs;
        while (true)
        {
            if (TryReceive(out HostMessage message)) return message;
            if (_board.Scheduler.NowNs >= deadlineNs) return null;
            _ = await _board.HostDoorbell.WaitAsync(deadlineNs - _board.Scheduler.NowNs);
            while (_board.HostDoorbell.TryTake(out int _)) { }
        }
    }

    /// <summary>Sends numbers to the echo service as fast as there are buffers, and counts the answers that come back in order.</summary>
    public async ValueTask<int> ExchangeAsync(uint address, int count, int payloadBytes = 16)
    {
        byte[] payload = new byte[payloadBytes];
        int sent = 0, echoed = 0;
        while (echoed < count)
        {
            for (; sent < count; sent++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(payload, sent);
                if (!TrySend(1100, address, payload)) break;
            }

            HostMessage? answer = await ReceiveAsync(10_000_000_000);
            if (answer is not { } message || message.Source.Value != address || message.Destination.Value != 1100) break;
            if (message.Payload.Length != payloadBytes || BinaryPrimitives.ReadInt32LittleEndian(message.Payload) != echoed) break;
            echoed++;
        }

        return echoed;
    }

    private Span<byte> Ring(uint ring) => _board.Bytes(TestBoard.RingAddress((uint)_vdev, ring), SizeBytes);

    private ulong BufferAddress(int buffer) => TestBoard.BufferAddress((uint)_vdev) + ((uint)buffer * BufferBytes);

    private Span<byte> Buffer(int buffer) => _board.Bytes((uint)BufferAddress(buffer), BufferBytes);
}
