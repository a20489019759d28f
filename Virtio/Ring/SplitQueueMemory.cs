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
    private readonly ref byte _table;
    private readonly ref byte _avail;
    private readonly ref byte _used;
    private readonly int _mask;

    /// <summary>Views a queue that lies in one region.</summary>
    /// <param name="region">At least <see cref="SplitQueueLayout.SizeBytes"/> bytes, aligned to a descriptor, never moved.</param>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreate"/> made.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueMemory(Span<byte> region, scoped in SplitQueueLayout layout)
    {
        if (layout.QueueSize == 0 || region.Length < layout.SizeBytes) ThrowNotThisLayout();
        _table = ref MemoryMarshal.GetReference(region);
        if (!IsAligned(ref _table, VringDescriptor.SizeBytes)) ThrowMisaligned();
        _avail = ref Unsafe.AddByteOffset(ref _table, (nint)layout.AvailOffset);
        _used = ref Unsafe.AddByteOffset(ref _table, (nint)layout.UsedOffset);
        _mask = layout.QueueSize - 1;
    }

    /// <summary>Views a queue of which each part lies for itself.</summary>
    /// <param name="table">The descriptor table, aligned to 16, never moved.</param>
    /// <param name="avail">The available ring, aligned to 2, never moved.</param>
    /// <param name="used">The used ring, aligned to 4, never moved.</param>
    /// <param name="layout">A layout that <see cref="SplitQueueLayout.TryCreateParts"/> made.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public SplitQueueMemory(Span<byte> table, Span<byte> avail, Span<byte> used, scoped in SplitQueueLayout layout)
    {
        if (layout.QueueSize == 0 || table.Length < layout.TableBytes || avail.Length < layout.AvailBytes || used.Length < layout.UsedBytes)
            ThrowNotThisLayout();
        _table = ref MemoryMarshal.GetReference(table);
        _avail = ref MemoryMarshal.GetReference(avail);
        _used = ref MemoryMarshal.GetReference(used);
        if (!IsAligned(ref _table, VringDescriptor.SizeBytes) || !IsAligned(ref _avail, 2) || !IsAligned(ref _used, 4)) ThrowMisaligned();
        _mask = layout.QueueSize - 1;
    }

    /// <summary>Queue size minus one: cuts an index to the queue.</summary>
    public int Mask => _mask;

    /// <summary>Entry <paramref name="index"/> of the descriptor table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VringDescriptor Descriptor(uint index) =>
        ref Unsafe.As<byte, VringDescriptor>(ref At(ref _table, VringDescriptor.SizeBytes * ((int)index & _mask)));

    /// <summary>Flags of the available ring.</summary>
    public ref Le16 AvailFlags => ref Word(ref _avail, 0);

    /// <summary>Index of the available ring: entries published since reset, modulo 65536.</summary>
    public ref Le16 AvailIndex => ref Word(ref _avail, 2);

    /// <summary>The available entry at free-running position <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Le16 AvailSlot(int position) => ref Word(ref _avail, 4 + (2 * (position & _mask)));

    /// <summary>The used entry that the driver wants to hear of.</summary>
    public ref Le16 UsedEvent => ref Word(ref _avail, 4 + (2 * (_mask + 1)));

    /// <summary>Flags of the used ring.</summary>
    public ref Le16 UsedFlags => ref Word(ref _used, 0);

    /// <summary>Index of the used ring: entries published since reset, modulo 65536.</summary>
    public ref Le16 UsedIndex => ref Word(ref _used, 2);

    /// <summary>The used entry at free-running position <paramref name="position"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref VringUsedElement UsedSlot(int position) =>
        ref Unsafe.As<byte, VringUsedElement>(ref At(ref _used, 4 + (VringUsedElement.SizeBytes * (position & _mask))));

    /// <summary>The available entry that the device wants to hear of.</summary>
    public ref Le16 AvailEvent => ref Word(ref _used, 4 + (VringUsedElement.SizeBytes * (_mask + 1)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref Le16 Word(ref byte part, int offset) => ref Unsafe.As<byte, Le16>(ref At(ref part, offset));

    // SAFETY: the constructor saw each part's bytes behind its start. Each offset above is the place of a cell in its part, or of a row of
    // cells plus a position below the row's end, cut by _mask; so start plus cell ends at or before the part's end.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte At(ref byte part, int offset) => ref Unsafe.AddByteOffset(ref part, (nint)(uint)offset);

    // SAFETY: only the number of the address is looked at. Shared memory does not move, so what it says stays true.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe bool IsAligned(ref byte start, int bytes) => ((nint)Unsafe.AsPointer(ref start) & (bytes - 1)) == 0;

    [DoesNotReturn]
    private static void ThrowNotThisLayout() => throw new ArgumentException("The memory does not hold a queue of this layout.");

    [DoesNotReturn]
    private static void ThrowMisaligned() =>
        throw new ArgumentException("A descriptor table starts at a multiple of 16 bytes, an available ring of 2, a used ring of 4.");
}
