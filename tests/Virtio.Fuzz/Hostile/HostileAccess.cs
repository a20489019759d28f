using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>Shared access under a <see cref="Liar"/>, who sees every address, and may write what it likes before any load.</summary>
/// <remarks>So a word that is read twice is another one the second time, and an access outside of the queue is caught whatever lies
/// there.</remarks>
public readonly struct HostileAccess : ISharedAccess
{
    /// <inheritdoc/>
    public static ushort LoadAcquire(ref Le16 cell)
    {
        Liar.Current.BeforeLoad(AddressOf(ref cell), sizeof(ushort));
        return HostAccess.LoadAcquire(ref cell);
    }

    /// <inheritdoc/>
    public static void StoreRelease(ref Le16 cell, ushort value)
    {
        Liar.Current.BeforeStore(AddressOf(ref cell), sizeof(ushort));
        HostAccess.StoreRelease(ref cell, value);
    }

    /// <inheritdoc/>
    public static uint LoadAcquire(ref Le32 cell)
    {
        Liar.Current.BeforeLoad(AddressOf(ref cell), sizeof(uint));
        return HostAccess.LoadAcquire(ref cell);
    }

    /// <inheritdoc/>
    public static void StoreRelease(ref Le32 cell, uint value)
    {
        Liar.Current.BeforeStore(AddressOf(ref cell), sizeof(uint));
        HostAccess.StoreRelease(ref cell, value);
    }

    /// <inheritdoc/>
    public static T Load<T>(ref T cell) where T : unmanaged
    {
        Liar.Current.BeforeLoad(AddressOf(ref cell), Unsafe.SizeOf<T>());
        return HostAccess.Load(ref cell);
    }

    /// <inheritdoc/>
    public static void Store<T>(ref T cell, T value) where T : unmanaged
    {
        Liar.Current.BeforeStore(AddressOf(ref cell), Unsafe.SizeOf<T>());
        HostAccess.Store(ref cell, value);
    }

    /// <inheritdoc/>
    public static void FullFence()
    {
    }

    // SAFETY: only the number of the address is looked at. The queue's memory is unmanaged and does not move.
    private static unsafe nint AddressOf<T>(ref T cell) where T : unmanaged => (nint)Unsafe.AsPointer(ref cell);
}
