using System.Linq;
using Xunit;

namespace RemoteprocEmu.Platform.Tests;

public class IdAllocatorTests
{
    [Fact]
    public void The_lowest_free_number_is_given()
    {
        IdAllocator ids = new();
        Assert.Equal([0, 1, 2, 3], Enumerable.Range(0, 4).Select(_ => ids.Take()));
        ids.Release(1);
        ids.Release(2);
        Assert.Equal([1, 2, 4], Enumerable.Range(0, 3).Select(_ => ids.Take()));
        Assert.Equal([0, 1, 2, 3, 4], ids.Taken);
    }

    [Fact]
    public void A_range_is_kept_to()
    {
        IdAllocator ids = new();
        Assert.Equal(1024, ids.Take(1024, 1026));
        Assert.Equal(1025, ids.Take(1024, 1026));
        Assert.Equal(-1, ids.Take(1024, 1026));
        Assert.Equal(-1, ids.Take(5, 5));
        Assert.Equal(1026, ids.Take(1024));
        Assert.Equal(0, ids.Take());
    }

    [Fact]
    public void The_highest_number_is_no_way_round_to_the_negative_ones()
    {
        IdAllocator ids = new();
        Assert.True(ids.TakeExactly(int.MaxValue));
        Assert.True(ids.TakeExactly(int.MaxValue - 1));
        Assert.Equal(-1, ids.Take(int.MaxValue - 1));
        Assert.Equal(-1, ids.Take(int.MaxValue));
    }

    [Fact]
    public void A_number_is_taken_once_and_released_once()
    {
        IdAllocator ids = new();
        Assert.True(ids.TakeExactly(53));
        Assert.False(ids.TakeExactly(53));
        Assert.Equal(54, ids.Take(53));
        ids.Release(53);
        Assert.Throws<InvariantException>(() => ids.Release(53));
        Assert.Throws<InvariantException>(() => ids.Release(1));
    }
}
