using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Remote;

/// <summary>The driver's half of an rpmsg vdev, bare: two rings and buffers behind them, every step by hand.</summary>
internal sealed class HostDouble : IRemoteVdev, IDisposable
{
    public const int QueueSize = 4;
    public const ulong Base = 0x1000_0000;
    public const ulong RingBytes = 0x1000;
    public const ulong BuffersAt = Base + (2 * RingBytes);

    private readonly SharedMemory _shared = SharedMemory.Create("host-double", 0x8000);
    private readonly MemoryBank _bank;
    private readonly DriverState[] _states;
    private readonly SplitQueueLayout _layout;

    public HostDouble()
    {
        _bank = new MemoryBank("ddr", new PhysicalAddress(Base), _shared);
        PhysicalMemory physical = new();
        physical.Add(_bank);
        Memory = new RemoteMemory(physical, new AddressMap(), iommu: null, reachesBus: true);
        Assert.Equal(RingStatus.Ok, SplitQueueLayout.TryCreate(QueueSize, 16, 4096, out _layout));
        _states = [new DriverState(_layout), new DriverState(_layout)];
        Vrings =
        [
            new RemoteVring(new DeviceAddress(Base), 16, QueueSize, 10),
            new RemoteVring(new DeviceAddress(Base + RingBytes), 16, QueueSize, 11),
        ];
    }

    public RemoteMemory Memory { get; }

    public byte Status { get; set; }

    public ulong DriverFeatures { get; set; } = 1;

    public RemoteVring[] Vrings { get; }

    public List<int> Kicks { get; } = [];

    public Span<byte> Ring(int index) => _shared.Slice((long)RingBytes * index, (int)RingBytes);

    public SplitQueueLayout Layout => _layout;

    public RemoteVring GetVring(int index) => Vrings[index];

    public Span<byte> Buffer(int index) => _shared.Slice(((long)RingBytes * 2) + (512 * index), 512);

    public static ulong BufferAddress(int index) => BuffersAt + (ulong)(512 * index);

    /// <summary>What a driver's probe does: rings zeroed, all receive buffers lent, DRIVER_OK.</summary>
    public void Probe()
    {
        Ring(0).Clear();
        Ring(1).Clear();
        foreach (DriverState state in _states) state.Reset();
        SplitQueueDriver<HostAccess> queue = Driver(0);
        for (int i = 0; i < QueueSize; i++) _ = queue.TryOffer(new VringSegment(BufferAddress(i), 512), writable: true, i);
        queue.Publish();
        Status = 7;
    }

    /// <summary>Lends receive buffer <paramref name="index"/> again.</summary>
    public void Lend(int index)
    {
        SplitQueueDriver<HostAccess> queue = Driver(0);
        _ = queue.TryOffer(new VringSegment(BufferAddress(index), 512), writable: true, index);
        queue.Publish();
    }

    /// <summary>Takes the next message from the remote; null when there is none. Its buffer is not lent again.</summary>
    public (int Buffer, RpmsgHeader Header, byte[] Payload, uint UsedBytes)? Receive()
    {
        if (Driver(0).TryReclaim(out int index, out uint usedBytes) != RingStatus.Ok) return null;
        RpmsgHeader header = MemoryMarshal.Read<RpmsgHeader>(Buffer(index));
        return (index, header, Buffer(index).Slice(16, header.LengthBytes).ToArray(), usedBytes);
    }

    /// <summary>As <see cref="Receive"/>, where the header in the buffer may be anything.</summary>
    public (int Buffer, RpmsgHeader Header, byte[] Payload, uint UsedBytes)? TryReceive()
    {
        if (Driver(0).TryReclaim(out int index, out uint usedBytes) != RingStatus.Ok) return null;
        return (index, MemoryMarshal.Read<RpmsgHeader>(Buffer(index)), [], usedBytes);
    }

    /// <summary>Sends with buffer <paramref name="index"/> of the sending half.</summary>
    public RingStatus Send(int index, uint source, uint destination, ReadOnlySpan<byte> payload, int? lyingLength = null)
    {
        Span<byte> buffer = Buffer(QueueSize + index);
        RpmsgHeader header = new(new RpmsgAddress(source), new RpmsgAddress(destination), (ushort)(lyingLength ?? payload.Length));
        MemoryMarshal.Write(buffer, in header);
        payload.CopyTo(buffer[16..]);
        SplitQueueDriver<HostAccess> queue = Driver(1);
        VringSegment segment = new(BufferAddress(QueueSize + index), (uint)(16 + payload.Length));
        RingStatus status = queue.TryOffer(segment, writable: false, index);
        queue.Publish();
        return status;
    }

    /// <summary>Takes back a sent buffer; -1 when the remote still has all.</summary>
    public int Reclaim() => Driver(1).TryReclaim(out int index, out _) == RingStatus.Ok ? index : -1;

    public SplitQueueDriver<HostAccess> Driver(int ring) => new(Ring(ring), _states[ring]);

    public void Dispose() => ((IDisposable)_shared).Dispose();
}
