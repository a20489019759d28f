using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>
/// Memory for the message buffers of a vdev's driver: from the carveout <c>vdevNbuffer</c> if the platform has one, else from its DMA
/// pool.
/// </summary>
/// <remarks>
/// In our default era a buffer that the driver frees is kept until the vdev goes: the remote may hold its address all that time, and may
/// write there. So the next drivers get others, and only the fifth gets it again, or one that finds no memory. Kernel:
/// rproc_add_virtio_dev (086d08725d34), which lets rpmsg_remove free it under a live remote.
/// </remarks>
public sealed class VdevDmaMemory : IDmaMemory
{
    private const int KeptMax = 4; // of a size, before the oldest is handed out again

    private static readonly NameSeries s_carveouts = new("vdev", "buffer");

    private readonly RprocVdev _vdev;
    private readonly List<MemoryBlock> _inUse = [];
    private readonly List<MemoryBlock> _kept = [];
    private DmaBuffer? _inCarveout;

    internal VdevDmaMemory(RprocVdev vdev) => _vdev = vdev;

    /// <summary>Buffers that a driver has now.</summary>
    public int InUseCount => _inUse.Count + (_inCarveout is null ? 0 : 1);

    /// <inheritdoc/>
    public Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer)
    {
        buffer = null;
        Rproc rproc = _vdev.Rproc;
        Errno errno = rproc.Kernel.Faults.At("dma_alloc_coherent");
        if (errno != Errno.Ok) return errno;
        if (rproc.Carveouts.Find(s_carveouts[_vdev.Index]) is { IsAllocated: true } carveout)
        {
            // The pool is the driver's only source, and the bus address it gives is its da.
            if (_inCarveout is not null || lengthBytes > carveout.Memory.Length) return Errno.ENOMEM;
            Memory<byte> memory = carveout.Memory[..lengthBytes];
            memory.Span.Clear();
            buffer = _inCarveout = new DmaBuffer(owner, new PhysicalAddress(carveout.DeviceAddress.Value), memory);
            return Errno.Ok;
        }

        MemoryBlock? block = TakeKept(lengthBytes, KeptMax) ?? rproc.DmaBank.Allocate($"vdev{_vdev.Index} {owner}", lengthBytes)
            ?? TakeKept(lengthBytes, countMin: 1);
        if (block is null) return Errno.ENOMEM;
        _inUse.Add(block);
        buffer = new DmaBuffer(block.Owner, block.Address, block.Memory[..lengthBytes]);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public void Free(DmaBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (buffer == _inCarveout)
        {
            _inCarveout = null;
            return;
        }

        int index = _inUse.FindIndex(block => block.Address == buffer.Address);
        Invariant.Check(index >= 0, "a driver frees what it has");
        MemoryBlock block = _inUse[index];
        _inUse.RemoveAt(index);
        if (_vdev.Rproc.Era.MessageBufferLife == MessageBufferLife.WithRings) _kept.Add(block);
        else block.Bank.Free(block, "rpmsg_remove");
    }

    /// <summary>The vdev goes, and the processor is off: nobody knows these addresses any more.</summary>
    internal void Release()
    {
        Invariant.Check(InUseCount == 0, "a driver is gone before its vdev");
        foreach (MemoryBlock block in _kept) block.Bank.Free(block, "rproc_virtio_remove");
        _kept.Clear();
    }

    /// <summary>The oldest of a size, where at least so many are kept.</summary>
    private MemoryBlock? TakeKept(int lengthBytes, int countMin)
    {
        int sizeBytes = (int)SharedMemory.RoundUpToPage(lengthBytes);
        int count = 0;
        foreach (MemoryBlock block in _kept) count += block.SizeBytes == sizeBytes ? 1 : 0;
        if (count < countMin) return null;
        int index = _kept.FindIndex(block => block.SizeBytes == sizeBytes);
        MemoryBlock oldest = _kept[index];
        _kept.RemoveAt(index);
        oldest.Span.Clear(); // what an earlier driver left; a new one is zero
        return oldest;
    }
}
