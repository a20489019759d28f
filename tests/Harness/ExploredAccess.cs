using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Harness;

/// <summary>Shared access under an <see cref="Explorer"/>: another processor may move before each load and each fence.</summary>
public readonly struct ExploredAccess : ISharedAccess
{
    /// <inheritdoc/>
    public static ushort LoadAcquire(ref Le16 cell) => Explorer.Load(ref cell);

    /// <inheritdoc/>
    public static void StoreRelease(ref Le16 cell, ushort value) => Explorer.Store(ref cell, value);

    /// <inheritdoc/>
    public static void FullFence() => Explorer.Fence();
}
