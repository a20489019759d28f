using BenchmarkDotNet.Attributes;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Benchmarks.Micro;

/// <summary>What does a kick cost when nobody sleeps on it?</summary>
[MemoryDiagnoser]
public class DoorbellBenchmarks
{
    private readonly Doorbell _doorbell = new(new VirtualScheduler(), "mailbox", 64);

    [Benchmark(Description = "ring a line and take it")]
    public void RingAndTake()
    {
        bool rang = _doorbell.Ring(17);
        bool taken = _doorbell.TryTake(out int line);
        Check.That(rang && taken && line == 17, "what rang was taken");
    }
}
