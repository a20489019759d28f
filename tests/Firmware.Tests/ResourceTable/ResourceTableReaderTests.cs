using System;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.ResourceTable;

public sealed class ResourceTableReaderTests
{
    [Theory]
    [InlineData(ElfByteOrder.Little)]
    [InlineData(ElfByteOrder.Big)]
    public void Every_type_is_read_in_table_order(ElfByteOrder order)
    {
        byte[] bytes = Images.EveryType(order).Build();

        Assert.Equal(ResourceTableStatus.Ok, ResourceTableReader.TryOpen(bytes, order, out ResourceTableReader table));

        Assert.Equal(6, table.EntryCount);
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(0, out ResourceEntry first));
        Assert.Equal((0, ResourceType.Carveout, 40, 44, bytes.Length - 44),
            (first.Index, first.Type, first.Offset, first.PayloadOffset, first.AvailableBytes));
        Assert.Equal(ResourceTableStatus.Ok, table.TryReadCarveout(first, out CarveoutEntry carveout));
        Assert.Equal(new CarveoutEntry(0x1000_0000, 0x4000_0000, 0x1_0000, 7, 0, ResourceName.From("text")), carveout);
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(1, out ResourceEntry second));
        Assert.Equal(ResourceTableStatus.Ok, table.TryReadDevmem(second, out DevmemEntry devmem));
        Assert.Equal(new DevmemEntry(0x4400_0000, 0x4800_0000, 0x1000, 3, 0, ResourceName.From("uart")), devmem);
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(2, out ResourceEntry third));
        Assert.Equal(ResourceTableStatus.Ok, table.TryReadTrace(third, out TraceEntry trace));
        Assert.Equal(new TraceEntry(0x1000_8000, 0x400, 0, ResourceName.From("trace0")), trace);
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(3, out ResourceEntry fourth));
        Assert.Equal(ResourceTableStatus.Ok, table.TryReadVdev(fourth, out VdevEntry vdev));
        Assert.Equal(new VdevEntry(7, 9, 1, 0, 5, 0, 2, 0, 0), vdev);
        Assert.Equal(ResourceTableStatus.Ok, table.TryReadVring(fourth, vdev, 1, out VdevVring vring));
        Assert.Equal(new VdevVring(0xFFFF_FFFF, 16, 32, 2), vring);
        Assert.Equal([1, 2, 3, 4, 5], table.ConfigSpace(fourth, vdev).ToArray());
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(4, out ResourceEntry fifth));
        Assert.Equal((false, false, (ResourceType)5), (fifth.Type.IsKnown(), fifth.Type.IsVendor(), fifth.Type));
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(5, out ResourceEntry sixth));
        Assert.Equal((false, true, (ResourceType)200), (sixth.Type.IsKnown(), sixth.Type.IsVendor(), sixth.Type));
        Assert.Equal([0xCC], table.Payload(sixth).ToArray());
    }

    [Theory]
    [InlineData(3u, true, false)]
    [InlineData(4u, false, false)]
    [InlineData(127u, false, false)]
    [InlineData(128u, false, true)]
    [InlineData(512u, false, true)]
    [InlineData(513u, false, false)]
    public void The_vendor_range_is_128_to_512(uint type, bool known, bool vendor) =>
        Assert.Equal((known, vendor), (((ResourceType)type).IsKnown(), ((ResourceType)type).IsVendor()));

    [Fact]
    public void A_table_without_entries_is_legal()
    {
        Assert.Equal(ResourceTableStatus.Ok, ResourceTableReader.TryOpen(new ResourceTableBuilder().Build(),
            out ResourceTableReader table));
        Assert.Equal(0, table.EntryCount);
    }

    [Fact]
    public void A_gap_before_an_entry_is_legal()
    {
        byte[] bytes = new ResourceTableBuilder().AddTrace("t", 1, 2).WithGap(28).Build();

        Assert.Equal(ResourceTableStatus.Ok, ResourceTableReader.TryOpen(bytes, out ResourceTableReader table));
        Assert.Equal(ResourceTableStatus.Ok, table.TryGetEntry(0, out ResourceEntry entry));

        Assert.Equal(48, entry.Offset);
    }

    // Section checks 3 to 6: each row breaks the named rule and all rules after it, so the order is under test too.
    [Theory]
    [InlineData(15, 2u, 9u, 9u, 1000u, ResourceTableStatus.ShorterThanHeader)]
    [InlineData(16, 2u, 9u, 9u, 1000u, ResourceTableStatus.UnsupportedVersion)]
    [InlineData(16, 1u, 9u, 0u, 1000u, ResourceTableStatus.ReservedNotZero)]
    [InlineData(16, 1u, 0u, 9u, 1000u, ResourceTableStatus.ReservedNotZero)]
    [InlineData(19, 1u, 0u, 0u, 1u, ResourceTableStatus.OffsetsTruncated)]
    [InlineData(64, 1u, 0u, 0u, 0xFFFF_FFFFu, ResourceTableStatus.OffsetsTruncated)]
    [InlineData(20, 1u, 0u, 0u, 1u, ResourceTableStatus.Ok)]
    public void The_header_is_judged_in_order(int size, uint version, uint reserved0, uint reserved1, uint num,
        ResourceTableStatus expected)
    {
        byte[] bytes = new byte[64];
        new ResourceTableHeader(version, num, reserved0, reserved1).Write(bytes, ElfByteOrder.Little);

        ResourceTableStatus status = ResourceTableReader.TryOpen(bytes.AsSpan(0, size), out ResourceTableReader table);

        Assert.Equal(expected, status);
        Assert.Equal(expected == ResourceTableStatus.Ok ? Errno.Ok : Errno.EINVAL, status.ToErrno());
        Assert.Equal(expected == ResourceTableStatus.Ok ? 1 : 0, table.EntryCount);
    }

    [Theory]
    [InlineData(0u, ResourceTableStatus.OffsetInHeader)]
    [InlineData(15u, ResourceTableStatus.OffsetInHeader)]
    [InlineData(16u, ResourceTableStatus.Ok)] // within the offset array: the kernel does not mind
    [InlineData(64u, ResourceTableStatus.Ok)] // exactly four bytes left
    [InlineData(65u, ResourceTableStatus.OffsetPastEnd)]
    [InlineData(68u, ResourceTableStatus.OffsetPastEnd)]
    [InlineData(0xFFFF_FFFEu, ResourceTableStatus.OffsetPastEnd)]
    public void An_entrys_offset_is_judged(uint offset, ResourceTableStatus expected)
    {
        byte[] bytes = new ResourceTableBuilder().AddTrace("t", 1, 2).WithOffset(0, offset).Build();
        Assert.Equal(68, bytes.Length);
        Assert.Equal(ResourceTableStatus.Ok, ResourceTableReader.TryOpen(bytes, out ResourceTableReader table));

        Assert.Equal(expected, table.TryGetEntry(0, out ResourceEntry entry));

        Assert.Equal(expected == ResourceTableStatus.Ok ? (int)offset : 0, entry.Offset);
    }

    [Theory]
    [InlineData(ResourceType.Carveout, 52, 16)]
    [InlineData(ResourceType.Devmem, 52, 16)]
    [InlineData(ResourceType.Trace, 44, 8)]
    public void A_payload_is_judged_by_size_first_then_reserved(ResourceType type, int size, int reservedOffset)
    {
        byte[] payload = new byte[size];
        Assert.Equal(ResourceTableStatus.Ok, ReadOnly(type, payload));

        payload[reservedOffset + 3] = 1;
        Assert.Equal(ResourceTableStatus.EntryReservedNotZero, ReadOnly(type, payload));
        Assert.Equal(ResourceTableStatus.EntryTruncated, ReadOnly(type, payload.AsSpan(0, size - 1)));
    }

    [Fact]
    public void A_vdev_is_judged_by_size_then_reserved_then_rings()
    {
        byte[] payload = new byte[24 + (3 * 20) + 4];
        new VdevEntry(7, 0, 0, 0, ConfigLengthBytes: 5, 0, VringCount: 3, Reserved0: 0, Reserved1: 1).Write(payload, ElfByteOrder.Little);
        Assert.Equal(ResourceTableStatus.EntryTruncated, ReadOnly(ResourceType.Vdev, payload));

        payload[VdevEntry.ConfigLengthOffset] = 4;
        Assert.Equal(ResourceTableStatus.EntryReservedNotZero, ReadOnly(ResourceType.Vdev, payload));

        payload[VdevEntry.ReservedOffset + 1] = 0;
        Assert.Equal(ResourceTableStatus.TooManyVrings, ReadOnly(ResourceType.Vdev, payload));

        payload[VdevEntry.VringCountOffset] = 2;
        Assert.Equal(ResourceTableStatus.Ok, ReadOnly(ResourceType.Vdev, payload));
        Assert.Equal(ResourceTableStatus.EntryTruncated, ReadOnly(ResourceType.Vdev, payload.AsSpan(0, 23)));
    }

    [Fact]
    public void A_config_length_that_would_overflow_is_cut_short()
    {
        byte[] payload = new byte[24 + 40];
        new VdevEntry(7, 0, 0, 0, ConfigLengthBytes: 0xFFFF_FFF0, 0, VringCount: 2, 0, 0).Write(payload, ElfByteOrder.Little);

        Assert.Equal(ResourceTableStatus.EntryTruncated, ReadOnly(ResourceType.Vdev, payload));
    }

    [Theory]
    [InlineData(0u, 0u, ResourceTableStatus.VringNumZero)]
    [InlineData(0u, 16u, ResourceTableStatus.VringNumZero)]
    [InlineData(16u, 0u, ResourceTableStatus.VringAlignZero)]
    [InlineData(3u, 3u, ResourceTableStatus.Ok)] // no power of two: the kernel does not look
    public void A_rings_numbers_are_judged(uint num, uint align, ResourceTableStatus expected)
    {
        byte[] bytes = new ResourceTableBuilder().AddVdev(7, 1, [new VdevVring(1, align, num, 0)]).Build();
        _ = ResourceTableReader.TryOpen(bytes, out ResourceTableReader table);
        _ = table.TryGetEntry(0, out ResourceEntry entry);
        Assert.Equal(ResourceTableStatus.Ok, table.TryReadVdev(entry, out VdevEntry vdev));

        Assert.Equal(expected, table.TryReadVring(entry, vdev, 0, out _));
    }

    [Fact]
    public void Asking_for_another_type_than_the_entrys_is_the_callers_mistake() => Assert.Throws<ArgumentException>(() =>
    {
        _ = ResourceTableReader.TryOpen(Images.EveryType().Build(), out ResourceTableReader table);
        _ = table.TryGetEntry(0, out ResourceEntry carveout);
        _ = table.TryReadTrace(carveout, out _);
    });

    [Fact]
    public void Cut_at_any_byte_a_table_yields_statuses_and_no_exception()
    {
        byte[] bytes = Images.EveryType().Build();

        for (int length = 0; length < bytes.Length; length++)
        {
            bool faulty = TableWalk.FirstFault(bytes.AsSpan(0, length)) != ResourceTableStatus.Ok;
            // The last entries are of no type the kernel judges, so a cut within their payload goes unseen, as it does in the kernel.
            Assert.Equal(length < bytes.Length - 1, faulty);
        }
    }

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] bytes = Images.EveryType().Build();
        ResourceTableStatus status = TableWalk.FirstFault(bytes);

        long before = GC.GetAllocatedBytesForCurrentThread();
        status |= TableWalk.FirstFault(bytes);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(ResourceTableStatus.Ok, status);
    }

    private static ResourceTableStatus ReadOnly(ResourceType type, ReadOnlySpan<byte> payload) =>
        TableWalk.FirstFault(new ResourceTableBuilder().AddRaw((uint)type, payload).Build(), withVrings: false);
}
