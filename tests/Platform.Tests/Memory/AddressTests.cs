using System;
using System.Linq;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Memory;

public sealed class AddressTests : IDisposable
{
    private const int Page = SharedMemory.PageBytes;

    private readonly SharedMemory _memory = SharedMemory.Create("ddr", 4 * Page);
    private readonly PhysicalMemory _physical = new();

    public AddressTests() => _physical.Add(new MemoryBank("ddr", new PhysicalAddress(0x1_0000), _memory));

    public void Dispose() => ((IDisposable)_memory).Dispose();

    [Fact]
    public void Addresses_print_as_the_kernel_prints_them_and_compare_by_value()
    {
        Assert.Equal("ANY", DeviceAddress.Any.ToString());
        Assert.True(new DeviceAddress(0xFFFF_FFFF).IsAny);
        Assert.False(new DeviceAddress(ulong.MaxValue).IsAny); // a table carries 32 bits: ANY is 32 ones, not 64
        Assert.Equal("0x9cf00000", new DeviceAddress(0x9CF0_0000).ToString());
        Assert.Equal(new DeviceAddress(1), new DeviceAddress(ulong.MaxValue) + 2);
        Assert.Equal(new PhysicalAddress(1), new PhysicalAddress(ulong.MaxValue) + 2);
        Assert.True(new PhysicalAddress(1).CompareTo(new PhysicalAddress(ulong.MaxValue)) < 0);
        Assert.True(new DeviceAddress(2).CompareTo(new DeviceAddress(1)) > 0);
    }

    [Theory]
    [InlineData(0x2000, 0x1000, 0x9000)] // all of it
    [InlineData(0x2FFF, 1, 0x9FFF)]      // its last byte
    [InlineData(0x2800, 0, 0x9800)]      // nothing, inside
    public void A_range_in_a_window_is_translated(ulong address, ulong lengthBytes, ulong expected)
    {
        AddressMap map = Map((0x2000, 0x9000, 0x1000), (0x3000, 0x5000, 0x1000));
        Assert.True(map.TryTranslate(new DeviceAddress(address), lengthBytes, out PhysicalAddress physical));
        Assert.Equal(expected, physical.Value);
    }

    [Theory]
    [InlineData(0x1FFF, 1)]
    [InlineData(0x1FFF, 2)]
    [InlineData(0x2FFF, 2)]              // into the next window, which lies elsewhere
    [InlineData(0x4000, 1)]
    [InlineData(0x2000, ulong.MaxValue)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFF, 0x2002)] // wraps around at 2^64 to the window's beginning
    [InlineData(0x1_0000_2000, 1)]       // 32 bits are not cut off
    public void A_range_that_leaves_its_window_is_not(ulong address, ulong lengthBytes)
    {
        AddressMap map = Map((0x2000, 0x9000, 0x1000), (0x3000, 0x5000, 0x1000));
        Assert.False(map.TryTranslate(new DeviceAddress(address), lengthBytes, out PhysicalAddress physical));
        Assert.Equal(default, physical);
    }

    [Theory]
    [InlineData(0xFFFF_F000UL, 0x1000UL)]           // ends at 2^32
    [InlineData(0xFFFF_F000UL, 0x2000UL)]           // crosses it
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0x1000UL)] // ends at 2^64
    public void A_window_may_end_at_the_top_of_the_address_space(ulong address, ulong lengthBytes)
    {
        AddressMap map = Map((address, 0x1000, lengthBytes));
        Assert.True(map.TryTranslate(new DeviceAddress(address + (lengthBytes - 1)), 1, out PhysicalAddress physical));
        Assert.Equal(0x1000 + (lengthBytes - 1), physical.Value);
        Assert.False(map.TryTranslate(new DeviceAddress(address + (lengthBytes - 1)), 2, out _));
        Assert.Equal(Errno.EEXIST, map.Map(new AddressWindow("again", new DeviceAddress(address), default, lengthBytes)));
        Assert.Equal(Errno.EEXIST, map.Map(new AddressWindow("last byte", new DeviceAddress(address + (lengthBytes - 1)), default, 1)));
        Assert.Equal(Errno.EEXIST, map.Map(new AddressWindow("from below", new DeviceAddress(address - 1), default, 2)));
        Assert.Equal(Errno.Ok, map.Map(new AddressWindow("just below", new DeviceAddress(address - 1), default, 1)));
    }

    [Theory]
    [InlineData(0x1000UL, 0UL, 0UL, Errno.EINVAL)]
    [InlineData(0xFFFF_FFFF_FFFF_F000UL, 0UL, 0x1001UL, Errno.EINVAL)]
    [InlineData(0UL, 0xFFFF_FFFF_FFFF_F000UL, 0x1001UL, Errno.EINVAL)]
    [InlineData(2UL, 0UL, ulong.MaxValue, Errno.EINVAL)]
    [InlineData(1UL, 0UL, ulong.MaxValue, Errno.Ok)] // ends at 2^64
    public void An_empty_window_and_one_past_the_end_are_refused(ulong address, ulong physical, ulong lengthBytes, Errno expected)
    {
        AddressMap map = new();
        AddressWindow window = new("w", new DeviceAddress(address), new PhysicalAddress(physical), lengthBytes);
        Assert.Equal(expected, map.Map(window));
    }

    [Fact]
    public void Windows_come_and_go()
    {
        AddressMap map = Map((0x2000, 0x9000, 0x1000), (0x4000, 0x5000, 0x1000));
        Assert.False(map.Unmap(new DeviceAddress(0x2000), 0x800));
        Assert.False(map.Unmap(new DeviceAddress(0x2800), 0x800));
        Assert.True(map.Unmap(new DeviceAddress(0x2000), 0x1000));
        Assert.False(map.Unmap(new DeviceAddress(0x2000), 0x1000));
        Assert.False(map.TryTranslate(new DeviceAddress(0x2000), 1, out _));
        Assert.Equal("w1", Assert.Single(map.Windows).Name);
        Assert.Equal(Errno.Ok, map.Map(new AddressWindow("again", new DeviceAddress(0x2000), default, 0x1000)));
    }

    [Theory]
    [InlineData(0, 0x100, false)]
    [InlineData(0, 0x101, true)]
    [InlineData(0x100, 1, true)]
    [InlineData(0x1FF, 1, true)]
    [InlineData(0x200, 1, false)]
    [InlineData(0x180, 0, false)]
    [InlineData(0x80, 0, false)]
    [InlineData(0x1FF, ulong.MaxValue, true)]
    [InlineData(0x200, ulong.MaxValue, false)]
    public void A_range_touches_a_window_when_it_has_a_byte_in_it(ulong address, ulong lengthBytes, bool touches)
    {
        AddressWindow window = new("w", new DeviceAddress(0x100), default, 0x100);
        Assert.Equal(touches, window.Touches(new DeviceAddress(address), lengthBytes));
    }

    [Fact]
    public void A_processor_reaches_memory_through_its_windows_then_the_iommu_then_the_bus()
    {
        _memory.GetSpan()[0] = 1;
        _memory.GetSpan()[Page] = 2;
        _memory.GetSpan()[2 * Page] = 3;
        AddressMap windows = Map((0, 0x1_0000, Page)), iommu = Map((0, 0x1_2000, Page), (0x8000_0000, 0x1_1000, Page));
        RemoteMemory remote = new(_physical, windows, iommu, reachesBus: true);
        Assert.Equal([1, 2, 3], new ulong[] { 0, 0x8000_0000, 0x1_2000 }.Select(address => ByteAt(remote, address)));
        RemoteMemory fenced = new(_physical, windows, iommu, reachesBus: false);
        Assert.Equal([1, 2, -1], new ulong[] { 0, 0x8000_0000, 0x1_2000 }.Select(address => ByteAt(fenced, address)));
        Assert.Equal(-1, ByteAt(new RemoteMemory(_physical, new AddressMap(), iommu: null, reachesBus: false), 0x1_0000));
    }

    [Fact]
    public void A_range_that_is_partly_in_a_window_does_not_fall_through_to_what_lies_behind_it()
    {
        // 0x1_0000 shows the bank's third page in the window, and is the bank's first page on the bus.
        AddressMap window = Map((0x1_0000, 0x1_2000, Page));
        RemoteMemory overBus = new(_physical, window, iommu: null, reachesBus: true);
        Assert.True(overBus.TrySlice(new DeviceAddress(0x1_0000), Page, out _));
        Assert.False(overBus.TrySlice(new DeviceAddress(0x1_0000), Page + 1, out Span<byte> bytes));
        Assert.True(bytes.IsEmpty);
        Assert.True(overBus.TrySlice(new DeviceAddress(0x1_1000), Page, out _));

        RemoteMemory overIommu = new(_physical, window, Map((0x1_0000, 0x1_0000, 2 * Page)), reachesBus: false);
        Assert.False(overIommu.TrySlice(new DeviceAddress(0x1_0FFF), 2, out _));
        Assert.True(overIommu.TrySlice(new DeviceAddress(0x1_1000), 2, out _));

        RemoteMemory iommuOverBus = new(_physical, new AddressMap(), window, reachesBus: true);
        Assert.False(iommuOverBus.TrySliceMemory(new DeviceAddress(0x1_0FFF), 2, out Memory<byte> memory));
        Assert.True(memory.IsEmpty);
    }

    [Theory]
    [InlineData(0x1_0000, 4 * Page, true)]
    [InlineData(0x1_0000, 4 * Page + 1, false)]
    [InlineData(0x0_FFFF, 1, false)]
    [InlineData(0x1_4000, 1, false)]
    [InlineData(0x1_0000, 0x8000_0000, false)]
    [InlineData(0x1_0000, ulong.MaxValue, false)]
    [InlineData(ulong.MaxValue, 2, false)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, false)]
    public void A_range_with_a_byte_of_nothing_faults(ulong address, ulong lengthBytes, bool isReached)
    {
        RemoteMemory remote = new(_physical, new AddressMap(), iommu: null, reachesBus: true);
        Assert.Equal(isReached, remote.TrySlice(new DeviceAddress(address), lengthBytes, out Span<byte> bytes));
        Assert.Equal(isReached, remote.TrySliceMemory(new DeviceAddress(address), lengthBytes, out Memory<byte> memory));
        Assert.Equal(isReached ? (int)lengthBytes : 0, bytes.Length);
        Assert.Equal(bytes.Length, memory.Length);
    }

    private static int ByteAt(RemoteMemory remote, ulong address) =>
        remote.TrySlice(new DeviceAddress(address), 1, out Span<byte> bytes) ? bytes[0] : -1;

    private static AddressMap Map(params (ulong DeviceAddress, ulong PhysicalAddress, ulong LengthBytes)[] windows)
    {
        AddressMap map = new();
        foreach ((ulong device, ulong physical, ulong lengthBytes) in windows)
        {
            string name = $"w{map.Windows.Count}";
            if (map.Map(new AddressWindow(name, new DeviceAddress(device), new PhysicalAddress(physical), lengthBytes)) != Errno.Ok)
                throw new InvalidOperationException("the windows of a test overlap");
        }

        return map;
    }
}
