using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The message buffers of one vdev: one block, the receiving half first.</summary>
/// <remarks>
/// <code>
/// offset                         buffer
/// RxBytes i                      receive buffer i, 0 to RxCount - 1
/// RxBytes RxCount + TxBytes i    send buffer i, 0 to TxCount - 1
/// </code>
/// Each has 512 bytes, unless the remote asked for another size.
/// Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, rpmsg_probe.
/// </remarks>
internal sealed class MessageBuffers
{
    private readonly IDmaMemory _dma;
    private readonly DmaBuffer _block;

    private MessageBuffers(IDmaMemory dma, DmaBuffer block, in BufferPlan plan)
    {
        _dma = dma;
        _block = block;
        RxCount = plan.RxCount;
        RxBytes = plan.RxBytes;
        TxCount = plan.TxCount;
        TxBytes = plan.TxBytes;
        MtuBytes = plan.MtuBytes;
    }

    /// <summary>Buffers that the remote sends with.</summary>
    public int RxCount { get; }

    /// <summary>Size of each, header included, bytes.</summary>
    public int RxBytes { get; }

    /// <summary>Buffers that the host sends with.</summary>
    public int TxCount { get; }

    /// <summary>Size of each, header included, bytes.</summary>
    public int TxBytes { get; }

    /// <summary>The longest payload that the host can send, bytes.</summary>
    public int MtuBytes { get; }

    /// <summary>The bytes of receive buffer 0, in this process; the others follow.</summary>
    public nint RxStart => _block.Memory.IsEmpty ? 0 : HostBytes.StartOf(_block.Slice(0, 1));

    /// <summary>The bytes of send buffer 0, in this process; the others follow.</summary>
    public nint TxStart => RxStart + TxOffset;

    private int TxOffset => RxBytes * RxCount;

    /// <summary>Whether they were given back.</summary>
    public bool IsFreed { get; private set; }

    public static Errno TryAllocate(IDmaMemory dma, string owner, in BufferPlan plan, out MessageBuffers? buffers)
    {
        buffers = null;
        Errno errno = dma.TryAllocate(owner, (int)plan.TotalBytes, out DmaBuffer? block);
        if (errno == Errno.Ok) buffers = new MessageBuffers(dma, block!, plan);
        return errno;
    }

    public PhysicalAddress RxAddress(int index) => _block.Address + (ulong)(RxBytes * index);

    public PhysicalAddress TxAddress(int index) => _block.Address + (ulong)(TxOffset + (TxBytes * index));

    public Span<byte> Rx(int index)
    {
        Invariant.Check((uint)index < (uint)RxCount && !IsFreed, "a message buffer is one of those that there are");
        return _block.Slice(RxBytes * index, RxBytes);
    }

    public Span<byte> Tx(int index)
    {
        Invariant.Check((uint)index < (uint)TxCount && !IsFreed, "a message buffer is one of those that there are");
        return _block.Slice(TxOffset + (TxBytes * index), TxBytes);
    }

    /// <summary>A receive buffer as memory that can be kept.</summary>
    public Memory<byte> RxMemory(int index) => _block.Memory.Slice(RxBytes * index, RxBytes);

    /// <summary>A send buffer as memory that can be kept.</summary>
    public Memory<byte> TxMemory(int index) => _block.Memory.Slice(TxOffset + (TxBytes * index), TxBytes);

    public void Free()
    {
        Invariant.Check(!IsFreed, "message buffers are freed once");
        IsFreed = true;
        _dma.Free(_block);
    }
}
