using System;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform.Memory;
using Xunit;
using static RemoteprocEmu.Explorer.Tests.Oracles.WatchedMachine;

namespace RemoteprocEmu.Explorer.Tests.Oracles;

/// <summary>What is left, and what escapes.</summary>
public sealed class LeakOracleTests
{
    [Fact]
    public void Nothing_is_left_of_a_clean_run_and_a_second_run_is_as_clean()
    {
        using WatchedMachine machine = new(new EchoProgram());
        for (int run = 0; run < 2; run++)
        {
            Assert.Empty(machine.Run(() => machine.LoadAsync(VirtioRpmsg, PlatformDriver, Sample)));
            Assert.True(machine.Machine.TryRewind(null));
        }
    }

    [Fact]
    public void A_device_and_memory_that_nobody_gave_back_are_two_findings_and_their_keys_have_no_numbers()
    {
        using WatchedMachine machine = new(new EchoProgram());
        MemoryBlock? block = null;
        _ = machine.Run(() =>
        {
            _ = new Device(machine.Machine.Kernel, "forgotten");
            block = machine.Machine.DmaBank.Allocate("lost", 1);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(["Leak: device forgotten", "Leak: memory in dma: lost"], machine.Found);
        Assert.Contains(block!.Address.ToString(), machine.Watch.Findings[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_code_that_uses_freed_memory_is_a_finding_about_memory()
    {
        using WatchedMachine machine = new(new EchoProgram());
        _ = machine.Run(() =>
        {
            MemoryBlock block = machine.Machine.DmaBank.Allocate("lost", 1)!;
            machine.Machine.DmaBank.Free(block);
            block.Span[0] = 1;
            return ValueTask.CompletedTask;
        });
        Assert.Equal(["Memory: invariant broken: freed memory is not used"], machine.Found);
    }

    [Fact]
    public void Any_other_exception_out_of_the_host_is_a_finding_and_never_an_exception()
    {
        using WatchedMachine machine = new(new EchoProgram());
        _ = machine.Run(() => throw new ArgumentOutOfRangeException("offset"));
        Assert.StartsWith("PeerTrust: ArgumentOutOfRangeException", Assert.Single(machine.Found), StringComparison.Ordinal);
    }
}
