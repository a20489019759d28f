using System;
using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>
/// What does a buffer cost on its way round a split ring - offer, take, return, reclaim - on one thread, alone and in batches?
/// </summary>
[MemoryDiagnoser]
public class RingBenchmarks
{
    private const int QueueSize = 64;
    private const int BatchMax = 32;

    private SharedMemory? _memory;
    private DriverState? _driver;
    private DeviceState? _device;
    private ulong _turn;
    private readonly VringBuffer[] _buffers = new VringBuffer[BatchMax];
    private readonly VringTaken[] _taken = new VringTaken[BatchMax];
    private readonly VringReturned[] _returned = new VringReturned[BatchMax];
    private readonly VringReclaimed[] _reclaimed = new VringReclaimed[BatchMax];

    /// <summary>Whether buffers come back in order, one used entry to a batch.</summary>
    [Params(RingFeatures.None, RingFeatures.InOrder)]
    public RingFeatures Features { get; set; }

    /// <summary>Buffers for each publication of an index.</summary>
    [Params(1, 32)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void MakeRing()
    {
        _memory = SharedMemory.Create("ring", SharedMemory.PageBytes * 2);
        RingStatus status = SplitQueueLayout.TryCreate(QueueSize, 16, _memory.LengthBytes, out SplitQueueLayout layout);
        Check.That(status == RingStatus.Ok, "64 descriptors are a ring");
        _driver = new DriverState(layout, Features);
        _device = new DeviceState(layout, Features) { CoalescesUsed = true };
    }

    [GlobalCleanup]
    public void FreeRing() => ((IDisposable)_memory!).Dispose();

    [Benchmark(Description = "offer, take, return, reclaim", OperationsPerInvoke = 32)]
    public void Round()
    {
        Span<byte> region = _memory!.GetSpan();
        SplitQueueDriver<HostAccess> driver = new(region, _driver!);
        SplitQueueDevice<HostAccess> device = new(region, _device!);
        Span<VringSegment> scratch = stackalloc VringSegment[1];
        for (int done = 0; done < 32; done += Batch)
        {
            for (int i = 0; i < Batch; i++)
            {
                RingStatus offered = driver.TryOffer(new VringSegment(0x1000, 512), writable: false, done + i);
                Check.That(offered == RingStatus.Ok, "there is a free descriptor");
            }
            driver.Publish();
            for (int i = 0; i < Batch; i++)
            {
                Check.That(device.TryTake(scratch, out DescriptorChain chain) == RingStatus.Ok, "what was offered is there");
                device.Return(chain.Head, 0);
            }

            device.Publish();
            for (int i = 0; i < Batch; i++)
                Check.That(driver.TryReclaim(out int token, out _) == RingStatus.Ok && token == done + i, "buffers come back in order");
        }
    }

    /// <summary>The same with the calls for several buffers: the position stays in registers.</summary>
    [Benchmark(Description = "the same, several to a call", OperationsPerInvoke = BatchMax)]
    public void BatchRound() => Turn(stays: true);

    /// <summary>Rejected: every buffer lies elsewhere than the last time, so that each descriptor is written, as without write
    /// elision.</summary>
    [Benchmark(Description = "rejected: every descriptor is written", OperationsPerInvoke = BatchMax)]
    public void BatchRoundWithoutElision() => Turn(stays: false);

    private void Turn(bool stays)
    {
        Span<byte> region = _memory!.GetSpan();
        SplitQueueDriver<HostAccess> driver = new(region, _driver!);
        SplitQueueDevice<HostAccess> device = new(region, _device!);
        Anywhere map = default;
        for (int done = 0; done < BatchMax; done += Batch)
        {
            if (!stays) _turn++;
            for (int i = 0; i < Batch; i++) _buffers[i] = new VringBuffer(0x1000 + _turn, 512, done + i);
            Check.That(driver.Offer(_buffers.AsSpan(0, Batch), writable: false) == Batch, "there are free descriptors");
            driver.Publish();
            RingStatus status = device.TryTake(ref map, _taken.AsSpan(0, Batch), writable: false, out int count);
            Check.That(status == RingStatus.Ok && count == Batch, "what was offered is there");
            for (int i = 0; i < Batch; i++) _returned[i] = new VringReturned(_taken[i].Head, 0);
            device.Return(_returned.AsSpan(0, Batch));
            device.Publish();
            status = driver.TryReclaim(_reclaimed.AsSpan(0, Batch), out count);
            Check.That(status == RingStatus.Ok && count == Batch && _reclaimed[0].Token == done, "buffers come back in order");
        }
    }

    private readonly struct Anywhere : IBufferMap
    {
        public bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            start = 0;
            return true;
        }
    }
}
