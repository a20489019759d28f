using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>The cells of one packed queue in memory, by name. The only file that turns a slot into a reference.</summary>
/// <remarks>
/// <code>
/// cell                          written by           read by
/// Address                       driver               device
/// Length, Id, Flags             driver, then device  device, then driver
/// DriverEvent                   driver               device
/// DeviceEvent                   device               driver
/// </code>
/// Slots are ours, never the other half's word: a position moves by lengths that this half knows itself.
/// </remarks>
internal readonly ref struct PackedQueueMemory
{
    private readonly ref byte _slots;
    private readonly ref byte _driverEvent;
    private readonly ref byte _deviceEvent;

    /// <summary>Views a queue whose parts may lie anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PackedQueueMemory(Span<byte> descriptors, Span<byte> driverEvent, Span<byte> deviceEvent, scoped in PackedQueueLayout layout)
    {
        bool isLongEnough = layout.QueueSize != 0 && descriptors.Length >= layout.DescriptorBytes
            && driverEvent.Length >= PackedQueueLayout.EventBytes && deviceEvent.Length >= PackedQueueLayout.EventBytes;
        if (!isLongEnough) ThrowNotThisLayout();
        _slots = ref MemoryMarshal.GetReference(descriptors);
        _driverEvent = ref MemoryMarshal.GetReference(driverEvent);
        _deviceEvent = ref MemoryMarshal.GetReference(deviceEvent);
        bool isAligned = IsAligned(ref _slots, PackedDescriptor.SizeBytes)
            && IsAligned(ref _driverEvent, PackedQueueLayout.EventBytes) && IsAligned(ref _deviceEvent, PackedQueueLayout.EventBytes);
        if (!isAligned) ThrowMisaligned();
    }

    /// <summary>What the driver says about interrupts: <see cref="PackedEvent"/>.</summary>
    public ref Le32 DriverEvent => ref Unsafe.As<byte, Le32>(ref _driverEvent);

    /// <summary>What the device says about kicks: <see cref="PackedEvent"/>.</summary>
    public ref Le32 DeviceEvent => ref Unsafe.As<byte, Le32>(ref _deviceEvent);

    /// <summary>Address of the descriptor in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Le64 Address(int slot) => ref Unsafe.As<byte, Le64>(ref At(slot, 0));

    /// <summary>Length of the descriptor in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Le32 Length(int slot) => ref Unsafe.As<byte, Le32>(ref At(slot, PackedDescriptor.LengthOffset));

    /// <summary>Buffer id of the descriptor in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Le16 Id(int slot) => ref Unsafe.As<byte, Le16>(ref At(slot, PackedDescriptor.IdOffset));

    /// <summary>Flags of the descriptor in a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref Le16 Flags(int slot) => ref Unsafe.As<byte, Le16>(ref At(slot, PackedDescriptor.FlagsOffset));

    // SAFETY: the constructor saw 16 bytes for each slot behind _slots, and a slot comes out of a PackedPosition, which is kept below
    // the queue size from 0 on by steps of at most the queue size; nothing that the other half wrote gets there.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte At(int slot, int offset) => ref Unsafe.AddByteOffset(ref _slots, (nint)((PackedDescriptor.SizeBytes * slot) + offset));

    // SAFETY: only the number of the address is looked at. Shared memory does not move, so what it says stays true.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe bool IsAligned(ref byte start, int bytes) => ((nint)Unsafe.AsPointer(ref start) & (bytes - 1)) == 0;

    [DoesNotReturn]
    private static void ThrowNotThisLayout() => throw new ArgumentException("The parts do not hold a queue of this layout.");

    [DoesNotReturn]
    private static void ThrowMisaligned() =>
        throw new ArgumentException("A packed ring starts at a multiple of 16 bytes, an event structure at one of 4.");
}
