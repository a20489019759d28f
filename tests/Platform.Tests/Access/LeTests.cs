using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Access;

public class LeTests
{
    [Fact]
    public void Fields_lie_in_memory_with_the_low_byte_first()
    {
        Assert.Equal([0x22, 0x11], Bytes(new Le16(0x1122)));
        Assert.Equal([0x44, 0x33, 0x22, 0x11], Bytes(new Le32(0x11223344)));
        Assert.Equal([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11], Bytes(new Le64(0x1122334455667788)));
    }

    [Fact]
    public void A_field_gives_back_what_was_put_in()
    {
        Assert.Equal(0xFFFE, new Le16(0xFFFE).Value);
        Assert.Equal(0xFFFE_FDFCu, new Le32(0xFFFE_FDFC).Value);
        Assert.Equal(0xFFFE_FDFC_0102_0304, new Le64(0xFFFE_FDFC_0102_0304).Value);
        Assert.Equal((2, 4, 8), (Unsafe.SizeOf<Le16>(), Unsafe.SizeOf<Le32>(), Unsafe.SizeOf<Le64>()));
    }

    [Fact]
    public void Shared_access_reads_and_writes_the_same_bytes()
    {
        byte[] bytes = [0, 0, 0, 0];
        ref Le16 cell = ref MemoryMarshal.Cast<byte, Le16>(bytes.AsSpan())[1];
        HostAccess.StoreRelease(ref cell, 0x1122);
        HostAccess.FullFence();
        Assert.Equal([0, 0, 0x22, 0x11], bytes);
        Assert.Equal(0x1122, HostAccess.LoadAcquire(ref cell));
        HostAccess.Store(ref cell, new Le16(0x3344));
        Assert.Equal([0, 0, 0x44, 0x33], bytes);
        Assert.Equal(0x3344, HostAccess.Load(ref cell).Value);
    }

    private static byte[] Bytes<T>(T value) where T : struct => MemoryMarshal.AsBytes(new T[] { value }.AsSpan()).ToArray();
}
