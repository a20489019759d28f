using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>A range of a remote processor's addresses with memory behind it, looked up once and used for many accesses.</summary>
/// <remarks>
/// For paths that look up an address with each message. It tells by itself when the lookup may come out differently now: ask
/// <see cref="IsCurrent"/> at the beginning of each batch, and take another one when it says no.
/// </remarks>
public readonly struct MemoryWindow
{
    private readonly RemoteMemory? _memory;
    private readonly MemoryBank _bank;
    private readonly object _windows;
    private readonly object? _mappings;
    private readonly ulong _first;
    private readonly ulong _lengthBytes;
    private readonly nint _start;

    internal MemoryWindow(RemoteMemory memory, MemoryBank bank, DeviceAddress first, ulong lengthBytes, nint start)
    {
        _memory = memory;
        _bank = bank;
        _windows = memory.Windows.Windows;
        _mappings = memory.Iommu?.Windows;
        _first = first.Value;
        _lengthBytes = lengthBytes;
        _start = start;
    }

    /// <summary>Whether nothing was mapped or unmapped since, and the memory is still there. False for the default value.</summary>
    public bool IsCurrent =>
        _memory is { } memory && ReferenceEquals(memory.Windows.Windows, _windows) && ReferenceEquals(memory.Iommu?.Windows, _mappings)
        && _bank.IsMapped;

    /// <summary>Finds the bytes behind a range.</summary>
    /// <param name="address">First byte. Not trusted.</param>
    /// <param name="lengthBytes">How many. Not trusted.</param>
    /// <param name="start">Where they are in this process; nothing unless true is returned.</param>
    /// <returns>False when the range does not lie in the window, as a whole; it may have memory all the same.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong address, uint lengthBytes, out nint start)
    {
        ulong offset = address - _first; // below the window: wraps, far beyond its length
        start = _start + (nint)offset;
        return offset <= _lengthBytes && lengthBytes <= _lengthBytes - offset;
    }
}
