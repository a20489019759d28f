using System.Collections.Generic;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;
using static RemoteprocEmu.Explorer.Tests.Oracles.WatchedMachine;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>Memory before it is published, and after it is freed.</summary>
public sealed class MemoryOracleTests
{
    [Theory]
    [InlineData("Emu", "early-reader", false)]
    [InlineData("Emu", "echo", false)]
    [InlineData("D", "echo", false)]         // it waits for DRIVER_OK, and the da is there by then
    [InlineData("D", "early-reader", true)]  // RP-29: the da comes when a driver binds, after the start
    public void RP_06_Two_vdevs_are_published_in_time_for_this_firmware_or_are_not(string era, string program, bool isBroken)
    {
        using WatchedMachine machine = new(Program(program), EraOf(era), "rpmsg-two-vdevs", new EagerChoices());
        IReadOnlyList<Finding> findings = machine.Run(() => machine.LoadAsync(VirtioRpmsg, PlatformDriver, Sample));
        if (!isBroken)
        {
            Assert.Empty(findings);
            return;
        }

        Assert.Equal(
        [
            "Memory: vdev0 vring0 unpublished", "Memory: vdev0 vring1 unpublished",
            "Memory: vdev1 vring0 unpublished", "Memory: vdev1 vring1 unpublished",
        ], machine.Found);
        Assert.Equal("vdev1 vring0 da is 0xffffffff when the remote reads the table", findings[2].Text);
        Assert.Equal("mcu", findings[2].Task);
    }

    [Theory]
    [InlineData("Emu", 0)]
    [InlineData("D", 16)]
    public void RP_08_Rings_of_devices_other_than_rpmsg_are_judged_as_well(string era, int unpublishedCount)
    {
        using WatchedMachine machine = new(new EarlyReaderProgram(), EraOf(era), "net-eight");
        Assert.Equal(unpublishedCount, machine.Run(() => machine.LoadAsync(PlatformDriver)).Count);
    }

    [Fact]
    public void Of_two_processors_the_finding_names_the_one()
    {
        using Board.Machine machine = new(new Board.MachineOptions { Era = Era.D, Choices = new EagerChoices() },
            new() { Name = "a", Image = Board.SampleImages.Find("rpmsg-echo")!.Read(), Program = new EchoProgram() },
            new() { Name = "b", Image = Board.SampleImages.Find("rpmsg-echo")!.Read(), Program = new EarlyReaderProgram() });
        Explorer.Oracles.Watch watch = new(machine.Kernel, machine.Remoteproc,
            [(ScriptedCore)machine.Processors[0].Core, (ScriptedCore)machine.Processors[1].Core]);
        watch.Begin();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync(PlatformDriver));
            await machine.Scheduler.DelayAsync(1_000_000);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Equal("b vdev0 vring0 unpublished", watch.Findings[0].Key);
    }

    [Theory]
    [InlineData("Emu", false)]
    [InlineData("D", true)] // open upstream: rpmsg_remove frees the buffers under a live remote
    public void RP_13_A_remote_that_works_on_a_message_while_the_bus_goes_writes_into_freed_buffers(string era, bool isBroken)
    {
        using WatchedMachine machine = new(new SlowEchoProgram(), EraOf(era));
        IReadOnlyList<Finding> findings = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Machine.ModprobeAsync(Sample)); // it says hello, and the remote works on that
            await machine.Machine.Scheduler.DelayAsync(SlowEchoProgram.WorkNs / 2);
            Assert.Equal(Errno.Ok, await machine.Machine.RmmodAsync(VirtioRpmsg));
        });
        if (!isBroken)
        {
            Assert.Empty(findings);
            return;
        }

        Assert.Equal(["Memory: vdev0 vring1 buffer used after free", "Memory: vdev0 vring0 buffer used after free"], machine.Found);
        Assert.Matches("^the remote uses a buffer of vdev0 vring1 in vdev0 virtio0 buffers at 0x[0-9a-f]+, " +
            "0x[0-9a-f]+ bytes, generation 3, freed by main in rpmsg_remove$", findings[0].Text);
    }

    internal static Era EraOf(string name) => name == "D" ? Era.D : Era.Emu;

    internal static RemoteProgram Program(string name) => RemotePrograms.Create(name)!;
}
