using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The cells of one queue in memory, by name. The only file that turns an offset into a reference.</summary>
/// <remarks>
/// <code>
/// cell                     written by   read by
/// Descriptor, AvailSlot    driver       device
/// AvailIndex, AvailFlags   driver       device
/// UsedEvent                driver       device
/// UsedSlot                 device       driver
/// UsedIndex, UsedFlags     device       driver
/// AvailEvent               device       driver
/// </code>
/// Each index is cut to the queue size here, so that no index, true or lying, leads outside.
/// </remarks>
internal readonly ref struct SplitQueueMemory
{
    private readonly ref byte _start;
    private readonly int _mask;
    private readonly int _availOffset;
    private readonly int _usedOffset;

    /// <summary>Views a queue in memory.</summary>
    /// <param name="region">At least <see cref="SplitQueueLayout.SizeBytes"/> bytes, aligned to a descriptor, never moved.</param>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreate"/> made.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueMemory(Span<byte> region, scoped in SplitQueueLayout layout)
    {
        if (layout.QueueSize == 0 || region.Length < layout.SizeBytes) ThrowNotThisLayout();
        _start = ref MemoryMarshal.GetReference(region);
        if (!IsAligned(ref _start)) ThrowMisaligned();
        _mask = layout.QueueSize - 1;
        _availOffset = layout.AvailOffset;
        _usedOffset = layout.UsedOffset;
    }

    /// <summary>Entry <paramref name="index"/> of the descriptor table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VringDescriptor Descriptor(uint index) =>
        ref Unsafe.As<byte, VringDescriptor>(ref At(VringDescriptor.SizeBytes * ((int)index & _mask)));

    /// <summary>Flags of the available ring.</summary>
    public ref Le16 AvailFlags => ref Word(_availOffset);

    /// <summary>Index of the available ring: entries published since reset, modulo 65536.</summary>
    public ref Le16 AvailIndex => ref Word(_availOffset + 2);

    /// <summary>The available entry at free-running position <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Le16 AvailSlot(ushort position) => ref Word(_availOffset + 4 + (2 * (position & _mask)));

    /// <summary>The used entry that the driver wants to hear of.</summary>
    public ref Le16 UsedEvent => ref Word(_availOffset + 4 + (2 * (_mask + 1)));

    /// <summary>Flags of the used ring.</summary>
    public ref Le16 UsedFlags => ref Word(_usedOffset);

    /// <summary>Index of the used ring: entries published since reset, modulo 65536.</summary>
    public ref Le16 UsedIndex => ref Word(_usedOffset + 2);

    /// <summary>The used entry at free-running position <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VringUsedElement UsedSlot(ushort position) =>
        ref Unsafe.As<byte, VringUsedElement>(ref At(_usedOffset + 4 + (VringUsedElement.SizeBytes * (position & _mask))));

    /// <summary>The available entry that the device wants to hear of.</summary>
    public ref Le16 AvailEvent => ref Word(_usedOffset + 4 + (VringUsedElement.SizeBytes * (_mask + 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Le16 Word(int offset) => ref Unsafe.As<byte, Le16>(ref At(offset));

    // SAFETY: the constructor saw SizeBytes bytes behind _start. Each offset above is a part's start from the layout plus a position
    // below that part's end, the position cut by _mask; so start plus cell ends at or before SizeBytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte At(int offset) => ref Unsafe.AddByteOffset(ref _start, (nint)offset);

    // SAFETY: only the number of the address is looked at. Shared memory does not move, so what it says stays true.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe bool IsAligned(ref byte start) => ((nint)Unsafe.AsPointer(ref start) & (VringDescriptor.SizeBytes - 1)) == 0;

    [DoesNotReturn]
    private static void ThrowNotThisLayout() => throw new ArgumentException("The region does not hold a queue of this layout.");

    [DoesNotReturn]
    private static void ThrowMisaligned() => throw new ArgumentException("A queue must start at a multiple of 16 bytes.");
}
