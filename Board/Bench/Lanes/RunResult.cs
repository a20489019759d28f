namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>What one half saw in one run.</summary>
internal sealed class RunResult
{
    /// <summary>When it began, in ticks of the machine's clock, which is one for all processes.</summary>
    public long BeginTicks { get; set; }

    /// <summary>When its last message was through.</summary>
    public long EndTicks { get; set; }

    /// <summary>Bytes that its thread allocated in between.</summary>
    public long AllocatedBytes { get; set; }

    /// <summary>Time that its thread had a core for in between, ns.</summary>
    public long CpuNs { get; set; }

    /// <summary>Times that it rang the other half.</summary>
    public long Kicks { get; set; }

    /// <summary>Times that it went to sleep.</summary>
    public long Sleeps { get; set; }

    /// <summary>From the moment a message was due to the moment it was read; null where nothing is offered at a rate.</summary>
    public LatencyHistogram? Latencies { get; set; }
}
