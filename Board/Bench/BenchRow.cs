namespace RemoteprocEmu.Board.Bench;

/// <summary>What became of a case in one mood of the machine: medians over its runs, and how far they were apart.</summary>
internal sealed record BenchRow
{
    /// <summary>The group in which it was compared.</summary>
    public required string Group { get; init; }

    /// <summary>The case.</summary>
    public required BenchCase Case { get; init; }

    /// <summary><c>near</c>, <c>far</c>; <c>one</c> for what one thread does.</summary>
    public required string Mood { get; init; }

    /// <summary>A cache line's way there and back, ns, around its runs.</summary>
    public double LineNs { get; init; }

    /// <summary>Messages a second; there and back count once.</summary>
    public double PerSecond { get; init; }

    /// <summary>The slowest run.</summary>
    public double PerSecondMin { get; init; }

    /// <summary>The fastest run.</summary>
    public double PerSecondMax { get; init; }

    /// <summary>Of the bare ring in the same group and mood; null where there is none.</summary>
    public double? RatioToSpsc { get; init; }

    /// <summary>Bytes allocated by both threads, a message.</summary>
    public double AllocatedBytes { get; init; }

    /// <summary>Rings of either bell, a message.</summary>
    public double Kicks { get; init; }

    /// <summary>Sleeps of either half, a message.</summary>
    public double Sleeps { get; init; }

    /// <summary>Copies of its bytes, a message.</summary>
    public double Copies { get; init; }

    /// <summary>Cores kept busy, 0 to 2.</summary>
    public double Cpu { get; init; }

    /// <summary>From the moment that half of the messages were due to their reading, ns; null where nothing is offered at a rate.</summary>
    public double? LatencyMedianNs { get; init; }

    /// <summary>The same for 99 of 100.</summary>
    public double? LatencyP99Ns { get; init; }

    /// <summary>Runs that count.</summary>
    public int Runs { get; init; }

    /// <summary>Runs that were dropped, because the mood changed meanwhile or somebody else had a core.</summary>
    public int Dropped { get; init; }

    /// <summary>Runs among those that count which would have been dropped, but that the machine was never quiet.</summary>
    public int Disturbed { get; init; }

    /// <summary>Length of a run, s.</summary>
    public double RunSeconds { get; init; }

    /// <summary>The longest spin before a sleep, ns; 0 where nothing sleeps.</summary>
    public long SpinNs { get; init; }

    /// <summary>The processor's name.</summary>
    public string CpuModel { get; init; } = "";

    /// <summary>Cores, kernel and runtime.</summary>
    public string Machine { get; init; } = "";

    /// <summary>Time for a message, ns; there and back where it returns.</summary>
    public double NsPerMessage => 1e9 / PerSecond;

    /// <summary>There and back, ns; null in one direction.</summary>
    public double? RoundTripNs => Case.Direction == BenchDirection.RoundTrip ? NsPerMessage : null;

    /// <summary>A round trip in round trips of a bare line; null in one direction, and on one thread.</summary>
    public double? RatioToLine => RoundTripNs is { } ns && LineNs > 0 ? ns / LineNs : null;

    /// <summary>Payload, MB a second, of 10^6 bytes.</summary>
    public double MegabytesPerSecond => PerSecond * Case.PayloadBytes / 1e6;
}
