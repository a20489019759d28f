using System;
using System.Diagnostics.CodeAnalysis;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>How long a chain may be in bytes. Source: VIRTIO 1.2, 2.7.5.2.</summary>
internal static class ChainLimit
{
    /// <summary>All of a chain, readable and writable.</summary>
    public const ulong BytesMax = 1UL << 32;

    /// <summary>Judges a chain that our caller wants to offer.</summary>
    /// <returns>The bytes that the device may write; 2^32 - 1 where they are 2^32.</returns>
    /// <exception cref="ArgumentException">It has more than <see cref="BytesMax"/> bytes, or no buffer.</exception>
    public static uint Check(ReadOnlySpan<VringSegment> readable, ReadOnlySpan<VringSegment> writable)
    {
        if (readable.IsEmpty && writable.IsEmpty) ThrowEmptyChain();
        ulong writableBytes = TotalBytes(writable);
        if (TotalBytes(readable) + writableBytes > BytesMax) ThrowTooLong();
        return (uint)Math.Min(writableBytes, uint.MaxValue);
    }

    private static ulong TotalBytes(ReadOnlySpan<VringSegment> segments)
    {
        ulong total = 0;
        foreach (VringSegment segment in segments) total += segment.LengthBytes;
        return total;
    }

    [DoesNotReturn]
    private static void ThrowEmptyChain() => throw new ArgumentException("A chain has at least one buffer.");

    [DoesNotReturn]
    private static void ThrowTooLong() => throw new ArgumentException("A chain has at most 2^32 bytes.");
}
