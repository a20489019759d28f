using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;
using static RemoteprocEmu.Explorer.Tests.Oracles.WatchedMachine;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>Modules that cannot be removed, and processors that cannot be switched off.</summary>
public sealed class RemovabilityOracleTests
{
    [Theory]
    [InlineData("Emu", false)]
    [InlineData("D", true)]
    public void RP_43_A_recovery_that_fails_leaves_an_offline_processor_with_power(string era, bool isBroken)
    {
        using WatchedMachine machine = new(new EchoProgram(), MemoryOracleTests.EraOf(era));
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.True(machine.Machine.Kernel.Firmware.Remove("fw.elf"));
            machine.Rproc.ReportCrash(RprocCrashType.FatalError);
            await machine.Rproc.Crash.FlushAsync();
        });
        if (!isBroken) Assert.Empty(machine.Found);
        else Assert.Contains("Removability: remoteproc0 offline with power", machine.Found);
    }

    [Fact]
    public void RP_43_Whom_a_failed_recovery_has_switched_off_is_a_user_no_longer()
    {
        using WatchedMachine machine = new(new EchoProgram());
        Assert.Empty(machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.True(machine.Machine.Kernel.Firmware.Remove("fw.elf"));
            machine.Rproc.ReportCrash(RprocCrashType.FatalError);
            await machine.Rproc.Crash.FlushAsync();
            machine.Machine.Kernel.Firmware.Provide("fw.elf", Board.SampleImages.Find("rpmsg-echo")!.Read());
            Assert.Equal(Errno.Ok, await machine.Rproc.BootAsync());
            Assert.Equal((RprocState.Running, 1), (machine.Rproc.State, machine.Rproc.Power));
        }));
    }

    [Theory]
    [InlineData("Emu", false)]
    [InlineData("D", true)]
    public void RP_59_A_processor_with_two_users_outlives_its_driver(string era, bool isBroken)
    {
        using WatchedMachine machine = new(new EchoProgram(), MemoryOracleTests.EraOf(era));
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Rproc.BootAsync());
        });
        if (!isBroken) Assert.Empty(machine.Found);
        else Assert.Contains("Removability: mcu runs without driver", machine.Found);
    }

    [Fact]
    public void RP_16_A_recovery_leaves_the_power_at_its_users()
    {
        using WatchedMachine machine = new(new CrashAfterProgram(5));
        Assert.Empty(machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.Equal(Errno.Ok, await machine.Rproc.BootAsync());
            await machine.LoadAsync(Sample);
            Assert.Equal((1, 2), (machine.Rproc.CrashCount, machine.Rproc.Power));
            Assert.Equal(Errno.Ok, await machine.Rproc.ShutdownAsync());
        }));
    }

    [Fact]
    public void A_module_that_holds_a_reference_on_itself_cannot_be_removed()
    {
        using WatchedMachine machine = new(new EchoProgram());
        _ = machine.Run(async () =>
        {
            await machine.LoadAsync(VirtioRpmsg, PlatformDriver);
            Assert.True(machine.Machine.Modules[PlatformDriver].TryGet());
        });
        Assert.Equal(["Removability: emu_rproc cannot be removed"], machine.Found); // and nothing else: the rest follows from it
    }
}
