using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

public class WorkQueueTests
{
    private readonly VirtualScheduler _scheduler = new();
    private int _runs;

    private Work CreateWork(long durationNs = 0) => new WorkQueue(_scheduler, "events").CreateWork("work", async () =>
    {
        _runs++;
        await _scheduler.DelayAsync(durationNs);
    });

    [Fact]
    public void Work_queued_twice_before_it_begins_runs_once()
    {
        Work work = CreateWork();
        _scheduler.Run(async () =>
        {
            Assert.True(work.Queue());
            Assert.False(work.Queue());
            Assert.True(work.IsBusy);
            await work.FlushAsync();
        });
        Assert.Equal(1, _runs);
        Assert.False(work.IsBusy);
        Assert.Empty(_scheduler.LiveTasks);
    }

    [Fact]
    public void Work_queued_while_it_runs_runs_again_and_never_beside_itself()
    {
        int inside = 0;
        Work work = new WorkQueue(_scheduler, "events").CreateWork("work", async () =>
        {
            Assert.Equal(0, inside++);
            await _scheduler.DelayAsync(100);
            inside--;
            _runs++;
        });
        _scheduler.Run(async () =>
        {
            Assert.True(work.Queue());
            await _scheduler.DelayAsync(50);
            Assert.True(work.Queue());
            Assert.False(work.Queue());
            await work.FlushAsync();
            Assert.Equal(200, _scheduler.NowNs);
        });
        Assert.Equal(2, _runs);
    }

    [Fact]
    public void Flush_waits_for_what_was_queued_before_and_not_for_work_that_queues_itself_again()
    {
        Work? self = null;
        self = new WorkQueue(_scheduler, "events").CreateWork("rearming", async () =>
        {
            await _scheduler.DelayAsync(100);
            self!.Queue();
        });
        _scheduler.Run(async () =>
        {
            self.Queue();
            await self.FlushAsync();
            Assert.Equal(100, _scheduler.NowNs); // the first run's end; the second may have begun
            await self.FlushAsync();
            Assert.Equal(200, _scheduler.NowNs);
            await self.CancelSyncAsync();
        });
    }

    [Fact]
    public void Flush_of_idle_work_returns_at_once() =>
        _scheduler.Run(async () => await CreateWork().FlushAsync());

    [Fact]
    public void CancelSync_takes_work_off_the_queue_before_it_begins()
    {
        Work work = CreateWork();
        _scheduler.Run(async () =>
        {
            work.Queue();
            await work.CancelSyncAsync();
            Assert.False(work.IsBusy);
            await work.FlushAsync(); // what was cancelled is not waited for
            Assert.Equal(0, _runs);
            Assert.True(work.Queue()); // and it may be queued again
            await work.FlushAsync();
        });
        Assert.Equal(1, _runs);
    }

    [Fact]
    public void CancelSync_waits_for_a_run_that_has_begun_and_drops_the_next()
    {
        Work work = CreateWork(durationNs: 100);
        _scheduler.Run(async () =>
        {
            work.Queue();
            await _scheduler.DelayAsync(50);
            work.Queue();
            await work.CancelSyncAsync();
            Assert.Equal(100, _scheduler.NowNs);
        });
        Assert.Equal(1, _runs);
        Assert.Empty(_scheduler.LiveTasks);
    }

    [Fact]
    public void CancelSync_gets_rid_of_work_that_queues_itself()
    {
        Work? self = null;
        List<bool> queued = [];
        self = new WorkQueue(_scheduler, "events").CreateWork("rearming", async () =>
        {
            await _scheduler.DelayAsync(100);
            queued.Add(self!.Queue());
        });
        _scheduler.Run(async () =>
        {
            self.Queue();
            await _scheduler.DelayAsync(250); // in the third run
            await self.CancelSyncAsync();
            Assert.Equal(300, _scheduler.NowNs);
        });
        Assert.Equal([true, true, false], queued);
        Assert.Empty(_scheduler.LiveTasks);
    }

    [Fact]
    public void Work_that_cancels_itself_is_refused()
    {
        Work? self = null;
        self = new WorkQueue(_scheduler, "events").CreateWork("work", async () =>
        {
            await Assert.ThrowsAsync<InvariantException>(async () => await self!.CancelSyncAsync());
            _runs++;
        });
        _scheduler.Run(async () =>
        {
            self.Queue();
            await self.FlushAsync();
        });
        Assert.Equal(1, _runs);
    }

    [Fact]
    public void Two_items_of_one_queue_run_beside_each_other()
    {
        WorkQueue queue = new(_scheduler, "events");
        Completion inner = new(_scheduler, "inner");
        Work second = queue.CreateWork("second", () =>
        {
            inner.Complete();
            return ValueTask.CompletedTask;
        });
        Work first = queue.CreateWork("first", async () =>
        {
            second.Queue();
            Assert.True(await inner.WaitAsync(1_000));
        });
        _scheduler.Run(async () =>
        {
            first.Queue();
            await first.FlushAsync();
            await second.FlushAsync();
        });
    }
}
