using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Harness;

/// <summary>Shared access under a <see cref="MemoryExplorer"/>, which decides what each load sees.</summary>
/// <remarks>Plain values are words of 4 bytes, or one of 2: each is loaded and stored for itself.</remarks>
public readonly struct ExploredAccess : ISharedAccess
{
    private const int WordBytesMax = sizeof(uint);

    /// <inheritdoc/>
    public static ushort LoadAcquire(ref Le16 cell)
    {
        ushort raw = (ushort)Explorer.Load(Bytes(ref cell), isOrdered: true);
        return Unsafe.As<ushort, Le16>(ref raw).Value;
    }

    /// <inheritdoc/>
    public static void StoreRelease(ref Le16 cell, ushort value)
    {
        Le16 wire = new(value);
        Explorer.Store(Bytes(ref cell), Unsafe.As<Le16, ushort>(ref wire), isOrdered: true);
    }

    /// <inheritdoc/>
    public static uint LoadAcquire(ref Le32 cell)
    {
        uint raw = Explorer.Load(Bytes(ref cell), isOrdered: true);
        return Unsafe.As<uint, Le32>(ref raw).Value;
    }

    /// <inheritdoc/>
    public static void StoreRelease(ref Le32 cell, uint value)
    {
        Le32 wire = new(value);
        Explorer.Store(Bytes(ref cell), Unsafe.As<Le32, uint>(ref wire), isOrdered: true);
    }

    /// <inheritdoc/>
    public static T Load<T>(ref T cell) where T : unmanaged
    {
        T value = default;
        Span<byte> from = Bytes(ref cell), to = Bytes(ref value);
        int wordBytes = Math.Min(from.Length, WordBytesMax);
        for (int offset = 0; offset < from.Length; offset += wordBytes)
        {
            uint raw = Explorer.Load(from.Slice(offset, wordBytes), isOrdered: false);
            Bytes(ref raw)[..wordBytes].CopyTo(to[offset..]);
        }
        return value;
    }

    /// <inheritdoc/>
    public static void Store<T>(ref T cell, T value) where T : unmanaged
    {
        Span<byte> from = Bytes(ref value), to = Bytes(ref cell);
        int wordBytes = Math.Min(from.Length, WordBytesMax);
        for (int offset = 0; offset < from.Length; offset += wordBytes)
        {
            uint raw = 0;
            from.Slice(offset, wordBytes).CopyTo(Bytes(ref raw));
            Explorer.Store(to.Slice(offset, wordBytes), raw, isOrdered: false);
        }
    }

    /// <inheritdoc/>
    public static void FullFence() => Explorer.Fence();

    private static MemoryExplorer Explorer => MemoryExplorer.Running;

    private static Span<byte> Bytes<T>(ref T cell) where T : unmanaged => MemoryMarshal.AsBytes(new Span<T>(ref cell));
}
