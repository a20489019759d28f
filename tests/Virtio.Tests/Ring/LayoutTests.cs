using System;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Are the bytes right? Golden values from the specification and from the kernel's vring_size.</summary>
public sealed class LayoutTests
{
    [Theory]
    [InlineData(2, 16, 32, 40, 48, 68, 70)]
    [InlineData(4, 16, 64, 76, 80, 116, 118)]
    [InlineData(8, 16, 128, 148, 160, 228, 230)]
    [InlineData(16, 16, 256, 292, 304, 436, 438)]
    [InlineData(16, 4096, 256, 292, 4096, 4228, 4230)]
    [InlineData(32, 16, 512, 580, 592, 852, 854)]
    [InlineData(64, 4096, 1024, 1156, 4096, 4612, 4614)]
    [InlineData(128, 4096, 2048, 2308, 4096, 5124, 5126)]
    [InlineData(256, 16, 4096, 4612, 4624, 6676, 6678)]
    [InlineData(256, 4096, 4096, 4612, 8192, 10244, 10246)]
    [InlineData(512, 4096, 8192, 9220, 12288, 16388, 16390)]
    [InlineData(1, 4, 16, 22, 24, 36, 38)]
    [InlineData(32768, 4096, 524288, 589828, 593920, 856068, 856070)]
    public void Parts_lie_where_the_kernel_puts_them(int n, int align, int avail, int usedEvent, int used, int availEvent, int size)
    {
        Assert.Equal(RingStatus.Ok, SplitQueueLayout.TryCreate(n, align, size, out SplitQueueLayout layout));
        Assert.Equal(n, layout.QueueSize);
        Assert.Equal(avail, layout.AvailOffset);
        Assert.Equal(usedEvent, layout.UsedEventOffset);
        Assert.Equal(used, layout.UsedOffset);
        Assert.Equal(availEvent, layout.AvailEventOffset);
        Assert.Equal(size, layout.SizeBytes);
    }

    [Theory]
    [InlineData(0, 16, 4096)]
    [InlineData(-16, 16, 4096)]
    [InlineData(3, 16, 4096)]
    [InlineData(65536, 16, 1L << 40)]
    [InlineData(1L << 32, 16, 1L << 40)]
    [InlineData(16, 0, 4096)]
    [InlineData(16, 2, 4096)]
    [InlineData(16, 24, 4096)]
    [InlineData(16, -16, 4096)]
    [InlineData(16, 1L << 31, 1L << 40)]
    [InlineData(16, 16, 437)]
    [InlineData(16, 16, 0)]
    [InlineData(16, 16, -1)]
    public void A_geometry_that_cannot_be_is_refused(long n, long align, long region)
    {
        Assert.Equal(RingStatus.BadGeometry, SplitQueueLayout.TryCreate(n, align, region, out SplitQueueLayout layout));
        Assert.Equal(default, layout);
    }

    [Fact]
    public void A_descriptor_is_the_sixteen_bytes_of_the_specification()
    {
        VringDescriptor descriptor = new(0x1122334455667788, 0x99AABBCC, VringDescriptorFlags.Next | VringDescriptorFlags.Write, 0xDDEE);
        byte[] wire = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref descriptor, 1)).ToArray();
        Assert.Equal(Convert.FromHexString("8877665544332211" + "CCBBAA99" + "0300" + "EEDD"), wire);
    }

    [Fact]
    public void A_used_element_is_the_eight_bytes_of_the_specification()
    {
        VringUsedElement element = new(0x11223344, 0x55667788);
        byte[] wire = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref element, 1)).ToArray();
        Assert.Equal(Convert.FromHexString("44332211" + "88776655"), wire);
    }

    [Fact]
    public void Every_wire_struct_of_the_ring_has_its_golden_bytes_above()
    {
        Type[] wire = [.. typeof(VringDescriptor).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(VringDescriptor).Namespace && type.IsExplicitLayout)
            .OrderBy(type => type.Name, StringComparer.Ordinal)];
        Assert.Equal([typeof(PackedDescriptor), typeof(VringDescriptor), typeof(VringUsedElement)], wire);
        Assert.Equal(VringDescriptor.SizeBytes, Unsafe.SizeOf<VringDescriptor>());
        Assert.Equal(VringUsedElement.SizeBytes, Unsafe.SizeOf<VringUsedElement>());
    }

    [Fact]
    public void A_view_refuses_memory_that_does_not_hold_its_layout()
    {
        using TestQueue queue = new(16);
        Assert.Throws<ArgumentException>(() => new SplitQueueDriver<HostAccess>(queue.Region.Span[..^1], queue.DriverState).HasUsed());
        using TestQueue larger = new(32);
        Assert.Throws<ArgumentException>(() => new SplitQueueDevice<HostAccess>(larger.Region.Span[4..], queue.DeviceState).ArmKick());
    }
}
