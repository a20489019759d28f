using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Tests.Device;

/// <summary>A transport in memory with the device half behind it: registers, configuration space, rings, and a device that uses
/// them.</summary>
internal sealed class MemoryTransport(MemoryBank bank) : IVirtioConfigOps, IDmaMemory
{
    private readonly List<(DmaBuffer Buffer, MemoryBlock Block)> _buffers = [];
    private VirtioStatus _status = VirtioStatus.Failed; // left by somebody earlier

    public ulong DeviceFeatures { get; set; }

    public ulong? DriverFeatures { get; private set; }

    public byte[] ConfigSpace { get; set; } = [];

    public int QueueSize { get; set; } = 8;

    public int QueueCountMax { get; set; } = 2;

    /// <summary>Every value that the status byte took, in order.</summary>
    public List<byte> StatusHistory { get; } = [];

    /// <summary>A device that does not accept what the driver asks for keeps this bit from being set.</summary>
    public VirtioStatus RefusedStatus { get; set; }

    public Errno FinalizeErrno { get; set; }

    public bool CanKick { get; set; } = true;

    /// <summary>Generations that a read sees, one a look; the last one stays.</summary>
    public Queue<uint> Generations { get; } = new();

    public List<DeviceQueue> Queues { get; } = [];

    public uint Generation => Generations.Count switch
    {
        0 => 0,
        1 => Generations.Peek(),
        _ => Generations.Dequeue(),
    };

    public IDmaMemory Dma => this;

    public ulong GetFeatures() => DeviceFeatures;

    public Errno FinalizeFeatures(ref ulong features)
    {
        features = VirtioFeatures.VringTransportFeatures(features);
        DriverFeatures = features;
        return FinalizeErrno;
    }

    public VirtioStatus GetStatus() => _status;

    public void SetStatus(VirtioStatus status)
    {
        _status = status & ~RefusedStatus;
        StatusHistory.Add((byte)_status);
    }

    public void Reset()
    {
        _status = VirtioStatus.None;
        StatusHistory.Add(0);
    }

    public bool TryReadConfig(int offset, Span<byte> destination)
    {
        if (offset < 0 || offset > ConfigSpace.Length - destination.Length) return false;
        ConfigSpace.AsSpan(offset, destination.Length).CopyTo(destination);
        return true;
    }

    public bool TryWriteConfig(int offset, ReadOnlySpan<byte> source)
    {
        if (offset < 0 || offset > ConfigSpace.Length - source.Length) return false;
        source.CopyTo(ConfigSpace.AsSpan(offset));
        return true;
    }

    public async ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests)
    {
        Virtqueue?[] queues = new Virtqueue?[requests.Length];
        for (int i = 0; i < requests.Length; i++)
        {
            if (requests[i].Name is null) continue;
            if (Queues.Count == QueueCountMax)
            {
                await DelVqsAsync(device);
                return (Errno.EINVAL, []);
            }

            _ = SplitQueueLayout.TryCreate(QueueSize, 16, 4096, out SplitQueueLayout layout);
            MemoryBlock block = bank.Allocate($"vring{i}", layout.SizeBytes)!;
            Virtqueue queue = new(device, Queues.Count, requests[i], layout, block.Memory, Kick);
            Queues.Add(new DeviceQueue(queue, block, new DeviceState(layout, VirtioFeatures.ForRing(device.Features))));
            queues[i] = queue;
        }

        return (Errno.Ok, queues);
    }

    public ValueTask DelVqsAsync(VirtioDevice device)
    {
        foreach (DeviceQueue queue in Queues)
        {
            queue.Driver.Delete();
            bank.Free(queue.Block);
        }

        Queues.Clear();
        return ValueTask.CompletedTask;
    }

    public Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer)
    {
        MemoryBlock? block = bank.Allocate(owner, lengthBytes);
        buffer = block is null ? null : new DmaBuffer(owner, block.Address, block.Memory[..lengthBytes]);
        if (block is not null) _buffers.Add((buffer!, block));
        return block is null ? Errno.ENOMEM : Errno.Ok;
    }

    public void Free(DmaBuffer buffer)
    {
        int index = _buffers.FindIndex(entry => entry.Buffer == buffer);
        bank.Free(_buffers[index].Block);
        _buffers.RemoveAt(index);
    }

    private bool Kick(Virtqueue queue)
    {
        if (CanKick) Queues[queue.Index].KickCount++;
        return CanKick;
    }
}

/// <summary>The device's side of one queue.</summary>
internal sealed class DeviceQueue(Virtqueue driver, MemoryBlock block, DeviceState state)
{
    public Virtqueue Driver { get; } = driver;

    public MemoryBlock Block { get; } = block;

    public int KickCount { get; set; }

    public SplitQueueDevice<HostAccess> Device => new(Block.Span, state);

    /// <summary>Takes everything that is there and returns it as used.</summary>
    /// <returns>How many buffers.</returns>
    public int UseAll(uint writtenBytes)
    {
        SplitQueueDevice<HostAccess> device = Device;
        Span<VringSegment> scratch = stackalloc VringSegment[4];
        int count = 0;
        for (; device.TryTake(scratch, out DescriptorChain chain) == RingStatus.Ok; count++) device.Return(chain.Head, writtenBytes);
        device.Publish();
        return count;
    }
}
