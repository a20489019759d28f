using System;
using System.Buffers.Binary;
using RemoteprocEmu.Harness;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>One queue in guarded memory with both halves' states.</summary>
internal sealed class TestQueue : IDisposable
{
    public TestQueue(int queueSize, bool eventIndex = false, int alignBytes = 16)
        : this(queueSize, eventIndex ? RingFeatures.EventIndex : RingFeatures.None, alignBytes)
    {
    }

    public TestQueue(int queueSize, RingFeatures features, int alignBytes = 16, bool coalescesUsed = false)
    {
        if (SplitQueueLayout.TryCreate(queueSize, alignBytes, int.MaxValue, out SplitQueueLayout layout) != RingStatus.Ok)
            throw new ArgumentOutOfRangeException(nameof(queueSize));
        Layout = layout;
        Region = new GuardedRegion(layout.SizeBytes);
        DriverState = new DriverState(layout, features);
        DeviceState = new DeviceState(layout, features) { CoalescesUsed = coalescesUsed };
    }

    public SplitQueueLayout Layout { get; }

    public GuardedRegion Region { get; }

    public DriverState DriverState { get; }

    public DeviceState DeviceState { get; }

    public SplitQueueDriver<HostAccess> Driver => DriverWith<HostAccess>();

    public SplitQueueDevice<HostAccess> Device => DeviceWith<HostAccess>();

    public ushort AvailFlags { get => Word(Layout.AvailOffset); set => SetWord(Layout.AvailOffset, value); }

    public ushort AvailIndex { get => Word(Layout.AvailOffset + 2); set => SetWord(Layout.AvailOffset + 2, value); }

    public ushort UsedEvent { get => Word(Layout.UsedEventOffset); set => SetWord(Layout.UsedEventOffset, value); }

    public ushort UsedFlags { get => Word(Layout.UsedOffset); set => SetWord(Layout.UsedOffset, value); }

    public ushort UsedIndex { get => Word(Layout.UsedOffset + 2); set => SetWord(Layout.UsedOffset + 2, value); }

    public ushort AvailEvent { get => Word(Layout.AvailEventOffset); set => SetWord(Layout.AvailEventOffset, value); }

    public SplitQueueDriver<TAccess> DriverWith<TAccess>() where TAccess : struct, ISharedAccess => new(Region.Span, DriverState);

    public SplitQueueDevice<TAccess> DeviceWith<TAccess>() where TAccess : struct, ISharedAccess => new(Region.Span, DeviceState);

    public void SetAvailSlot(int slot, ushort head) => SetWord(Layout.AvailOffset + 4 + (2 * slot), head);

    public ushort AvailSlot(int slot) => Word(Layout.AvailOffset + 4 + (2 * slot));

    public void SetUsedSlot(int slot, uint id, uint lengthBytes)
    {
        Span<byte> element = Region.Span.Slice(Layout.UsedOffset + 4 + (8 * slot), 8);
        BinaryPrimitives.WriteUInt32LittleEndian(element, id);
        BinaryPrimitives.WriteUInt32LittleEndian(element[4..], lengthBytes);
    }

    public void SetDescriptor(int index, ulong address, uint lengthBytes, ushort flags, ushort next)
    {
        Span<byte> descriptor = Region.Span.Slice(16 * index, 16);
        BinaryPrimitives.WriteUInt64LittleEndian(descriptor, address);
        BinaryPrimitives.WriteUInt32LittleEndian(descriptor[8..], lengthBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[12..], flags);
        BinaryPrimitives.WriteUInt16LittleEndian(descriptor[14..], next);
    }

    public void Dispose() => Region.Dispose();

    private ushort Word(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Region.Span[offset..]);

    private void SetWord(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Region.Span[offset..], value);
}
