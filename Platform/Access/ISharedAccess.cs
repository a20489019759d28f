using System.Runtime.CompilerServices;
using System.Threading;

namespace RemoteprocEmu.Platform.Access;

/// <summary>How a word that two processors share is loaded and stored.</summary>
/// <remarks>The one place where ordering is named, so that a test can take it over.</remarks>
public interface ISharedAccess
{
    /// <summary>Loads; nothing later in program order moves before it.</summary>
    static abstract ushort LoadAcquire(ref Le16 cell);

    /// <summary>Stores; nothing earlier in program order moves after it.</summary>
    static abstract void StoreRelease(ref Le16 cell, ushort value);

    /// <summary>Orders every earlier store before every later load.</summary>
    static abstract void FullFence();
}

/// <summary>The host's own memory: one volatile access each, no call left after inlining.</summary>
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
    public static void FullFence() => Interlocked.MemoryBarrier();
}
