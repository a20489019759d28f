using System;
using System.Runtime.InteropServices;

namespace RemoteprocEmu.Harness;

/// <summary>Unmanaged, page-aligned memory of a test, with a pattern before and after it that nobody may touch.</summary>
public sealed unsafe class GuardedRegion : IDisposable
{
    private const int GuardBytes = 4096;
    private const byte Pattern = 0xa5;
    private readonly byte* _start;
    private readonly int _lengthBytes;

    /// <summary>Allocates zeroed memory between two guards.</summary>
    public GuardedRegion(int lengthBytes)
    {
        _lengthBytes = lengthBytes;
        _start = (byte*)NativeMemory.AlignedAlloc((nuint)(lengthBytes + (2 * GuardBytes)), GuardBytes);
        new Span<byte>(_start, lengthBytes + (2 * GuardBytes)).Fill(Pattern);
        Span.Clear();
    }

    /// <summary>The memory between the guards.</summary>
    // SAFETY: allocated with guard, length, guard; freed only by Dispose, after which a test is over.
    public Span<byte> Span => new(_start + GuardBytes, _lengthBytes);

    /// <summary>Whether both guards are as they were.</summary>
    public bool GuardsAreWhole =>
        !new ReadOnlySpan<byte>(_start, GuardBytes).ContainsAnyExcept(Pattern)
        && !new ReadOnlySpan<byte>(_start + GuardBytes + _lengthBytes, GuardBytes).ContainsAnyExcept(Pattern);

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_start);
}
