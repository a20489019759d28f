using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>Between spans of mapped memory and the numbers of their addresses, for batches that keep many of them.</summary>
/// <remarks>Whoever calls has the range from a <see cref="MemoryWindow"/>, or from a span of memory that does not move.</remarks>
public static class HostBytes
{
    private const int LineBytes = 64;

    /// <summary>Where a span of mapped memory begins.</summary>
    // SAFETY: only the number of the address is taken. Mapped memory does not move.
    public static unsafe nint StartOf(Span<byte> bytes) => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));

    /// <summary>The bytes from an address of this process on.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="lengthBytes">How many.</param>
    // SAFETY: the caller's range was found in mapped memory.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Span<byte> At(nint start, int lengthBytes) => new((void*)start, lengthBytes);

    /// <summary>A value at an address of this process.</summary>
    // SAFETY: the caller's range was found in mapped memory, and has room for one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ref T RefAt<T>(nint start) where T : unmanaged => ref Unsafe.AsRef<T>((void*)start);

    /// <summary>Asks for the lines of a range, for the time when they are written. A hint; nothing happens where there is no such
    /// thing.</summary>
    /// <param name="start">First byte.</param>
    /// <param name="lengthBytes">How many.</param>
    // SAFETY: a prefetch touches nothing: any address will do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Prefetch(nint start, int lengthBytes)
    {
        if (!Sse.IsSupported) return;
        for (int offset = 0; offset < lengthBytes; offset += LineBytes) Sse.Prefetch0((void*)(start + offset));
    }
}
