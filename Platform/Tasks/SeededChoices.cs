using System;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Answers drawn from a seed: equal seeds, equal answers, on every machine and runtime.</summary>
/// <remarks>SplitMix64, with Lemire's multiply-shift for the bound; its bias below 2^-32 does not matter here.</remarks>
public sealed class SeededChoices(ulong seed) : IChoices
{
    private ulong _state = seed;

    /// <summary>The seed this began with: print it, and the run can be had again.</summary>
    public ulong Seed { get; } = seed;

    /// <inheritdoc/>
    public int Pick(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        return (int)((NextBits() >> 32) * (ulong)bound >> 32);
    }

    /// <summary>64 random bits, for tests that need bytes and not decisions.</summary>
    public ulong NextBits()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
