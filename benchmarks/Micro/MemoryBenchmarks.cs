using System;
using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>What does a carveout cost: found, zeroed, poisoned?</summary>
[MemoryDiagnoser]
public class MemoryBenchmarks : IDisposable
{
    private readonly SharedMemory _memory = SharedMemory.Create("ddr", 16 << 20);
    private MemoryBank _bank = null!;

    [Params(4096, 1 << 20)]
    public int SizeBytes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _bank = new MemoryBank("ddr", new PhysicalAddress(0x9000_0000), _memory);
        for (int i = 0; i < 8; i++) Check.That(_bank.Allocate($"neighbour {i}", 4096) is not null, "the neighbours fit");
    }

    [Benchmark(Description = "allocate and free")]
    public void AllocateAndFree()
    {
        MemoryBlock? block = _bank.Allocate("carveout", SizeBytes);
        Check.That(block is { } got && got.SizeBytes == SizeBytes && got.Span[^1] == 0, "the block is as long as asked for, and zero");
        _bank.Free(block!);
        Check.That(_bank.LiveBytes == 8 * 4096, "only the neighbours are left");
    }

    [GlobalCleanup]
    public void Dispose()
    {
        ((IDisposable)_memory).Dispose();
        GC.SuppressFinalize(this);
    }
}
