using System;
using System.Diagnostics;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Board.Tests;

/// <summary>What a boot costs: a bound on allocation, and a look at the time (the bound on time is the benchmark's).</summary>
public sealed class BootCostTests(ITestOutputHelper output)
{
    [Fact]
    public void A_boot_to_running_allocates_at_most_64_KiB()
    {
        byte[] image = SampleImages.Find("rpmsg-echo")!.Read();
        long least = long.MaxValue;
        double leastUs = double.MaxValue;
        using Machine machine = new(new MachineOptions(),
            new ProcessorOptions { Image = image, Program = new EchoProgram(), AutoBoot = false });
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            Remoteproc.Rproc rproc = machine.Processors[0].Rproc!;
            for (int i = 0; i < 200; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                long begin = Stopwatch.GetTimestamp();
                Assert.Equal(Errno.Ok, await rproc.BootAsync());
                leastUs = Math.Min(leastUs, Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
                Assert.Equal(RprocState.Running, rproc.State);
                Assert.Equal(Errno.Ok, await rproc.ShutdownAsync());
            }

            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        output.WriteLine($"boot to RUNNING: {least} bytes, {leastUs:F0} us");
        Assert.InRange(least, 1, 64 * 1024);
    }
}
