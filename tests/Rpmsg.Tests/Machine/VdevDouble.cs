using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Machine;

/// <summary>A vdev in memory that host and remote share: a virtio transport on one side, a resource table entry on the other.</summary>
internal sealed class VdevDouble : IVirtioConfigOps, IRemoteVdev, IDmaMemory
{
    private const uint AlignBytes = 16;

    private readonly MemoryBank _bank;
    private readonly RemoteVring[] _vrings;
    private readonly MemoryBlock[] _rings;
    private readonly Dictionary<DmaBuffer, MemoryBlock> _buffers = [];
    private ulong _driverFeatures;
    private VirtioStatus _status;

    public VdevDouble(MemoryBank bank, RemoteMemory memory, int rxSize, int txSize, ulong features, int firstNotifyId)
    {
        _bank = bank;
        Memory = memory;
        Offered = features;
        int[] sizes = [rxSize, txSize];
        Layouts = new SplitQueueLayout[2];
        _rings = new MemoryBlock[2];
        _vrings = new RemoteVring[2];
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(RingStatus.Ok, SplitQueueLayout.TryCreate(sizes[i], AlignBytes, int.MaxValue, out Layouts[i]));
            _rings[i] = bank.Allocate($"vring{i}", Layouts[i].SizeBytes)!;
            _vrings[i] = new RemoteVring(new DeviceAddress(_rings[i].Address.Value), AlignBytes, (uint)sizes[i], firstNotifyId + i);
        }
    }

    public RemoteMemory Memory { get; }

    public ulong Offered { get; }

    public SplitQueueLayout[] Layouts { get; }

    /// <summary>Its configuration space.</summary>
    public byte[] Config { get; init; } = [];

    /// <summary>Notifyids that the host has kicked, in order.</summary>
    public List<int> HostKicks { get; } = [];

    /// <summary>Every status byte that was written, in order.</summary>
    public List<byte> Statuses { get; } = [];

    /// <summary>What the host had sent when it last reset the device.</summary>
    public ushort SentBeforeReset { get; private set; }

    /// <summary>Called on each kick of the host; null for nobody.</summary>
    public Action<int>? OnHostKick { get; set; }

    /// <summary>The message buffers while a driver has them: receiving half first.</summary>
    public DmaBuffer? Buffers { get; private set; }

    public ulong DriverFeatures => _driverFeatures;

    byte IRemoteVdev.Status => (byte)_status;

    public VirtioStatus Status => _status;

    public IDmaMemory Dma => this;

    public uint Generation => 0;

    public Span<byte> Ring(int index) => _rings[index].Span;

    public ushort AvailIndex(int ring) => MemoryMarshal.Read<Le16>(Ring(ring)[(Layouts[ring].AvailOffset + 2)..]).Value;

    public ushort UsedIndex(int ring) => MemoryMarshal.Read<Le16>(Ring(ring)[(Layouts[ring].UsedOffset + 2)..]).Value;

    public ushort AvailFlags(int ring) => MemoryMarshal.Read<Le16>(Ring(ring)[Layouts[ring].AvailOffset..]).Value;

    public VringDescriptor Descriptor(int ring, int index) => MemoryMarshal.Read<VringDescriptor>(Ring(ring)[(16 * index)..]);

    public Span<byte> RxBuffer(int index) => Buffers!.Memory.Span.Slice(512 * index, 512);

    public RemoteVring GetVring(int index) => _vrings[index];

    public ulong GetFeatures() => Offered;

    public Errno FinalizeFeatures(ref ulong features)
    {
        features = VirtioFeatures.VringTransportFeatures(features);
        _driverFeatures = features;
        return Errno.Ok;
    }

    public VirtioStatus GetStatus() => _status;

    public void SetStatus(VirtioStatus status)
    {
        _status = status;
        Statuses.Add((byte)status);
    }

    public void Reset()
    {
        SentBeforeReset = AvailIndex(1);
        SetStatus(VirtioStatus.None);
    }

    public bool TryReadConfig(int offset, Span<byte> destination)
    {
        if (offset < 0 || destination.Length > Config.Length - offset) return false;
        Config.AsSpan(offset, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source) => false;

    public ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests)
    {
        Virtqueue?[] queues = new Virtqueue?[requests.Length];
        for (int i = 0; i < requests.Length; i++)
        {
            Ring(i).Clear();
            queues[i] = new Virtqueue(device, i, requests[i], Layouts[i], _rings[i].Memory, Notify);
        }

        return new ValueTask<(Errno, Virtqueue?[])>((Errno.Ok, queues));
    }

    public ValueTask DelVqsAsync(VirtioDevice device)
    {
        foreach (Virtqueue queue in device.Virtqueues.ToArray()) queue.Delete();
        return ValueTask.CompletedTask;
    }

    public Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer)
    {
        buffer = null;
        MemoryBlock? block = _bank.Allocate(owner, lengthBytes);
        if (block is null) return Errno.ENOMEM;
        Buffers = buffer = new DmaBuffer(owner, block.Address, block.Memory[..lengthBytes]);
        _buffers.Add(buffer, block);
        return Errno.Ok;
    }

    public void Free(DmaBuffer buffer)
    {
        Assert.True(_buffers.Remove(buffer, out MemoryBlock? block));
        _bank.Free(block!);
        Buffers = null;
    }

    private bool Notify(Virtqueue queue)
    {
        HostKicks.Add(_vrings[queue.Index].NotifyId);
        OnHostKick?.Invoke(_vrings[queue.Index].NotifyId);
        return true;
    }
}
