using System.Linq;
using RemoteprocEmu.Platform.Faults;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Faults;

public class FailNthTests
{
    [Fact]
    public void The_nth_site_fails_and_no_other()
    {
        FailNth plan = new(failAt: 1, Errno.ENOMEM);
        Assert.Equal([Errno.Ok, Errno.ENOMEM, Errno.Ok], new[] { "a", "b", "b" }.Select(plan.At));
        Assert.Equal("b", plan.FailedSite);
        Assert.Equal(3, plan.SiteCount);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void A_number_that_is_never_reached_fails_nothing(int failAt)
    {
        FailNth plan = new(failAt, Errno.ENOMEM);
        Assert.Equal([Errno.Ok, Errno.Ok], new[] { "a", "b" }.Select(plan.At));
        Assert.Null(plan.FailedSite);
    }

    [Fact]
    public void Nothing_fails_without_a_plan() => Assert.Equal(Errno.Ok, NoFaults.Instance.At("rproc_start"));
}
