using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Platforms;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>The steps that a scenario may make fail are those that a machine asks its fault plan for.</summary>
public sealed class FaultSiteTests
{
    [Fact]
    public void Every_step_that_a_machine_asks_for_is_known_and_every_known_step_is_asked_for()
    {
        Recorder sites = new();
        foreach (Era era in Era.All)
        {
            foreach (bool isDetached in (bool[])[false, true]) Run(era, "rpmsg-echo", isDetached, sites);
            Run(era, "carveouts-fixed", isDetached: false, sites);
        }

        Assert.Equal(ScenarioFiles.Vocabulary(null).FaultSites.Order(StringComparer.Ordinal), sites.Seen);
    }

    /// <summary>Everything once: attach or boot, a crash, a stop, a detach.</summary>
    private static void Run(Era era, string image, bool isDetached, Recorder sites)
    {
        using Machine machine = new(new MachineOptions { Era = era, Faults = sites }, new ProcessorOptions
        {
            Image = SampleImages.Find(image)!.Read(),
            Program = new EchoProgram(),
            StartsDetached = isDetached,
            Subdevices = [new LoggedTwin()],
        });
        if (isDetached) StartAlone(machine);
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            await machine.Scheduler.DelayAsync(10_000_000);
            if (machine.Processors[0].Rproc is { } rproc) await UseAsync(rproc, isDetached);
            await machine.Scheduler.DelayAsync(100_000_000);
            _ = await machine.UnloadAllAsync(); // in eras that pin themselves it fails, which is not what is looked at
        });
    }

    private static void StartAlone(Machine machine)
    {
        RemoteCorePlatform platform = (RemoteCorePlatform)machine.Processors[0].Device.PlatformData!;
        (DeviceAddress address, int lengthBytes) = platform.LiveTable!.Value;
        Doorbell nobody = new(machine.Scheduler, "nobody", 1);
        CoreStart start = new(0, platform.Memory, address, lengthBytes, nobody, nobody);
        Assert.Equal(Errno.Ok, ((ScriptedCore)machine.Processors[0].Core).StartAlone(start));
    }

    private static async ValueTask UseAsync(Remoteproc.Rproc rproc, bool isDetached)
    {
        RprocSysfs sysfs = new(rproc);
        if (isDetached)
        {
            _ = await sysfs.WriteAsync("state", "detach"); // whatever it returns: it was asked for
            return;
        }

        _ = await sysfs.WriteAsync("coredump", "enabled");
        rproc.ReportCrash(RprocCrashType.FatalError);
        await rproc.Crash.FlushAsync();
    }

    private sealed class LoggedTwin() : Remoteproc.Subdevices.Subdevice("P1");

    private sealed class Recorder : IFaultPlan
    {
        public SortedSet<string> Seen { get; } = new(StringComparer.Ordinal);

        public Errno At(string site)
        {
            _ = Seen.Add(site); // most have been seen
            return Errno.Ok;
        }
    }
}
