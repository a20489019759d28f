using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Subdevices;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows of section 9 that need no messages: who boots, who holds whom, and in which order things go.</summary>
public sealed class LifecycleRows
{
    [Fact]
    public void RP_01_An_image_without_vdev_boots_by_itself()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
        });
        Assert.Equal(["start", "stop"], rig.Core.Calls);
    }

    [Fact]
    public void RP_08_Eight_net_vdevs_are_ready_at_the_first_instruction()
    {
        using Rig rig = new(Rig.Sample("net-eight.elf"));
        PlainVirtioModule net = AddNet(rig);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            List<VdevView> seen = rig.Core.Boots[0];
            Assert.Equal(8, seen.Count);
            Assert.Equal(Enumerable.Range(0, 16).Select(i => (uint)i), seen.SelectMany(vdev => vdev.NotifyIds));
            uint[] rings = [.. seen.SelectMany(vdev => vdev.RingAddresses)];
            Assert.Equal(16, rings.Distinct().Count());
            Assert.All(rings, ring => Assert.NotEqual(uint.MaxValue, ring));
            Assert.Equal(8, net.BoundCount);
        });
    }

    [Fact]
    public void RP_08_In_era_D_the_rings_have_memory_but_their_addresses_are_not_published()
    {
        using Rig rig = new(Rig.Sample("net-eight.elf"), era: Era.D);
        _ = AddNet(rig);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            Assert.All(rig.Core.Boots[0].SelectMany(vdev => vdev.RingAddresses), ring => Assert.Equal(uint.MaxValue, ring));
            Assert.Equal(Enumerable.Range(0, 16).Select(i => (uint)i), rig.Core.Boots[0].SelectMany(vdev => vdev.NotifyIds));
            // By now, with drivers bound, they are.
            Assert.DoesNotContain(rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings), vring => vring.PublishedAddress.IsAny);
        });
    }

    [Fact]
    public void RP_20_A_consumer_adds_and_drops_a_user()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            Assert.Equal(Errno.Ok, await handle.BootAsync());
            Assert.Equal(2, handle.Power);
            Assert.Equal(Errno.Ok, await handle.ShutdownAsync());
            Assert.Equal((RprocState.Running, 1), (handle.State, handle.Power));
            RemoteprocModule.Put(handle);
        });
    }

    [Fact]
    public void RP_21_Without_auto_boot_nothing_boots_until_somebody_starts_it()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => p with { AutoBoot = false });
        _ = AddPlainRpmsg(rig);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("plain_rpmsg"));
            await rig.LoadPlatformDriverAsync();
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
            Assert.Equal(RprocState.Running, rig.Rproc.State);
        });
    }

    [Fact]
    public void RP_23_A_missing_image_leaves_it_off_and_a_later_start_boots()
    {
        using Rig rig = new(default);
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            rig.Machine.Kernel.Firmware.Provide("fw.elf", Images.With(table => table)); // an image for memory that a carveout gives
            Assert.Equal(Errno.EINVAL, await rig.Sysfs.WriteAsync("state", "start")); // this board has no memory at its address
        });
        Assert.Contains("remoteproc remoteproc0: request_firmware failed: -2", rig.Log);

        using Rig later = new(Rig.Sample("pm-trace-only.elf"));
        later.Run(async () =>
        {
            Assert.True(later.Machine.Kernel.Firmware.Remove("fw.elf"));
            await later.LoadPlatformDriverAsync();
            Assert.Equal((RprocState.Offline, 0), (later.Rproc.State, later.Rproc.Power));
            later.Machine.Kernel.Firmware.Provide("fw.elf", Rig.Sample("pm-trace-only.elf"));
            Assert.Equal(Errno.Ok, await later.Sysfs.WriteAsync("state", "start"));
            Assert.Equal((RprocState.Running, 1), (later.Rproc.State, later.Rproc.Power));
        });
    }

    [Fact]
    public void RP_26_Unloading_the_driver_removes_virtio_then_stops_then_frees_the_rings()
    {
        StepRecorder steps = new("net-eight");
        using Rig rig = new(Rig.Sample("net-eight.elf"), trace: steps);
        PlainVirtioModule net = AddNet(rig);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            steps.Clear();
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
            Assert.Equal(0, net.BoundCount);
        });
        int lastStatus = steps.LastIndexOf("status 0x1"); // the driver is gone from every vdev
        int stop = steps.IndexOf("rproc_ops_stop");
        int freed = steps.IndexOf("free vdev0vring0");
        Assert.True(lastStatus >= 0 && lastStatus < stop && stop < freed, steps.ToString());
    }

    [Fact]
    public void RP_27_A_virtio_driver_that_fails_leaves_the_processor_running_and_its_vdev_unbound()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        AddPlainRpmsg(rig).FindVqsErrno = Errno.ENOMEM;
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("plain_rpmsg"));
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(0x83, (byte)rig.Rproc.Vdevs[0].VirtioDevice!.Status);
            Assert.Null(rig.Rproc.Vdevs[0].VirtioDevice!.Driver);
        });
    }

    [Fact]
    public void RP_59_Deleting_a_processor_that_two_hold_powered_switches_it_off()
    {
        // By design unlike column D, where one user is dropped and the processor keeps running without a driver: Era.DeleteWithUsers.
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
            Assert.Equal(2, rig.Rproc.Power);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
        });
        Assert.Equal(["start", "stop"], rig.Core.Calls);
    }

    [Fact]
    public void RP_59_In_era_D_it_keeps_running()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), era: Era.D);
        rig.Machine.Run(async () => // not Rig.Run: that something is left is the finding
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
        });
        Assert.Equal(["start"], rig.Core.Calls);
        Assert.Contains(rig.Machine.WhatIsLeft(), line => line.Contains("vdev0vring0", System.StringComparison.Ordinal));
    }

    [Fact]
    public void RP_61_Platform_subdevices_start_before_vdevs_and_stop_after_them()
    {
        List<string> order = [];
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"),
            processor: p => p with { Subdevices = [new Recorded("P1", order), new Recorded("P2", order)] });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(["P1", "P2", "vdev0", "vdev1"], rig.Rproc.Subdevices.Items.Select(item => item.Name));
            Assert.Equal(Errno.Ok, await rig.Rproc.ShutdownAsync());
        });
        Assert.Equal(
            ["prepare P1", "prepare P2", "start P1", "start P2", "stop P2 False", "stop P1 False", "unprepare P2", "unprepare P1"], order);
        string[] virtio = [.. rig.Log.Where(line => line.Contains("registered virtio", System.StringComparison.Ordinal))];
        Assert.Equal(2, virtio.Length);
    }

    [Fact]
    public void RP_62_A_subdevice_that_does_not_start_takes_everything_down_again()
    {
        List<string> order = [];
        Recorded last = new("P3", order) { StartErrno = Errno.EIO };
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"),
            processor: p => p with { AutoBoot = false, Subdevices = [new Recorded("P1", order), new Recorded("P2", order), last] });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.EIO, await rig.Rproc.BootAsync());
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal(["start", "stop"], rig.Core.Calls);
            Assert.Empty(rig.Rproc.Vdevs);
        });
        Assert.Equal(
            ["prepare P1", "prepare P2", "prepare P3", "start P1", "start P2", "start P3", "stop P2 True", "stop P1 True",
                "unprepare P3", "unprepare P2", "unprepare P1"], order);
    }

    internal static PlainVirtioModule AddNet(Rig rig) => Add(rig, "virtio_net", 1);

    internal static PlainVirtioModule AddPlainRpmsg(Rig rig) => Add(rig, "plain_rpmsg", 7);

    private static PlainVirtioModule Add(Rig rig, string name, uint id)
    {
        PlainVirtioModule module = new(rig.Machine.Kernel, rig.Machine.VirtioBus, name, id);
        rig.Machine.AddModule(module);
        return module;
    }

    private sealed class Recorded(string name, List<string> order) : Subdevice(name)
    {
        public Errno StartErrno { get; init; }

        public override ValueTask<Errno> PrepareAsync() => Note("prepare", Errno.Ok);

        public override ValueTask<Errno> StartAsync() => Note("start", StartErrno);

        public override async ValueTask StopAsync(bool crashed) => _ = await Note($"stop {Name} {crashed}", Errno.Ok);

        public override async ValueTask UnprepareAsync() => _ = await Note("unprepare", Errno.Ok);

        private ValueTask<Errno> Note(string what, Errno errno)
        {
            order.Add(what.Contains(' ', System.StringComparison.Ordinal) ? what : $"{what} {Name}");
            return new(errno);
        }
    }
}
