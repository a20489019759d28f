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

    private SharedMemory? _memory;
    private DriverState? _driver;
    private DeviceState? _device;

    /// <summary>Buffers for each publication of an index.</summary>
    [Params(1, 32)]
    public int Batch { get; set; }

    [GlobalSetup]
    public void MakeRing()
    {
        _memory = SharedMemory.Create("ring", SharedMemory.PageBytes * 2);
        RingStatus status = SplitQueueLayout.TryCreate(QueueSize, 16, _memory.LengthBytes, out SplitQueueLayout layout);
        Check.That(status == RingStatus.Ok, "64 descriptors are a ring");
        _driver = new DriverState(layout);
        _device = new DeviceState(layout);
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
}
