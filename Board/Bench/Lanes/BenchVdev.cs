using System;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>An rpmsg vdev in memory that two processes may have mapped: the driver's end and the device's end of its transport.</summary>
/// <remarks>
/// <code>
/// offset            what
/// 0                 status, 8 bytes; feature bits that the driver took, 8 bytes
/// 4096              vring 0, on which the remote sends, rounded up to pages
///  + one ring       vring 1
///  + two rings      message buffers: 512 bytes for each descriptor of both rings
/// </code>
/// It carries all 64 feature bits. Kicks and interrupts are what its owner makes of them.
/// </remarks>
/// <param name="memory">The memory.</param>
/// <param name="bank">The same, on the bus of this process.</param>
/// <param name="offset">Where the vdev begins in it.</param>
/// <param name="benchCase">The case: ring size and layout.</param>
/// <param name="kick">Kicks the remote; null where nobody sleeps.</param>
internal sealed unsafe class BenchVdev(LaneMemory memory, MemoryBank bank, int offset, BenchCase benchCase, Action? kick)
    : IVirtioConfigOps, IDmaMemory, IRemoteVdev
{
    private const int AlignBytes = 64; // the device's part of a ring begins a cache line of its own
    private const int RingsOffset = 4096;

    private readonly Virtqueue?[] _queues = new Virtqueue?[2];

    /// <inheritdoc/>
    public IDmaMemory Dma => this;

    /// <inheritdoc/>
    public uint Generation => 0;

    /// <inheritdoc/>
    public byte Status => (byte)Volatile.Read(ref Words[0]);

    /// <inheritdoc/>
    public ulong DriverFeatures => (ulong)Volatile.Read(ref Words[1]);

    private long* Words => (long*)(memory.Start + offset); // SAFETY: SizeBytes of it are the vdev's

    /// <summary>Bytes that a vdev takes.</summary>
    public static int SizeBytes(BenchCase benchCase) =>
        RingsOffset + (2 * RingBytes(benchCase)) + (2 * benchCase.Ring * RingHalves.BufferBytes);

    /// <inheritdoc/>
    public ulong GetFeatures()
    {
        ulong features = VirtioFeatures.Mask(VirtioFeatures.Version1);
        if (benchCase.Layout == BenchLayout.InOrder) features |= VirtioFeatures.Mask(VirtioFeatures.InOrder);
        if (benchCase.Layout == BenchLayout.Packed) features |= VirtioFeatures.Mask(VirtioFeatures.RingPacked);
        return features;
    }

    /// <inheritdoc/>
    public Errno FinalizeFeatures(ref ulong features)
    {
        Volatile.Write(ref Words[1], (long)features);
        return features == GetFeatures() ? Errno.Ok : Errno.EINVAL; // a case that is not what it says would be measured otherwise
    }

    /// <inheritdoc/>
    public VirtioStatus GetStatus() => (VirtioStatus)Status;

    /// <inheritdoc/>
    public void SetStatus(VirtioStatus status) => Volatile.Write(ref Words[0], (long)status);

    /// <inheritdoc/>
    public void Reset() => Volatile.Write(ref Words[0], 0);

    /// <inheritdoc cref="IVirtioConfigOps.TryReadConfig"/>
    public bool TryReadConfig(int configOffset, Span<byte> destination) => false;

    /// <inheritdoc cref="IVirtioConfigOps.TryWriteConfig"/>
    public bool TryWriteConfig(int configOffset, ReadOnlySpan<byte> source) => false;

    /// <inheritdoc/>
    public RemoteVring GetVring(int index) =>
        new(new DeviceAddress(AddressOf(RingOffset(index)).Value), AlignBytes, (uint)benchCase.Ring, index);

    /// <inheritdoc/>
    public ValueTask<(Errno Errno, Virtqueue?[] Queues)> FindVqsAsync(VirtioDevice device, VirtqueueRequest[] requests)
    {
        _ = SplitQueueLayout.TryCreate(benchCase.Ring, AlignBytes, int.MaxValue, out SplitQueueLayout layout); // a size of the catalog
        for (int i = 0; i < _queues.Length; i++)
        {
            Memory<byte> ring = bank.SliceMemory(AddressOf(RingOffset(i)), layout.SizeBytes);
            _queues[i] = new Virtqueue(device, i, requests[i], layout, ring, _ =>
            {
                kick?.Invoke();
                return true;
            });
        }

        return ValueTask.FromResult((Errno.Ok, _queues));
    }

    /// <inheritdoc/>
    public ValueTask DelVqsAsync(VirtioDevice device)
    {
        foreach (Virtqueue? queue in _queues) queue?.Delete();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public Errno TryAllocate(string owner, int lengthBytes, out DmaBuffer? buffer)
    {
        PhysicalAddress address = AddressOf(RingOffset(2));
        buffer = new DmaBuffer(owner, address, bank.SliceMemory(address, lengthBytes)); // once: the message buffers
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public void Free(DmaBuffer buffer) { }

    private static int RingBytes(BenchCase benchCase) =>
        (int)SharedMemory.RoundUpToPage((long)VringSize.Bytes((uint)benchCase.Ring, AlignBytes));

    private int RingOffset(int index) => offset + RingsOffset + (index * RingBytes(benchCase));

    private PhysicalAddress AddressOf(int inLane) => bank.Address + (ulong)(memory.Offset + inLane);
}
