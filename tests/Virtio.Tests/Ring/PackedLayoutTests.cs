using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>Are the bytes of a packed queue right? Golden values from VIRTIO 1.3, 2.8.</summary>
public sealed class PackedLayoutTests
{
    private const uint At = 2 << 16; // event at a descriptor

    [Theory]
    [InlineData(1, 16, 20, 24)]
    [InlineData(3, 48, 52, 56)]
    [InlineData(256, 4096, 4100, 4104)]
    [InlineData(32768, 524288, 524292, 524296)]
    public void Parts_follow_each_other_in_one_region(int n, int driverEvent, int deviceEvent, int size)
    {
        Assert.Equal(RingStatus.Ok, PackedQueueLayout.TryCreate(n, out PackedQueueLayout layout));
        Assert.Equal((n, driverEvent, deviceEvent, size),
            (layout.QueueSize, layout.DriverEventOffset, layout.DeviceEventOffset, layout.SizeBytes));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(32769)]
    [InlineData(1L << 32)]
    public void A_size_that_cannot_be_is_refused(long n)
    {
        Assert.Equal(RingStatus.BadGeometry, PackedQueueLayout.TryCreate(n, out PackedQueueLayout layout));
        Assert.Equal(default, layout);
    }

    [Fact]
    public void A_packed_descriptor_is_the_sixteen_bytes_of_the_specification()
    {
        const PackedDescriptorFlags flags = PackedDescriptorFlags.Next | PackedDescriptorFlags.Indirect | PackedDescriptorFlags.Used;
        PackedDescriptor descriptor = new(0x1122334455667788, 0x99AABBCC, 0xDDEE, flags);
        byte[] wire = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref descriptor, 1)).ToArray();
        Assert.Equal(Convert.FromHexString("8877665544332211" + "CCBBAA99" + "EEDD" + "0580"), wire);
        Assert.Equal(PackedDescriptor.SizeBytes, Unsafe.SizeOf<PackedDescriptor>());
        Assert.Equal(0x80 | 2, (int)(PackedDescriptorFlags.Avail | PackedDescriptorFlags.Write));
    }

    [Fact]
    public void An_event_structure_is_the_four_bytes_of_the_specification()
    {
        using PackedTestQueue queue = new(5, RingFeatures.EventIndex);
        for (int i = 0; i < 7; i++) RoundTrip(queue); // slot 2 of the second turn, wrap counter 0
        _ = queue.Driver.ArmInterrupt();
        Assert.Equal(Convert.FromHexString("0200" + "0200"), queue.Region.Span.Slice(queue.Layout.DriverEventOffset, 4).ToArray());
        for (int i = 0; i < 4; i++) RoundTrip(queue); // slot 1 of the third, wrap counter 1
        _ = queue.Device.ArmKick();
        Assert.Equal(Convert.FromHexString("0180" + "0200"), queue.Region.Span.Slice(queue.Layout.DeviceEventOffset, 4).ToArray());
        queue.Device.DisarmKick();
        Assert.Equal(Convert.FromHexString("0000" + "0100"), queue.Region.Span.Slice(queue.Layout.DeviceEventOffset, 4).ToArray());
    }

    [Theory]
    [InlineData(0u, 0, true, 0, true)]                  // enabled
    [InlineData(1u << 16, 0, true, 9, false)]           // disabled
    [InlineData(3u << 16, 0, true, 0, true)]            // reserved: one too many is harmless
    [InlineData((0xfff0u << 16) | 0x10000, 0, true, 9, false)] // reserved bits are not looked at
    [InlineData(At | 0x8000 | 3, 4, true, 1, true)]     // slot 3 of this turn was the last one
    [InlineData(At | 0x8000 | 3, 4, true, 0, false)]    // announced before
    [InlineData(At | 0x8000 | 3, 3, true, 3, false)]    // still to come
    [InlineData(At | 0x8000 | 2, 4, true, 1, false)]
    [InlineData(At | 0x8000 | 2, 4, true, 2, true)]
    [InlineData(At | 4, 1, true, 2, true)]              // the last slot of the turn before, of five
    [InlineData(At | 4, 1, true, 1, false)]
    [InlineData(At | 4, 1, false, 2, false)]            // slot 4 of this turn, still to come
    [InlineData(At | 4, 1, false, 7, true)]             // and two turns ago
    [InlineData(At | 0x8000 | 4, 0, false, 1, true)]
    [InlineData(At | 0x8000 | 5, 0, true, 70000, false)] // no slot of this ring
    [InlineData(At | 0x8000 | 0, 0, true, 70000, true)]
    public void An_event_is_wanted_when_its_slot_was_published(uint word, int next, bool wrap, long published, bool wanted) =>
        Assert.Equal(wanted, PackedEvent.IsWanted(word, eventIndex: true, next, wrap, published, queueSize: 5));

    [Fact]
    public void An_event_at_a_descriptor_means_nothing_without_event_indices() =>
        Assert.True(PackedEvent.IsWanted(At | 0x8000 | 3, eventIndex: false, nextSlot: 0, wrap: true, published: 0, queueSize: 5));

    [Fact]
    public void A_view_refuses_memory_that_does_not_hold_its_layout()
    {
        using PackedTestQueue queue = new(4);
        using PackedTestQueue other = new(4);
        Assert.Throws<ArgumentException>(() => new PackedQueueDriver<HostAccess>(queue.Region.Span[..^1], queue.DriverState).HasUsed());
        Assert.Throws<ArgumentException>(() => new PackedQueueDevice<HostAccess>(
            queue.Region.Span[8..], other.Region.Span[..4], other.Region.Span[4..8], queue.DeviceState).HasOffered());
        Assert.Throws<ArgumentException>(() => new PackedQueueDevice<HostAccess>(
            queue.Region.Span, other.Region.Span[2..6], other.Region.Span[8..12], queue.DeviceState).HasOffered());
        Assert.Throws<ArgumentException>(() => new PackedQueueDevice<HostAccess>(
            queue.Region.Span, other.Region.Span[..4], other.Region.Span[8..11], queue.DeviceState).HasOffered());
    }

    [Fact]
    public void The_three_parts_may_lie_anywhere()
    {
        using PackedTestQueue queue = new(3);
        using PackedTestQueue other = new(1);
        Span<byte> slots = queue.Region.Span, driverEvent = other.Region.Span.Slice(8, 4), deviceEvent = other.Region.Span[..4];
        PackedQueueDriver<HostAccess> driver = new(slots, driverEvent, deviceEvent, queue.DriverState);
        PackedQueueDevice<HostAccess> device = new(slots, driverEvent, deviceEvent, queue.DeviceState);
        driver.DisarmInterrupt();
        device.DisarmKick();
        Assert.Equal(Convert.FromHexString("00000100" + "00000000" + "00000100"), other.Region.Span[..12].ToArray());
        Assert.False(driver.ShouldKick() || device.ShouldInterrupt());
        Assert.Equal(-1, queue.Region.Span.IndexOfAnyExcept((byte)0));
    }

    private static void RoundTrip(PackedTestQueue queue)
    {
        VringSegment[] scratch = new VringSegment[1];
        Assert.Equal(RingStatus.Ok, queue.Driver.TryOffer(new VringSegment(1, 1), writable: true, token: 0));
        queue.Driver.Publish();
        Assert.Equal(RingStatus.Ok, queue.Device.TryTake(scratch, out DescriptorChain chain));
        queue.Device.Return(chain.Head, 1);
        queue.Device.Publish();
        Assert.Equal(RingStatus.Ok, queue.Driver.TryReclaim(out _, out _));
    }
}
