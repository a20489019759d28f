using System;

namespace RemoteprocEmu.Harness;

/// <summary>One ordering in the explored code, to be left out in a twin.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Words">Names of the words that are loaded or stored with it; for a fence, of the words of which one was stored right
/// before.</param>
public sealed record Barrier(BarrierKind Kind, params string[] Words)
{
    /// <summary>The processor that leaves it out, where both do the same with these words; null for both.</summary>
    public string? By { get; init; }

    internal bool Is(BarrierKind kind, string word, string lane) =>
        kind == Kind && (By is null || By == lane) && Array.IndexOf(Words, word) >= 0;
}

/// <summary>The three orderings that code can ask for.</summary>
public enum BarrierKind
{
    /// <summary>A load before everything after it.</summary>
    Acquire,

    /// <summary>Everything before a store before it.</summary>
    Release,

    /// <summary>Stores before it before loads after it.</summary>
    Fence,
}
