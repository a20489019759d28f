using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Every place at which the day can go wrong goes wrong in turn; each time nothing may be left: counted, not assumed.</summary>
public sealed class UnwindingTests
{
    [Theory]
    [InlineData("rpmsg-echo.elf", "Emu")]
    [InlineData("rpmsg-two-vdevs.elf", "Emu")]
    [InlineData("rpmsg-net.elf", "Emu")]
    [InlineData("carveouts-fixed.elf", "Emu")]
    [InlineData("net-eight.elf", "Emu")]
    [InlineData("carveouts-fixed.elf", "D")]
    [InlineData("carveouts-fixed.elf", "C")]
    public void A_boot_that_fails_at_each_step_in_turn_leaves_nothing(string image, string era)
    {
        HashSet<string> sites = [];
        int runs = 0;
        bool reached = true;
        for (; reached; runs++)
        {
            FailNth faults = new(runs, Errno.ENOMEM);
            using Rig rig = new(Rig.Sample(image), processor: p => p with { AutoBoot = false },
                era: Rig.EraOf(era), faults: faults);
            _ = LifecycleRows.AddNet(rig);
            _ = LifecycleRows.AddPlainRpmsg(rig);
            rig.Run(() => BootOnceAsync(rig));
            reached = faults.FailedSite is not null;
            if (reached) _ = sites.Add(faults.FailedSite!);
        }

        string[] steps = ["rproc_fw_sanity_check", "rproc_enable_iommu", "rproc_prepare_device", "rproc_parse_fw", "rproc_handle_resources",
            "platform_device_register", "rproc_alloc_vring", "rproc_alloc_registered_carveouts", "dma_alloc_coherent",
            "rproc_load_segments",
            "rproc_find_loaded_rsc_table", "rproc_prepare_subdevices", "rproc_ops_start", "rproc_start_subdevices", "subdev_start",
            "register_virtio_device", "device_add", "rp_find_vq", "request_firmware", "driver_register", "rproc_alloc", "rproc_ops_stop"];
        Assert.Empty(steps.Except(sites)); // the sweep has really been everywhere
        Assert.True(runs > steps.Length);
    }

    /// <summary>Up to v4.9 drivers make rings and, in A, boot: what fails there is undone by others than the boot.</summary>
    [Theory]
    [InlineData("A", "rpmsg-two-vdevs.elf")]
    [InlineData("A", "carveouts-fixed.elf")]
    [InlineData("B", "rpmsg-two-vdevs.elf")]
    [InlineData("B", "carveouts-fixed.elf")]
    public void Where_drivers_make_the_rings_a_boot_that_fails_at_each_step_leaves_nothing_either(string era, string image)
    {
        HashSet<string> sites = [];
        bool reached = true;
        for (int failAt = 0; reached; failAt++)
        {
            FailNth faults = new(failAt, Errno.ENOMEM);
            using Rig rig = new(Rig.Sample(image), era: Rig.EraOf(era), faults: faults);
            _ = LifecycleRows.AddPlainRpmsg(rig);
            rig.Run(() => BootByDriversAsync(rig));
            reached = faults.FailedSite is not null;
            if (reached) _ = sites.Add(faults.FailedSite!);
        }

        string[] steps = ["rproc_fw_sanity_check", "rproc_handle_resources", "rproc_alloc_vring", "dma_alloc_coherent", "rp_find_vq",
            "rproc_load_segments", "rproc_ops_start", "rproc_start_subdevices", "register_virtio_device", "request_firmware",
            "rproc_ops_stop"];
        Assert.Empty(steps.Except(sites));
    }

    [Fact]
    public void An_attach_that_fails_at_each_step_in_turn_leaves_nothing()
    {
        bool reached = true;
        int runs = 0;
        for (; reached; runs++)
        {
            FailNth faults = new(runs, Errno.EIO);
            using Rig rig = new(Rig.Sample("rpmsg-echo.elf"),
                processor: p => p with { StartsDetached = true, AutoBoot = false }, faults: faults);
            rig.Run(() => BootOnceAsync(rig));
            reached = faults.FailedSite is not null;
        }

        Assert.True(runs > 12, $"only {runs} places");
    }

    [Fact]
    public void A_recovery_that_fails_at_each_step_in_turn_leaves_nothing()
    {
        bool reached = true;
        int runs = 0;
        for (int failAt = 0; reached; failAt++)
        {
            FailNth faults = new(failAt, Errno.EIO);
            using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), faults: faults);
            rig.Run(async () =>
            {
                if (await rig.Machine.ModprobeAsync("emu_rproc") != Errno.Ok || rig.Machine.Processors[0].Rproc is null) return;
                await rig.SettleAsync();
                int before = faults.SiteCount;
                rig.Rproc.Coredump.Configuration = Recovery.CoredumpConfiguration.Enabled;
                await rig.CrashAsync();
                if (faults.FailedSite is not null && faults.SiteCount > before) runs++;
                Assert.True(rig.Rproc.State is RprocState.Running or RprocState.Offline or RprocState.Crashed);
                if (rig.Rproc.State == RprocState.Offline) Assert.Equal(0, rig.Rproc.Power);
                while (rig.Rproc.Power > 0) _ = await rig.Rproc.ShutdownAsync(); // the stop may be what fails: again
            });
            reached = faults.FailedSite is not null;
        }

        Assert.True(runs >= 8, $"only {runs} places");
    }

    [Fact]
    public void A_processor_that_will_not_stop_keeps_its_state_and_its_user()
    {
        RecordingCore core = new();
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), core);
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            core.StopErrno = Errno.ETIMEDOUT;
            Assert.Equal(Errno.ETIMEDOUT, await rig.Rproc.ShutdownAsync());
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            core.StopErrno = Errno.Ok;
            Assert.Equal(Errno.Ok, await rig.Rproc.ShutdownAsync());
        });
    }

    [Fact]
    public void Deleting_a_processor_that_will_not_stop_comes_to_an_end()
    {
        RecordingCore core = new();
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), core);
        rig.Machine.Run(async () => // not Rig.Run: what such a processor keeps cannot be given back
        {
            await rig.LoadPlatformDriverAsync();
            core.StopErrno = Errno.EIO;
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
        });
        Assert.Equal(["start", "stop"], core.Calls);
    }

    [Fact]
    public void A_handle_outlives_its_driver_being_unbound_by_hand()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            await rig.Machine.PlatformBus.UnbindAsync(rig.Machine.Processors[0].Device);
            Assert.Equal(Errno.ENODEV, await handle.BootAsync());
            Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync("emu_rproc"));
            RemoteprocModule.Put(handle);
        });
    }

    [Fact]
    public void A_panic_is_told_to_a_processor_that_is_up_and_has_such_an_operation()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(0, rig.Rproc.Panic()); // this platform has none
            Rproc other = rig.Machine.Remoteproc.Allocate(rig.Machine.Processors[0].Device, "other",
                rig.Rproc.Ops with { Panic = _ => 200 }, rig.Rproc.Config with { FirmwareName = "fw.elf", AutoBoot = false })!;
            Assert.Equal(0, other.Panic()); // off
            Assert.Equal(Errno.Ok, await other.BootAsync());
            Assert.Equal(200, other.Panic());
            Assert.Equal(Errno.Ok, await other.ShutdownAsync());
            other.Put();
        });
    }

    [Fact]
    public void A_boot_that_is_interrupted_by_a_signal_says_so()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            await rig.Rproc.PowerLock.LockAsync();
            Errno result = Errno.Ok;
            KernelTask task = rig.Machine.Scheduler.Spawn("writer", async () => result = await rig.Rproc.BootAsync());
            await rig.SettleAsync();
            rig.Machine.Scheduler.Signal(task);
            await rig.SettleAsync();
            Assert.Equal((Errno.EINTR, 0), (result, rig.Rproc.Power));
            rig.Rproc.PowerLock.Unlock();
        });
    }

    private static async ValueTask BootByDriversAsync(Rig rig)
    {
        Machine machine = rig.Machine;
        _ = await machine.ModprobeAsync("plain_rpmsg"); // any of these may be the one that fails
        if (await machine.ModprobeAsync("emu_rproc") != Errno.Ok || machine.Processors[0].Rproc is not { } rproc) return;
        await rig.SettleAsync();
        if (rproc.Power == 0) _ = await rproc.BootAsync();
        _ = await machine.RmmodAsync("plain_rpmsg"); // its shutdown may be what fails, and nobody hears of it
        while (rproc.Power > 0) _ = await rproc.ShutdownAsync();
    }

    private static async ValueTask BootOnceAsync(Rig rig)
    {
        Machine machine = rig.Machine;
        _ = await machine.ModprobeAsync("virtio_net"); // any of these may be the one that fails
        _ = await machine.ModprobeAsync("plain_rpmsg");
        if (await machine.ModprobeAsync("emu_rproc") != Errno.Ok || machine.Processors[0].Rproc is not { } rproc) return;
        if (await rproc.BootAsync() != Errno.Ok)
        {
            Assert.Equal(0, rproc.Power);
            Assert.True(rproc.State is RprocState.Offline or RprocState.Detached);
            Assert.Empty(rproc.Vdevs);
            Assert.Empty(rproc.Carveouts.Items);
            Assert.Empty(rproc.Mappings.Items);
            Assert.Empty(rproc.Traces);
            Assert.Empty(rproc.DumpSegments);
            Assert.Equal(0, rproc.NotifyIds.Count);
            Assert.False(rproc.Table.HasTable);
            Assert.Equal(0, machine.DmaBank.LiveBytes);
            return;
        }

        Errno errno = await rproc.ShutdownAsync();
        if (errno != Errno.Ok) Assert.Equal(Errno.Ok, await rproc.ShutdownAsync()); // the stop was what failed: again
    }
}
