using System;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Platform.Tests.Tasks;

/// <summary>What a scheduler holds on to. Measures the whole process, so nothing else runs meanwhile.</summary>
[Collection(nameof(MemoryKeptTests))]
[CollectionDefinition(nameof(MemoryKeptTests), DisableParallelization = true)]
public class MemoryKeptTests
{
    [Fact]
    public void Timeouts_of_sleeps_that_ended_early_are_not_kept_until_they_are_due()
    {
        VirtualScheduler scheduler = new();
        Completion ping = new(scheduler, "ping"), pong = new(scheduler, "pong");
        scheduler.Spawn("echo", async () =>
        {
            while (await ping.WaitAsync()) pong.Complete();
        }, isDaemon: true);
        long keptBytes = 0;
        scheduler.Run(async () =>
        {
            for (int round = 0; round < 2; round++) // once to warm up
            {
                long before = GC.GetTotalMemory(forceFullCollection: true);
                for (int i = 0; i < 50_000; i++)
                {
                    ping.Complete();
                    Assert.True(await pong.WaitAsync(15_000_000_000));
                }

                keptBytes = GC.GetTotalMemory(forceFullCollection: true) - before;
            }
        });
        Assert.InRange(keptBytes, long.MinValue, 1_000_000); // 50,000 deadlines kept would be some 2 MB
    }
}
