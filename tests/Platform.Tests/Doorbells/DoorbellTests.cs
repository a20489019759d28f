using System;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Doorbells;

public class DoorbellTests
{
    private readonly VirtualScheduler _scheduler = new();

    [Fact]
    public void Lines_are_taken_lowest_first_and_once_however_often_they_rang()
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 130);
        foreach (int line in (int[])[129, 3, 64, 3, 63, 0]) Assert.True(doorbell.Ring(line));
        foreach (int expected in (int[])[0, 3, 63, 64, 129])
        {
            Assert.True(doorbell.TryTake(out int line));
            Assert.Equal(expected, line);
        }

        Assert.False(doorbell.TryTake(out int none));
        Assert.Equal(-1, none);
        Assert.Equal(6, doorbell.RingCount);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void A_line_that_is_not_there_does_not_ring(int line)
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 2);
        Assert.False(doorbell.Ring(line));
        Assert.False(doorbell.TryTake(out _));
        Assert.Equal(0, doorbell.RingCount);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Doorbell(_scheduler, "mailbox", 0));
    }

    [Fact]
    public void A_wait_ends_with_a_ring_also_an_earlier_one_and_leaves_it_to_be_taken()
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 1);
        _scheduler.Run(async () =>
        {
            doorbell.Ring(0);
            Assert.True(await doorbell.WaitAsync());
            Assert.True(await doorbell.WaitAsync()); // it still rings
            Assert.True(doorbell.TryTake(out _));
            _scheduler.Spawn("ringer", async () =>
            {
                await _scheduler.DelayAsync(10);
                doorbell.Ring(0);
            });
            Assert.True(await doorbell.WaitAsync());
        });
        Assert.Equal(10, _scheduler.NowNs);
    }

    [Fact]
    public void A_wait_ends_with_its_timeout_and_a_later_ring_is_not_lost()
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 1);
        _scheduler.Run(async () =>
        {
            Assert.False(await doorbell.WaitAsync(10));
            Assert.False(await doorbell.WaitAsync(0));
            doorbell.Ring(0);
            Assert.True(await doorbell.WaitAsync(0));
        });
        Assert.Equal(10, _scheduler.NowNs);
    }

    [Fact]
    public void Clear_forgets_what_has_rung()
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 130);
        doorbell.Ring(0);
        doorbell.Ring(129);
        doorbell.Clear();
        Assert.False(doorbell.TryTake(out _));
        Assert.Equal(2, doorbell.RingCount);
    }

    [Fact]
    public void A_second_waiter_is_refused_and_the_first_keeps_its_rings()
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 1);
        _scheduler.Run(async () =>
        {
            bool rang = false;
            KernelTask owner = _scheduler.Spawn("owner", async () => rang = await doorbell.WaitAsync());
            await _scheduler.DelayAsync(1);
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await doorbell.WaitAsync());
            doorbell.Ring(0);
            await owner.Ended.WaitAsync();
            Assert.True(rang);
        });
    }

    [Fact]
    public void The_next_owner_may_wait_when_the_killed_one_has_ended()
    {
        Doorbell doorbell = new(_scheduler, "mailbox", 1);
        _scheduler.Run(async () =>
        {
            KernelTask owner = _scheduler.Spawn("owner", async () => await doorbell.WaitAsync());
            await _scheduler.DelayAsync(1);
            _scheduler.Kill(owner);
            await owner.Ended.WaitAsync();
            doorbell.Ring(0);
            Assert.True(await doorbell.WaitAsync());
        });
    }
}
