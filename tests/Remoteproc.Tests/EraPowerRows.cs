using System;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>
/// Rows of section 9, columns A, B and C: who boots, who holds whom, and what hangs and crashes. Where the table says -EBUSY of a module in
/// use, delete_module(2) returns -EWOULDBLOCK, which is EAGAIN.
/// </summary>
public sealed class EraPowerRows
{
    private const string Driver = "emu_rproc";

    [Theory]
    [InlineData("A", RprocState.Offline, 0)] // until a consumer boots
    [InlineData("B", RprocState.Running, 1)]
    [InlineData("C", RprocState.Running, 1)]
    public void RP_01_Firmware_without_vdev(string era, RprocState state, int power) => Run(era, "pm-trace-only.elf", async rig =>
    {
        await rig.LoadPlatformDriverAsync();
        Assert.Equal((state, power), (rig.Rproc.State, rig.Rproc.Power));
        if (state == RprocState.Offline) Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
        Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
        await rig.PowerOffAsync();
    });

    [Theory]
    [InlineData("A", Errno.EAGAIN, Errno.Ok)] // held by the boot, until the driver of the vdev lets go
    [InlineData("B", Errno.EAGAIN, Errno.EAGAIN)] // held by itself, for ever
    [InlineData("C", Errno.Ok, Errno.ENOENT)]
    public void RP_04_Unloading_the_platform_driver(string era, Errno first, Errno onceUnbound) => Run(era, "rpmsg-echo.elf", async rig =>
    {
        await rig.LoadBusAsync();
        await rig.LoadPlatformDriverAsync();
        Rproc rproc = rig.Rproc;
        Assert.Equal(first, await rig.Machine.RmmodAsync(Driver));
        foreach (VirtioDevice device in rig.Machine.VirtioBus.Devices.Cast<VirtioDevice>().ToArray())
            await rig.Machine.VirtioBus.UnbindAsync(device);
        Assert.Equal(onceUnbound, await rig.Machine.RmmodAsync(Driver));
        if (onceUnbound != Errno.EAGAIN) return;
        Assert.Equal(1, rig.Machine.Modules[Driver].ReferenceCount); // nobody but the processor itself
        await rig.PowerOffAsync();
    });

    [Theory]
    [InlineData("B", Errno.EAGAIN)]
    [InlineData("C", Errno.Ok)]
    public void RP_05_A_processor_without_vdev_that_booted_itself(string era, Errno rmmod) => Run(era, "pm-trace-only.elf", async rig =>
    {
        await rig.LoadPlatformDriverAsync();
        Assert.Equal(rmmod, await rig.Machine.RmmodAsync(Driver));
        Assert.Equal(rmmod == Errno.Ok ? ["start", "stop"] : ["start"], rig.Core.Calls);
        if (rmmod != Errno.Ok) await rig.PowerOffAsync();
    });

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("C")]
    public void RP_17_The_consumer_boots_once_the_image_is_there(string era) => Run(era, "pm-trace-only.elf", async rig =>
    {
        Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(Driver));
        Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
        Assert.Equal(Errno.Ok, await handle.BootAsync()); // in A and B it sleeps until the callback is through
        Assert.Equal((RprocState.Running, 1), (handle.State, handle.Power));
        Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync(Driver));
        Assert.Equal(Errno.Ok, await handle.ShutdownAsync());
        RemoteprocModule.Put(handle);
    }, autoBoot: false);

    [Theory]
    [InlineData("A", false)] // the power holds the driver, and the handle does not
    [InlineData("B", false)]
    [InlineData("C", true)]
    public void RP_18_What_holds_the_platform_driver(string era, bool handleHolds) => Run(era, "pm-trace-only.elf", async rig =>
    {
        await rig.LoadPlatformDriverAsync();
        Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
        Assert.Equal(Errno.Ok, await handle.BootAsync());
        Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync(Driver));
        Assert.Equal(Errno.Ok, await handle.ShutdownAsync());
        Assert.Equal(handleHolds ? Errno.EAGAIN : Errno.Ok, await rig.Machine.RmmodAsync(Driver));
        RemoteprocModule.Put(handle);
        Assert.Equal(handleHolds ? Errno.Ok : Errno.ENOENT, await rig.Machine.RmmodAsync(Driver));
    }, autoBoot: false);

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    public void RP_19_A_boot_by_a_handle_whose_driver_is_gone_crashes_the_kernel(string era)
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false }, era: Rig.EraOf(era));
        Exception reported = Assert.Throws<InvalidOperationException>(() => rig.Machine.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(Driver));
            _ = await handle.BootAsync();
        }));
        KernelOopsException oops = Assert.IsType<KernelOopsException>(reported.InnerException);
        Assert.Equal("rproc_boot: dereference of rproc->dev.parent->driver->owner after its module emu_rproc was unloaded", oops.Message);
    }

    [Fact]
    public void RP_19_And_so_does_one_whose_driver_was_unbound_and_came_back()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false }, era: Era.B);
        Exception reported = Assert.Throws<InvalidOperationException>(() => rig.Machine.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            await rig.Machine.PlatformBus.UnbindAsync(rig.Machine.Processors[0].Device);
            await rig.Machine.PlatformBus.AttachAsync(rig.Machine.Processors[0].Device);
            Assert.NotSame(handle, rig.Rproc);
            _ = await handle.BootAsync();
        }));
        Assert.Equal("rproc_boot: use of rproc->ops of remoteproc0 after rproc_del", reported.InnerException!.Message);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("C")]
    public void RP_20_A_consumer_adds_and_drops_a_user(string era) => Run(era, "rpmsg-echo.elf", async rig =>
    {
        await rig.LoadBusAsync();
        await rig.LoadPlatformDriverAsync();
        Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
        Assert.Equal(Errno.Ok, await handle.BootAsync());
        Assert.Equal(2, handle.Power);
        Assert.Equal(Errno.Ok, await handle.ShutdownAsync());
        Assert.Equal((RprocState.Running, 1), (handle.State, handle.Power));
        RemoteprocModule.Put(handle);
        if (rig.Rproc.Era.DriverPower != DriverPower.IsUser) await rig.PowerOffAsync();
    });

    [Theory]
    [InlineData("A", RprocState.Running)] // the flag is not known yet
    [InlineData("B", RprocState.Offline)]
    [InlineData("C", RprocState.Offline)]
    public void RP_21_Without_auto_boot(string era, RprocState state) => Run(era, "rpmsg-echo.elf", async rig =>
    {
        await rig.LoadPlatformDriverAsync();
        await rig.LoadBusAsync();
        Assert.Equal(state, rig.Rproc.State);
        if (state == RprocState.Running) return;
        Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
        Assert.NotNull(rig.Rproc.Vdevs[0].VirtioDevice!.Driver);
        await rig.PowerOffAsync();
    }, autoBoot: false);

    [Theory]
    [InlineData("A")] // with a driver for the vdev, which boots from the callback
    [InlineData("B")]
    public void RP_22_A_boot_before_the_callback_and_the_callback_wait_for_each_other(string era)
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), era: Rig.EraOf(era));
        DeadlockException deadlock = Assert.Throws<DeadlockException>(() => rig.Machine.Run(async () =>
        {
            await rig.LoadBusAsync();
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(Driver));
            _ = await rig.Rproc.BootAsync();
        }));
        Assert.Equal(
            """
            deadlock: nothing can move.
              these wait for each other:
                main[1] waits for Completion "remoteproc0 firmware_loading_complete", expected from firmware_loading_work[4]
                firmware_loading_work[4] waits for Mutex "remoteproc0 lock", held by main[1]
            """, deadlock.Message);
    }

    [Fact]
    public void RP_22_In_era_A_it_boots_where_no_driver_wants_to_and_up_to_v4_4_there_was_no_table_yet()
    {
        Run("A", "rpmsg-echo.elf", async rig =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(Driver));
            Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            await rig.PowerOffAsync();
        });
        using Rig early = new(Rig.Sample("rpmsg-echo.elf"), era: Era.A with { FirmwareCallback = FirmwareCallback.AwaitedByDelete });
        early.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await early.Machine.ModprobeAsync(Driver));
            Assert.Equal(Errno.ENOMEM, await early.Rproc.BootAsync());
            Assert.Equal((RprocState.Offline, 0), (early.Rproc.State, early.Rproc.Power));
        });
        Assert.Empty(early.Core.Calls);
    }

    [Theory]
    [InlineData("A", Errno.ENOMEM)] // there was nothing to register, so it never boots
    [InlineData("B", Errno.Ok)]
    [InlineData("C", Errno.Ok)]
    public void RP_23_An_image_that_comes_late(string era, Errno boot) => Run(era, "rpmsg-echo.elf", async rig =>
    {
        byte[] image = Rig.Sample("rpmsg-echo.elf");
        Assert.True(rig.Machine.Kernel.Firmware.Remove("fw.elf"));
        await rig.LoadBusAsync();
        await rig.LoadPlatformDriverAsync();
        Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
        Assert.Empty(rig.Rproc.Vdevs);
        rig.Machine.Kernel.Firmware.Provide("fw.elf", image);
        Assert.Equal(boot, await rig.Rproc.BootAsync());
        Assert.Equal(boot == Errno.Ok ? 1 : 0, rig.Rproc.Power);
        await rig.PowerOffAsync();
    });

    [Theory]
    [InlineData("A", RprocState.Offline, 0)] // nobody else boots
    [InlineData("B", RprocState.Running, 1)]
    [InlineData("C", RprocState.Running, 1)]
    public void RP_27_A_driver_whose_probe_fails(string era, RprocState state, int power) => Run(era, "rpmsg-echo.elf", async rig =>
    {
        LifecycleRows.AddPlainRpmsg(rig).FindVqsErrno = Errno.ENOMEM;
        Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("plain_rpmsg"));
        await rig.LoadPlatformDriverAsync();
        Assert.Equal((state, power), (rig.Rproc.State, rig.Rproc.Power));
        VirtioDevice device = rig.Rproc.Vdevs[0].VirtioDevice!;
        Assert.Equal((0x83, null), ((int)device.Status, device.Driver));
        await rig.PowerOffAsync();
    });

    [Theory]
    [InlineData("A", 2)] // the second vdev tries again
    [InlineData("C", 1)]
    public void RP_28_A_processor_that_does_not_start(string era, int tries) => Run(era, "rpmsg-two-vdevs.elf", async rig =>
    {
        rig.Core.StartErrno = Errno.EIO;
        await rig.LoadBusAsync();
        await rig.LoadPlatformDriverAsync();
        Assert.Equal(Enumerable.Repeat("start", tries), rig.Core.Calls);
        Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
        Assert.All(rig.Machine.VirtioBus.Devices, device => Assert.Null(device.Driver));
        Assert.Equal(0, rig.Machine.DmaBank.LiveBytes);
        Assert.Equal(0, rig.Machine.Modules[Driver].ReferenceCount);
    });

    [Theory]
    [InlineData("A", new[] { "status 0x0", "rproc_ops_stop" })] // unbound by hand, for rmmod is refused: the driver resets, then shuts down
    [InlineData("B", new[] { "rproc_ops_stop", "status 0x0" })]
    [InlineData("C", new[] { "status 0x0", "rproc_ops_stop" })]
    public void RP_26_What_comes_first_when_it_goes(string era, string[] order)
    {
        StepRecorder steps = new(era);
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), era: Rig.EraOf(era), trace: steps);
        rig.Run(async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            steps.Clear();
            await rig.Machine.PlatformBus.UnbindAsync(rig.Machine.Processors[0].Device);
            Assert.Equal(order, steps.Steps.Where(step => step is "rproc_ops_stop" or "status 0x0").Distinct());
        });
        Assert.Equal(["start", "stop"], rig.Core.Calls);
    }

    private static void Run(string era, string image, Func<Rig, ValueTask> scenario, bool autoBoot = true)
    {
        using Rig rig = new(Rig.Sample(image), processor: p => p with { AutoBoot = autoBoot }, era: Rig.EraOf(era));
        rig.Run(() => scenario(rig));
    }
}
