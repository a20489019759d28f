using System;
using RemoteprocEmu.Firmware.ResourceTable;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.ResourceTable;

public sealed class ResourceTableWriteBackTests
{
    private const int CarveoutPayload = 44; // 16 + 6 * 4 + 4
    private const int VdevPayload = CarveoutPayload + 52 + 4 + 52 + 4 + 44 + 4;

    private readonly byte[] _table = Images.EveryType().Build();

    [Fact]
    public void A_carveouts_da_pa_and_len_are_written_and_nothing_else()
    {
        byte[] expected = (byte[])_table.Clone();
        new byte[] { 0x78, 0x56, 0x34, 0x12, 0x00, 0x00, 0x00, 0x90, 0x00, 0x20, 0x00, 0x00 }.CopyTo(expected, CarveoutPayload);

        ResourceTableWriteBack.SetCarveout(_table, CarveoutPayload, da: 0x1234_5678, pa: 0x9000_0000, lengthBytes: 0x2000);

        Assert.Equal(expected, _table);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_rings_da_and_notifyid_are_written_and_nothing_else(int index)
    {
        byte[] expected = (byte[])_table.Clone();
        new byte[] { 0x00, 0x10, 0x00, 0x20 }.CopyTo(expected, VdevPayload + 24 + (20 * index));
        expected[VdevPayload + 24 + (20 * index) + 12] = 77;

        ResourceTableWriteBack.SetVringDa(_table, VdevPayload, index, 0x2000_1000);
        ResourceTableWriteBack.SetVringNotifyId(_table, VdevPayload, index, 77);

        Assert.Equal(expected, _table);
        Assert.Equal(new VdevVring(0x2000_1000, 16, index == 0 ? 16u : 32u, 77),
            ResourceTableWriteBack.GetVring(_table, VdevPayload, index));
    }

    [Fact]
    public void Features_and_status_are_written_and_nothing_else()
    {
        byte[] expected = (byte[])_table.Clone();
        expected[VdevPayload + 12] = 1;
        expected[VdevPayload + 20] = 0x83;

        ResourceTableWriteBack.SetGuestFeatures(_table, VdevPayload, 1);
        ResourceTableWriteBack.SetStatus(_table, VdevPayload, 0x83);

        Assert.Equal(expected, _table);
        Assert.Equal(1u, ResourceTableWriteBack.GetDeviceFeatures(_table, VdevPayload));
        Assert.Equal(1u, ResourceTableWriteBack.GetGuestFeatures(_table, VdevPayload));
        Assert.Equal(0x83, ResourceTableWriteBack.GetStatus(_table, VdevPayload));
    }

    [Fact]
    public void Config_space_is_read_and_written_within_its_length()
    {
        byte[] expected = (byte[])_table.Clone();
        expected[VdevPayload + 24 + 40 + 3] = 0xEE;
        expected[VdevPayload + 24 + 40 + 4] = 0xFF;

        Assert.Equal(ResourceTableStatus.Ok, ResourceTableWriteBack.TryWriteConfig(_table, VdevPayload, 3, [0xEE, 0xFF]));

        byte[] read = new byte[5];
        Assert.Equal(ResourceTableStatus.Ok, ResourceTableWriteBack.TryReadConfig(_table, VdevPayload, 0, read));
        Assert.Equal([1, 2, 3, 0xEE, 0xFF], read);
        Assert.Equal(expected, _table);
    }

    [Theory]
    [InlineData(4u, 2)]
    [InlineData(6u, 0)]
    [InlineData(0xFFFF_FFFFu, 2)]
    public void Outside_the_config_space_nothing_is_copied(uint offset, int length)
    {
        byte[] before = (byte[])_table.Clone();
        byte[] into = [9, 9, 9, 9];

        Assert.Equal(ResourceTableStatus.ConfigOutOfRange, ResourceTableWriteBack.TryReadConfig(_table, VdevPayload, offset,
            into.AsSpan(0, length)));
        Assert.Equal(ResourceTableStatus.ConfigOutOfRange, ResourceTableWriteBack.TryWriteConfig(_table, VdevPayload, offset,
            into.AsSpan(0, length)));

        Assert.Equal([9, 9, 9, 9], into);
        Assert.Equal(before, _table);
    }

    [Fact]
    public void A_remote_that_inflates_its_config_space_gets_nothing_outside_the_table()
    {
        _table.AsSpan(VdevPayload + VdevEntry.ConfigLengthOffset, 4).Fill(0xFF);
        _table[VdevPayload + VdevEntry.VringCountOffset] = 0xFF;

        Assert.Equal(ResourceTableStatus.ConfigOutOfRange, ResourceTableWriteBack.TryWriteConfig(_table, VdevPayload, 0, [1]));
        Assert.Equal(ResourceTableStatus.ConfigOutOfRange, ResourceTableWriteBack.TryWriteConfig(_table, VdevPayload, 0xFFFF_FF00, [1]));
    }

    [Fact]
    public void A_payload_outside_the_table_is_the_callers_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ResourceTableWriteBack.SetCarveout(_table, _table.Length - 51, 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ResourceTableWriteBack.SetStatus(_table, -1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ResourceTableWriteBack.SetVringDa(_table, VdevPayload, 2, 0));
    }
}
