using System;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Lifecycle;
using System.Collections.Generic;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Vdevs;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows of section 9 about loading and unloading, as the fixed kernels and our default era have them.</summary>
public sealed class ReloadRows
{
    private const string RpmsgBus = "virtio_rpmsg_bus";

    [Fact]
    public void RP_04_A_running_processor_does_not_pin_its_own_driver()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram());
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
            Assert.Empty(rig.Channels);
            Assert.Equal(ScriptedCoreState.InReset, rig.Scripted.State);
        });
    }

    [Fact]
    public void RP_05_Nor_does_one_without_vdevs()
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
        });
        Assert.Equal(["start", "stop"], rig.Core.Calls);
    }

    [Fact]
    public void RP_07_With_the_bus_loaded_second_both_vdevs_were_ready_all_the_same()
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EchoProgram(), choices: new EagerChoices());
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.All(rig.Scripted.FirstInstruction, vdev => Assert.False(vdev.Vring0.Address.IsAny || vdev.Vring1.Address.IsAny));
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await UntilAsync(rig, () => rig.Channels.Length == 2);
        });
    }

    [Theory]
    [InlineData("Emu")]
    [InlineData("D")]
    [InlineData("C")]
    public void RP_09_Reloading_the_bus_keeps_rings_and_notifyids_and_clears_the_rings(string era)
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram(), era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            (int, DeviceAddress)[] before = Rings(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, (int)rig.Rproc.Vdevs[0].VirtioDevice!.Status));
            Assert.All(rig.Rproc.Vdevs[0].Vrings, vring => Assert.True(vring.Carveout!.IsAllocated));
            await rig.Machine.Scheduler.DelayAsync(100_000_000); // the firmware sees status 0
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            Assert.Equal(before, Rings(rig));
        });
    }

    [Fact]
    public void RP_10_Firmware_that_watches_its_status_announces_again()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram());
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            string[] before = rig.Channels;
            for (int round = 0; round < 5; round++)
            {
                Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
                await rig.Machine.Scheduler.DelayAsync(100_000_000);
                Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
                await UntilAsync(rig, () => rig.Channels.Length == before.Length);
            }

            Assert.Equal(1, rig.Scripted.Counters.Starts); // without a reboot
        });
    }

    [Fact]
    public void RP_12_Unloading_the_bus_under_two_vdevs_stops_nothing()
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EchoProgram());
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal(4, rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings).Count(vring => vring.Carveout!.IsAllocated));
        });
    }

    [Theory]
    [InlineData("Emu", true)]
    [InlineData("C", false)]
    [InlineData("D", false)] // open upstream: rpmsg_remove frees the buffers, and the remote still has their addresses
    public void RP_13_After_the_bus_is_gone_the_remote_may_still_write_into_its_buffers(string era, bool isKept)
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram(), era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            MemoryBlock buffers = rig.Machine.DmaBank.LiveBlocks.Single(block => block.Owner.Contains("buffers", StringComparison.Ordinal));
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
            Assert.Equal(isKept, !buffers.IsFreed);
        });
    }

    [Fact]
    public void RP_13_The_next_drivers_have_other_buffers_until_the_fifth()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram());
        List<int> blocks = [];
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            for (int i = 0; i < 6; i++)
            {
                blocks.Add(rig.Machine.DmaBank.LiveBlocks.Count(block => block.Owner.Contains("buffers", StringComparison.Ordinal)));
                Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
                Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            }
        });
        Assert.Equal([1, 2, 3, 4, 4, 4], blocks);
    }

    [Theory]
    [InlineData("Emu", true)]
    [InlineData("C", false)] // one memset a ring: a remote that looks in between finds a new ring beside an old one
    public void A_driver_that_comes_back_clears_all_rings_of_the_vdev_together(string era, bool isTogether)
    {
        RingWatch watch = new();
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram(), era: Rig.EraOf(era), trace: watch);
        rig.Run(async () =>
        {
            await LoadBothAsync(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
            watch.Vrings = rig.Rproc.Vdevs[0].Vrings;
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            watch.Vrings = [];
        });
        Assert.Equal([(isTogether, isTogether), (true, isTogether)], watch.IsClear);
    }

    [Fact]
    public void RP_19_A_handle_alone_keeps_the_driver_so_a_later_boot_is_safe()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync("emu_rproc")); // EWOULDBLOCK; the table says -EBUSY
            Assert.Equal(Errno.Ok, await handle.BootAsync());
            Assert.Equal(Errno.Ok, await handle.ShutdownAsync());
            RemoteprocModule.Put(handle);
        });
    }

    [Fact]
    public void RP_22_A_boot_before_the_firmware_callback_boots_and_the_callback_counts_a_user()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"));
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("emu_rproc"));
            Assert.Equal((RprocState.Offline, 0), (rig.Rproc.State, rig.Rproc.Power)); // the callback has not run
            Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            await rig.SettleAsync();
            Assert.Equal((RprocState.Running, 2), (rig.Rproc.State, rig.Rproc.Power));
            _ = Assert.Single(rig.Core.Boots);
        });
    }

    [Theory]
    [InlineData("Emu", true)]
    [InlineData("C", true)]
    [InlineData("D", false)] // its rings are published too late for it
    public void RP_29_Firmware_that_reads_its_rings_at_once_works_where_they_are_published_at_once(string era, bool works)
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EarlyReaderProgram(), choices: new EagerChoices(),
            era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(!works, rig.Scripted.FirstInstruction[0].Vring0.Address.IsAny);
            for (int i = 0; i < 200 && rig.Channels.Length == 0; i++) await rig.SettleAsync();
            Assert.Equal(works, rig.Channels.Length == 1);
        });
    }

    private static async ValueTask LoadBothAsync(Rig rig)
    {
        Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
        await rig.LoadPlatformDriverAsync();
        await UntilAsync(rig, () => rig.Channels.Length == rig.Rproc.Vdevs.Count);
    }

    private static async ValueTask UntilAsync(Rig rig, Func<bool> condition)
    {
        for (int i = 0; i < 500 && !condition(); i++) await rig.SettleAsync();
        Assert.True(condition(), "it has not happened within half a second");
    }

    private static (int NotifyId, DeviceAddress Address)[] Rings(Rig rig) =>
        [.. rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings).Select(vring => (vring.NotifyId, vring.PublishedAddress))];

    /// <summary>Whether each ring is clear when a driver asks for a queue.</summary>
    private sealed class RingWatch : ITraceSink
    {
        public IReadOnlyList<RprocVring> Vrings { get; set; } = [];

        public List<(bool Vring0, bool Vring1)> IsClear { get; } = [];

        public void Emit(in TraceEvent traceEvent)
        {
            if (traceEvent is { Kind: TraceKind.Step, Name: "rp_find_vq" } && Vrings.Count == 2) IsClear.Add((IsZero(0), IsZero(1)));
        }

        private bool IsZero(int index) => !Vrings[index].Carveout!.Memory.Span.ContainsAnyExcept((byte)0);
    }
}
