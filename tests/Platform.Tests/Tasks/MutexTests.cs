using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

public class MutexTests
{
    [Fact]
    public void A_mutex_admits_one_task_at_a_time_and_names_it()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        List<string> events = [];
        scheduler.Run(async () =>
        {
            await mutex.LockAsync();
            Assert.Same(scheduler.Current, mutex.Owner);
            KernelTask other = scheduler.Spawn("other", async () =>
            {
                await mutex.LockAsync();
                events.Add("other has it");
                mutex.Unlock();
            });
            await scheduler.DelayAsync(100);
            events.Add("main gives it back");
            mutex.Unlock();
            await other.Ended.WaitAsync();
        });
        Assert.Equal(["main gives it back", "other has it"], events);
        Assert.Null(mutex.Owner);
    }

    [Fact]
    public void A_signal_ends_an_interruptible_lock_with_EINTR_and_without_the_lock()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        Errno errno = Errno.Ok;
        scheduler.Run(async () =>
        {
            await mutex.LockAsync();
            KernelTask other = scheduler.Spawn("other", async () => errno = await mutex.LockInterruptibleAsync());
            await scheduler.DelayAsync(100);
            scheduler.Signal(other);
            await other.Ended.WaitAsync();
            Assert.Same(scheduler.Current, mutex.Owner);
            mutex.Unlock();
        });
        Assert.Equal(Errno.EINTR, errno);
        Assert.Null(mutex.Owner);
    }

    [Fact]
    public void A_signal_does_not_end_an_uninterruptible_lock()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        bool locked = false;
        scheduler.Run(async () =>
        {
            await mutex.LockAsync();
            KernelTask other = scheduler.Spawn("other", async () =>
            {
                await mutex.LockAsync();
                locked = true;
                mutex.Unlock();
            });
            await scheduler.DelayAsync(100);
            scheduler.Signal(other);
            await scheduler.DelayAsync(100);
            Assert.False(locked);
            mutex.Unlock();
            await other.Ended.WaitAsync();
        });
        Assert.True(locked);
    }

    [Fact]
    public void A_pending_signal_does_not_refuse_a_free_lock_and_a_cleared_one_does_not_end_a_sleep()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        scheduler.Run(async () =>
        {
            scheduler.Signal(scheduler.Current!);
            Assert.Equal(Errno.Ok, await mutex.LockInterruptibleAsync());
            mutex.Unlock();

            KernelTask holder = scheduler.Spawn("holder", async () =>
            {
                await mutex.LockAsync();
                await scheduler.DelayAsync(1_000);
                mutex.Unlock();
            });
            await scheduler.DelayAsync(1);
            Assert.Equal(Errno.EINTR, await mutex.LockInterruptibleAsync()); // it is still pending
            scheduler.Signal(scheduler.Current!, pending: false);
            Assert.Equal(Errno.Ok, await mutex.LockInterruptibleAsync());
            mutex.Unlock();
            await holder.Ended.WaitAsync();
        });
    }

    [Fact]
    public void Locking_twice_is_refused_and_so_is_unlocking_another_s_lock()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        scheduler.Run(async () =>
        {
            await mutex.LockAsync();
            await Assert.ThrowsAsync<InvariantException>(async () => await mutex.LockAsync());
            KernelTask other = scheduler.Spawn("other", () =>
            {
                Assert.Throws<InvariantException>(mutex.Unlock);
                return ValueTask.CompletedTask;
            });
            await other.Ended.WaitAsync();
            mutex.Unlock();
            Assert.Throws<InvariantException>(mutex.Unlock);
        });
    }

    [Fact]
    public void A_primitive_outside_of_tasks_is_refused()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        ValueTask locking = mutex.LockAsync();
        Assert.True(locking.IsFaulted);
        Assert.IsType<InvalidOperationException>(locking.AsTask().Exception!.InnerException);
    }

    [Fact]
    public void An_uncontended_lock_allocates_nothing()
    {
        VirtualScheduler scheduler = new();
        Mutex mutex = new(scheduler, "lock");
        long allocatedBytes = -1;
        scheduler.Run(async () =>
        {
            for (int i = 0; i < 2; i++) // once to warm up
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int n = 0; n < 1_000; n++)
                {
                    await mutex.LockAsync();
                    mutex.Unlock();
                }

                allocatedBytes = GC.GetAllocatedBytesForCurrentThread() - before;
            }
        });
        Assert.Equal(0, allocatedBytes);
    }
}
