using System;
using RemoteprocEmu.Platform.Memory;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Memory;

public sealed class VringSizeTests
{
    [Theory]
    [InlineData(2, 16, 70, 4096)]
    [InlineData(4, 16, 118, 4096)]
    [InlineData(8, 16, 230, 4096)]
    [InlineData(16, 16, 438, 4096)]
    [InlineData(16, 4096, 4230, 8192)]
    [InlineData(32, 16, 854, 4096)]
    [InlineData(64, 4096, 4614, 8192)]
    [InlineData(128, 4096, 5126, 8192)]
    [InlineData(256, 16, 6678, 8192)]
    [InlineData(256, 4096, 10246, 12288)]
    [InlineData(512, 4096, 16390, 20480)]
    public void A_ring_takes_what_the_kernel_says(uint num, uint alignBytes, ulong bytes, ulong reservedBytes)
    {
        Assert.Equal(bytes, VringSize.Bytes(num, alignBytes));
        Assert.Equal(reservedBytes, VringSize.ReservedBytes(num, alignBytes));
    }

    [Fact]
    public void The_largest_numbers_do_not_overflow()
    {
        // 18 * (2^32 - 1) + 6 rounded up to 2^31, then 6 + 8 * (2^32 - 1).
        Assert.Equal(0x12_0000_0000ul + 6 + (8ul * uint.MaxValue), VringSize.Bytes(uint.MaxValue, 0x8000_0000));
    }

    [Fact]
    public void An_alignment_of_zero_is_the_callers_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => VringSize.Bytes(16, 0));
}
