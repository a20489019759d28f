using System;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>The message buffers of one vdev: one block, the receiving half first.</summary>
/// <remarks>
/// <code>
/// offset                  buffer
/// 512 i                   receive buffer i, 0 to CountEach - 1
/// 512 (CountEach + i)     send buffer i
/// </code>
/// Source: Linux drivers/rpmsg/virtio_rpmsg_bus.c, rpmsg_probe.
/// </remarks>
internal sealed class MessageBuffers
{
    private readonly IDmaMemory _dma;
    private readonly DmaBuffer _block;

    private MessageBuffers(IDmaMemory dma, DmaBuffer block, int countEach)
    {
        _dma = dma;
        _block = block;
        CountEach = countEach;
    }

    /// <summary>Buffers in each direction.</summary>
    public int CountEach { get; }

    /// <summary>Whether they were given back.</summary>
    public bool IsFreed { get; private set; }

    public static Errno TryAllocate(IDmaMemory dma, string owner, int countEach, out MessageBuffers? buffers)
    {
        buffers = null;
        Errno errno = dma.TryAllocate(owner, 2 * countEach * RpmsgLimits.BufferBytes, out DmaBuffer? block);
        if (errno == Errno.Ok) buffers = new MessageBuffers(dma, block!, countEach);
        return errno;
    }

    public PhysicalAddress RxAddress(int index) => _block.Address + (ulong)(RpmsgLimits.BufferBytes * index);

    public PhysicalAddress TxAddress(int index) => RxAddress(CountEach + index);

    public Span<byte> Rx(int index) => At(index, index);

    public Span<byte> Tx(int index) => At(index, CountEach + index);

    public void Free()
    {
        Invariant.Check(!IsFreed, "message buffers are freed once");
        IsFreed = true;
        _dma.Free(_block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> At(int index, int slot)
    {
        Invariant.Check((uint)index < (uint)CountEach && !IsFreed, "a message buffer is one of those that there are");
        return _block.Slice(RpmsgLimits.BufferBytes * slot, RpmsgLimits.BufferBytes);
    }
}
