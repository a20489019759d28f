using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Harness;

/// <summary>Like <see cref="ExploredAccess"/>, with the full fence left out: a proof that still holds with this proves nothing.</summary>
public readonly struct UnfencedAccess : ISharedAccess
{
    /// <inheritdoc/>
    public static ushort LoadAcquire(ref Le16 cell) => Explorer.Load(ref cell);

    /// <inheritdoc/>
    public static void StoreRelease(ref Le16 cell, ushort value) => Explorer.Store(ref cell, value);

    /// <inheritdoc/>
    public static void FullFence() { }
}
