using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>One packed queue in guarded memory with both halves' states, and memory for indirect tables.</summary>
internal sealed class PackedTestQueue : IDisposable
{
    public const ulong TablesAddress = 0x7000_0000;
    private const int TablesBytes = 4096;

    public PackedTestQueue(int queueSize, RingFeatures features = RingFeatures.None, bool coalescesUsed = false)
    {
        if (PackedQueueLayout.TryCreate(queueSize, out PackedQueueLayout layout) != RingStatus.Ok)
            throw new ArgumentOutOfRangeException(nameof(queueSize));
        Layout = layout;
        Region = new GuardedRegion(layout.SizeBytes);
        Tables = new GuardedRegion(TablesBytes);
        DriverState = new PackedDriverState(layout, features);
        DeviceState = new PackedDeviceState(layout, features) { CoalescesUsed = coalescesUsed };
    }

    public PackedQueueLayout Layout { get; }

    public GuardedRegion Region { get; }

    public GuardedRegion Tables { get; }

    public PackedDriverState DriverState { get; }

    public PackedDeviceState DeviceState { get; }

    public PackedQueueDriver<HostAccess> Driver => DriverWith<HostAccess>();

    public PackedQueueDevice<HostAccess> Device => DeviceWith<HostAccess>();

    public TableMap Map => new(Tables);

    /// <summary>Flags in the upper half, offset and wrap in the lower.</summary>
    public uint DriverEvent { get => Event(Layout.DriverEventOffset); set => SetEvent(Layout.DriverEventOffset, value); }

    public uint DeviceEvent { get => Event(Layout.DeviceEventOffset); set => SetEvent(Layout.DeviceEventOffset, value); }

    public PackedQueueDriver<TAccess> DriverWith<TAccess>() where TAccess : struct, ISharedAccess => new(Region.Span, DriverState);

    public PackedQueueDevice<TAccess> DeviceWith<TAccess>() where TAccess : struct, ISharedAccess => new(Region.Span, DeviceState);

    public PackedDescriptor Slot(int slot) => MemoryMarshal.Read<PackedDescriptor>(Region.Span[(16 * slot)..]);

    public void SetSlot(int slot, ulong address, uint lengthBytes, ushort id, int flags)
    {
        PackedDescriptor descriptor = new(address, lengthBytes, id, (PackedDescriptorFlags)flags);
        MemoryMarshal.Write(Region.Span[(16 * slot)..], descriptor);
    }

    public void Dispose()
    {
        Region.Dispose();
        Tables.Dispose();
    }

    private uint Event(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Region.Span[offset..]);

    private void SetEvent(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Region.Span[offset..], value);

    /// <summary>The memory for tables, where the device finds it.</summary>
    public readonly struct TableMap(GuardedRegion tables) : IBufferMap
    {
        public unsafe bool TryResolve(ulong address, uint lengthBytes, out nint start)
        {
            start = 0;
            ulong offset = address - TablesAddress;
            if (address < TablesAddress || offset > TablesBytes || lengthBytes > TablesBytes - offset) return false;
            start = (nint)Unsafe.AsPointer(ref tables.Span[(int)offset..][0]); // SAFETY: unmanaged memory, which does not move
            return true;
        }
    }
}
