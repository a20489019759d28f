using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;
using static RemoteprocEmu.Explorer.Tests.Oracles.WatchedMachine;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>What the kernels up to v4.9 did wrong, and what the fixed ones do not: rows of the mail, each as a broken rule.</summary>
public sealed class OldEraTests
{
    private static readonly string[] s_second = ["Memory: vdev1 vring0 unpublished", "Memory: vdev1 vring1 unpublished"];
    private static readonly string[] s_both = ["Memory: vdev0 vring0 unpublished", "Memory: vdev0 vring1 unpublished", .. s_second];

    [Theory]
    [InlineData("A", "early-reader", 2)]
    [InlineData("B", "early-reader", 0)]
    [InlineData("C", "early-reader", 0)]
    [InlineData("D", "echo", 0)]
    [InlineData("Emu", "early-reader", 0)]
    public void RP_06_The_bus_first(string era, string program, int unpublishedCount) =>
        Assert.Equal(Unpublished(unpublishedCount), Memory(era, program, VirtioRpmsg, PlatformDriver));

    [Theory]
    [InlineData("A", "early-reader", 2)]
    [InlineData("B", "early-reader", 4)]
    [InlineData("C", "early-reader", 0)]
    [InlineData("D", "echo", 0)]
    [InlineData("Emu", "early-reader", 0)]
    public void RP_07_The_bus_second(string era, string program, int unpublishedCount) =>
        Assert.Equal(Unpublished(unpublishedCount), Memory(era, program, PlatformDriver, VirtioRpmsg));

    [Theory]
    [InlineData("B", true)]
    [InlineData("C", false)]
    [InlineData("D", false)]
    [InlineData("Emu", false)]
    public void RP_04_A_driver_that_is_held_by_its_own_boot_alone(string era, bool isBroken)
    {
        using WatchedMachine machine = new(new EchoProgram(), EraOf(era));
        _ = machine.Run(() => machine.LoadAsync(VirtioRpmsg, PlatformDriver));
        Assert.Equal(isBroken ? ["Removability: emu_rproc cannot be removed"] : [], machine.Found);
    }

    [Theory]
    [InlineData("A", false)] // who has it booted may hold it
    [InlineData("B", true)]  // the auto boot is nobody
    public void A_user_that_still_has_it_booted_holds_the_driver_rightly(string era, bool isBroken)
    {
        using WatchedMachine machine = new(new EchoProgram(), EraOf(era));
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Rproc.BootAsync());
        });
        Assert.Equal(isBroken ? ["Removability: emu_rproc cannot be removed"] : [], machine.Found);
    }

    [Fact]
    public void RP_09_In_era_B_the_rings_are_freed_under_a_live_remote_and_the_address_is_anothers()
    {
        using WatchedMachine machine = new(new EarlyReaderProgram(), Era.B);
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Machine.RmmodAsync(VirtioRpmsg));
            await machine.LoadAsync(VirtioRpmsg);
        });
        Assert.Contains("Memory: vdev0 vring0 used after free", machine.Found);
        Assert.Contains("freed by main in rproc_free_vring", machine.Watch.Findings[0].Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("B", false)]
    [InlineData("B-v1", true)]
    [InlineData("C", false)]
    [InlineData("Emu", false)]
    public void RP_16_A_recovery_that_counts_a_user_more(string era, bool isBroken)
    {
        using WatchedMachine machine = new(new EchoProgram(), EraOf(era));
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            machine.Rproc.ReportCrash(RprocCrashType.FatalError);
            await machine.SettleAsync();
            Assert.Equal((RprocState.Running, isBroken ? 2 : 1), (machine.Rproc.State, machine.Rproc.Power));
        });
        Assert.Equal(isBroken, machine.Found.Contains("Removability: remoteproc0 power above its users"));
    }

    [Fact]
    public void RP_16_In_era_B_a_recovery_waits_for_a_consumer_for_ever()
    {
        using WatchedMachine machine = new(new EchoProgram(), Era.B);
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Rproc.BootAsync());
            machine.Rproc.ReportCrash(RprocCrashType.FatalError);
        });
        Assert.Equal("Deadlock: kworker/rproc_recovery_wq:remoteproc0 waits for Completion \"remoteproc0 crash_comp\"", machine.Found[0]);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    public void RP_19_A_boot_through_a_handle_whose_driver_is_gone(string era)
    {
        using WatchedMachine machine = new(new EchoProgram(), EraOf(era), isAutoBoot: false);
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(PlatformDriver);
            Rproc handle = machine.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            Assert.Equal(Errno.Ok, await machine.Machine.RmmodAsync(PlatformDriver));
            _ = await handle.BootAsync();
        });
        Assert.StartsWith("Memory: rproc_boot: dereference", Assert.Single(machine.Found), StringComparison.Ordinal);
    }

    [Fact]
    public void RP_22_In_era_B_a_boot_before_the_callback_is_a_deadlock_of_two()
    {
        using WatchedMachine machine = new(new EchoProgram(), Era.B);
        _ = machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.Machine.ModprobeAsync(VirtioRpmsg));
            Assert.Equal(Errno.Ok, await machine.Machine.ModprobeAsync(PlatformDriver));
            _ = await machine.Rproc.BootAsync();
        });
        string found = Assert.Single(machine.Found);
        Assert.Contains("main waits for Completion \"remoteproc0 firmware_loading_complete\"", found, StringComparison.Ordinal);
        Assert.Contains("waits for Mutex \"remoteproc0 lock\", held by main", found, StringComparison.Ordinal);
    }

    private static Era EraOf(string name) => Era.All.Single(era => era.Name == name);

    private static string[] Unpublished(int count) => count == 0 ? [] : count == 2 ? s_second : s_both;

    /// <summary>What was found about rings that are not published.</summary>
    private static string[] Memory(string era, string program, params string[] modules)
    {
        using WatchedMachine machine = new(MemoryOracleTests.Program(program), EraOf(era), "rpmsg-two-vdevs", new EagerChoices());
        IReadOnlyList<Finding> findings = machine.Run(async () =>
        {
            await machine.LoadAsync(modules);
            if (era is not ("A" or "B")) await machine.LoadAsync(Sample);
        });
        return [.. findings.Select(finding => finding.Id).Where(id => id.EndsWith("unpublished", StringComparison.Ordinal))];
    }
}
