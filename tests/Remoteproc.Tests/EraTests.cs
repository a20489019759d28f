using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Subdevices;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Eras as data: their names, and policies that no row of the scenario table shows.</summary>
public sealed class EraTests
{
    [Fact]
    public void An_era_is_found_by_its_name_in_capitals_or_not()
    {
        Assert.Equal(["A", "B", "B-v1", "C", "D", "Emu"], Era.All.Select(era => era.Name));
        foreach (Era era in Era.All)
        {
            Assert.True(Era.TryParse(era.Name.ToUpperInvariant(), out Era? found));
            Assert.Same(era, found);
            Assert.True(Era.TryParse(era.Name.ToLowerInvariant(), out found));
            Assert.Same(era, found);
        }

        Assert.False(Era.TryParse("E", out _));
        Assert.False(Era.TryParse(null, out _));
    }

    [Theory]
    [InlineData("C", false)] // anywhere
    [InlineData("D", true)]
    [InlineData("Emu", true)]
    public void A_ring_goes_where_the_table_asks_for_it_unless_the_era_overwrites_that(string era, bool isHonoured)
    {
        uint wanted = (uint)Images.Base.Value + 0x8000;
        byte[] image = Images.With(table => table.AddVdev(7, 1, [Images.Ring(da: wanted), Images.Ring()]));
        using Rig rig = new(image, era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            Assert.Equal(isHonoured, rig.Rproc.Vdevs[0].Vrings[0].Carveout!.DeviceAddress.Value == wanted);
        });
    }

    [Theory]
    [InlineData("C", false)]
    [InlineData("D", true)]
    public void A_carveout_that_cannot_lie_where_it_should_is_warned_about_since_v4_20(string era, bool isWarned)
    {
        byte[] image = Images.With(table => table.AddCarveout("first", 0x2000_0000, 0x4000)
            .AddCarveout("second", 0x2000_2000, 0x4000)); // over the first
        using Rig rig = new(image, era: Rig.EraOf(era));
        rig.Run(rig.LoadPlatformDriverAsync);
        Assert.Equal(isWarned, rig.Log.Any(line => line.Contains("doesn't fit device address request", StringComparison.Ordinal)));
        Assert.Equal(["start", "stop"], rig.Core.Calls);
    }

    [Fact]
    public void Before_v5_9_a_processor_that_runs_already_is_refused()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => p with { StartsDetached = true }, era: Era.C);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("emu_rproc"));
            Assert.Null(rig.Machine.Processors[0].Rproc);
        });
        Assert.Contains(rig.Log, line => line.Contains("probe of 0.remoteproc failed with error -22", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("C", true)] // v4.9 to v5.12: only what auto boot began is shut down
    [InlineData("D", false)]
    public void Unloading_the_driver_of_a_processor_that_a_person_started_may_leave_it_running(string era, bool isLeft)
    {
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { AutoBoot = false }, era: Rig.EraOf(era));
        rig.Machine.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
        });
        Assert.Equal(isLeft ? ["start"] : ["start", "stop"], rig.Core.Calls);
    }

    /// <summary>The boot sleeps on the lock while rproc_del shuts down; in era C it gets the lock before the mark is there.</summary>
    [Theory]
    [InlineData("C", Errno.Ok)]
    [InlineData("D", Errno.ENODEV)]
    public void A_boot_that_waits_while_its_processor_is_deleted(string era, Errno expected)
    {
        Booter booter = new();
        using Rig rig = new(Rig.Sample("pm-trace-only.elf"), processor: p => p with { Subdevices = [booter] }, era: Rig.EraOf(era),
            choices: new EagerChoices());
        rig.Machine.Run(async () => // not Rig.Run: what boots meanwhile is left
        {
            await rig.LoadPlatformDriverAsync();
            booter.Rproc = rig.Rproc;
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
            _ = await booter.Task!.Ended.WaitAsync();
        });
        Assert.Equal(expected, booter.Result);
    }

    [Theory]
    [InlineData("A", false, true)]
    [InlineData("B", true, true)]
    [InlineData("C", true, false)]
    [InlineData("D", true, false)]
    [InlineData("Emu", true, false)]
    public void Before_the_start_and_after_the_stop_the_table_in_effect_is_the_loaded_one_or_not(string era, bool before, bool after)
    {
        TableWatcher watcher = new();
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => p with { Subdevices = [watcher] }, era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            watcher.Rproc = rig.Rproc;
            await rig.PowerOffAsync();
            Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
            Assert.True(rig.Rproc.Table.IsLoaded);
            await rig.PowerOffAsync();
        });
        Assert.Equal([before, after], watcher.Seen);
    }

    [Theory]
    [InlineData("A", 0)]
    [InlineData("B", 0)]
    [InlineData("C", 1)] // RP-43: off, and nothing boots it any more
    [InlineData("D", 1)]
    [InlineData("Emu", 0)]
    public void A_recovery_that_finds_no_image_leaves_so_many_users(string era, int power)
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), era: Rig.EraOf(era));
        rig.Machine.Run(async () => // not Rig.Run: C and D leave memory behind
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            Assert.True(rig.Machine.Kernel.Firmware.Remove("fw.elf"));
            await rig.CrashAsync();
            await rig.SettleAsync();
            Assert.Equal((RprocState.Offline, power), (rig.Rproc.State, rig.Rproc.Power));
        });
    }

    /// <summary>Looks which table is in effect just before the start and just after the stop.</summary>
    private sealed class TableWatcher() : Subdevice("watcher")
    {
        public Rproc? Rproc { get; set; }

        public List<bool> Seen { get; } = [];

        public override ValueTask<Errno> PrepareAsync()
        {
            if (Rproc is not null) Seen.Add(Rproc.Table.IsLoaded);
            return new ValueTask<Errno>(Errno.Ok);
        }

        public override ValueTask UnprepareAsync()
        {
            if (Seen.Count == 1) Seen.Add(Rproc!.Table.IsLoaded);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Asks for a boot at the first stop.</summary>
    private sealed class Booter() : Subdevice("booter")
    {
        public Rproc? Rproc { get; set; }

        public KernelTask? Task { get; private set; }

        public Errno Result { get; private set; }

        public override async ValueTask StopAsync(bool crashed)
        {
            Task ??= Rproc!.Kernel.Scheduler.Spawn("booter", async () => Result = await Rproc.BootAsync());
            await Rproc!.Kernel.Scheduler.DelayAsync(1); // until it sleeps on the lock
        }
    }
}
