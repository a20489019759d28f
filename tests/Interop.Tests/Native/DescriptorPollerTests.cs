using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Interop.Tests.Native;

public class DescriptorPollerTests
{
    [Fact]
    public void Only_what_has_come_is_called_and_nothing_after_its_watch_has_ended()
    {
        using DescriptorPoller poller = new();
        using NotifyDescriptor first = NotifyDescriptor.Create(), second = NotifyDescriptor.Create();
        int firstCount = 0, secondCount = 0;
        poller.Watch(first.Handle, () =>
        {
            firstCount++;
            Assert.True(poller.Unwatch(second.Handle)); // it has come, too, and is not called any more
        });
        poller.Watch(second.Handle, () => secondCount++);
        poller.Wait(0);
        Assert.Equal(0, firstCount);

        Assert.True(first.Ring() && second.Ring());
        poller.Wait(Scheduler.Forever);
        Assert.Equal((1, 0), (firstCount, secondCount));
        Assert.True(poller.Unwatch(first.Handle));
        Assert.False(poller.Unwatch(first.Handle));
        poller.Wait(0);
        Assert.Equal(1, firstCount);
        Assert.Equal(0, poller.Count);
    }

    [Fact]
    public void A_processor_that_polls_hears_of_descriptors_of_other_processors_and_of_time()
    {
        using DescriptorPoller poller = new();
        using ThreadedScheduler scheduler = new();
        using NotifyDescriptor fromOutside = NotifyDescriptor.Create();
        Doorbell inside = new(scheduler, "inside", 1), answer = new(scheduler, "answer", 3);
        poller.Watch(fromOutside.Handle, () => // before the processor has anything to do
        {
            _ = fromOutside.TryTake(out _);
            _ = inside.Ring(0);
        });
        Cpu cpu = scheduler.CreatePollingCpu("polling", poller);
        scheduler.Run(async () =>
        {
            _ = scheduler.Spawn("polling", async () =>
            {
                Assert.True(await inside.WaitAsync());
                _ = inside.TryTake(out _);
                _ = answer.Ring(0);
                await scheduler.DelayAsync(2_000_000);
                _ = answer.Ring(1);
                while (!inside.TryTake(out _)) await scheduler.Point("busy"); // never sleeps, and hears the descriptor all the same
                _ = answer.Ring(2);
            }, cpu);
            for (int line = 0; line < answer.LineCount; line++)
            {
                if (line != 1) Assert.True(fromOutside.Ring());
                Assert.True(await answer.WaitAsync());
                Assert.True(answer.TryTake(out int rang));
                Assert.Equal(line, rang);
            }
        });
    }
}
