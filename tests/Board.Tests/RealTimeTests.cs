using System;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Board.Tests;

/// <summary>The same machine on real threads and real time.</summary>
public sealed class RealTimeTests
{
    [Fact]
    public void A_machine_on_threads_boots_exchanges_crashes_recovers_and_leaves_nothing()
    {
        using Machine machine = new(new MachineOptions { IsVirtual = false, ClientSampleCount = 1000 },
            new ProcessorOptions { Image = SampleImages.Find("rpmsg-two-vdevs")!.Read(), Program = new EchoProgram() });
        ScriptedCore core = (ScriptedCore)machine.Processors[0].Core;
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("rpmsg_client_sample"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            await UntilAsync(machine, () => core.GetVdevCounters(0).Received >= 1000 && core.GetVdevCounters(1).Received >= 1000);

            machine.Processors[0].Rproc!.ReportCrash(RprocCrashType.Watchdog);
            await machine.Processors[0].Rproc!.Crash.FlushAsync();
            Assert.Equal((RprocState.Running, 1), (machine.Processors[0].Rproc!.State, machine.Processors[0].Rproc!.CrashCount));
            await UntilAsync(machine, () => core.GetVdevCounters(0).Received >= 2000 && core.GetVdevCounters(1).Received >= 2000);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
        Assert.Equal(4, machine.Kernel.Log.Lines.Count(line => line.Text.EndsWith("goodbye!", StringComparison.Ordinal)));
    }

    private static async ValueTask UntilAsync(Machine machine, Func<bool> condition)
    {
        for (int i = 0; i < 10_000 && !condition(); i++) await machine.Scheduler.DelayAsync(1_000_000);
        Assert.True(condition(), "it has not happened within 10 s");
    }
}
