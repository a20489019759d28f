using System;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Conformance;

/// <summary>A buffer to be offered.</summary>
public readonly ref struct Offer
{
    /// <summary>What the device reads, then what it writes.</summary>
    public ReadOnlySpan<VringSegment> Segments { get; init; }

    /// <summary>How many of them the device reads.</summary>
    public int ReadableCount { get; init; }

    /// <summary>Comes back with it.</summary>
    public int Token { get; init; }

    /// <summary>The indirect table to be used; -1 for none.</summary>
    public int Table { get; init; }

    /// <summary>Whether the call for a single buffer is used.</summary>
    public bool IsSingle { get; init; }

    /// <summary>The segments that the device reads.</summary>
    public ReadOnlySpan<VringSegment> Readable => Segments[..ReadableCount];

    /// <summary>The segments that the device writes.</summary>
    public ReadOnlySpan<VringSegment> Writable => Segments[ReadableCount..];
}
