using System;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>A chain that the device took: checked, copied out of shared memory, readable segments first.</summary>
/// <remarks>The segments live in the caller's scratch and stay as they are until the caller takes the next chain with it. Addresses and
/// lengths are
/// still the driver's word: an address map must say what lies there.</remarks>
public readonly ref struct DescriptorChain
{
    private readonly ReadOnlySpan<VringSegment> _segments;
    private readonly int _readableCount;

    internal DescriptorChain(ushort head, ReadOnlySpan<VringSegment> segments, int readableCount)
    {
        Head = head;
        _segments = segments;
        _readableCount = readableCount;
    }

    /// <summary>Its first descriptor, below the queue size: the name under which it is returned.</summary>
    public ushort Head { get; }

    /// <summary>What the device may read, in order.</summary>
    public ReadOnlySpan<VringSegment> Readable => _segments[.._readableCount];

    /// <summary>What the device may write, in order.</summary>
    public ReadOnlySpan<VringSegment> Writable => _segments[_readableCount..];
}
