using System.Runtime.CompilerServices;
using System.Threading;

namespace RemoteprocEmu.Platform.Access;

/// <summary>How memory that two processors share is loaded and stored.</summary>
/// <remarks>
/// The one place where ordering is named, so that a test can take it over. Words that both sides use at any time (indices, flags, events)
/// go through the ordered pair; what one side hands over to the other (descriptors, entries, payload) goes through the plain pair.
/// </remarks>
public interface ISharedAccess
{
    /// <summary>Loads; nothing later in program order moves before it.</summary>
    static abstract ushort LoadAcquire(ref Le16 cell);

    /// <summary>Stores; nothing earlier in program order moves after it.</summary>
    static abstract void StoreRelease(ref Le16 cell, ushort value);

    /// <summary>Loads two 16-bit fields at once; nothing later in program order moves before it.</summary>
    static abstract uint LoadAcquire(ref Le32 cell);

    /// <summary>Stores two 16-bit fields at once; nothing earlier in program order moves after it.</summary>
    static abstract void StoreRelease(ref Le32 cell, uint value);

    /// <summary>Loads what the other processor has handed over. Orders nothing, and may be more than one access.</summary>
    static abstract T Load<T>(ref T cell) where T : unmanaged;

    /// <summary>Stores what is handed over later. Orders nothing, and may be more than one access.</summary>
    static abstract void Store<T>(ref T cell, T value) where T : unmanaged;

    /// <summary>Orders every earlier store before every later load.</summary>
    static abstract void FullFence();
}

/// <summary>The host's own memory: the ordered pair is one volatile access each, the plain pair a copy; no call is left after
/// inlining.</summary>
public readonly struct HostAccess : ISharedAccess
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort LoadAcquire(ref Le16 cell)
    {
        ushort raw = Volatile.Read(ref Unsafe.As<Le16, ushort>(ref cell));
        return Unsafe.As<ushort, Le16>(ref raw).Value;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRelease(ref Le16 cell, ushort value)
    {
        Le16 wire = new(value);
        Volatile.Write(ref Unsafe.As<Le16, ushort>(ref cell), Unsafe.As<Le16, ushort>(ref wire));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint LoadAcquire(ref Le32 cell)
    {
        uint raw = Volatile.Read(ref Unsafe.As<Le32, uint>(ref cell));
        return Unsafe.As<uint, Le32>(ref raw).Value;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreRelease(ref Le32 cell, uint value)
    {
        Le32 wire = new(value);
        Volatile.Write(ref Unsafe.As<Le32, uint>(ref cell), Unsafe.As<Le32, uint>(ref wire));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Load<T>(ref T cell) where T : unmanaged => cell;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(ref T cell, T value) where T : unmanaged => cell = value;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FullFence() => Interlocked.MemoryBarrier();
}
