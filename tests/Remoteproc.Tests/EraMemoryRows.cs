using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows of section 9, columns A, B and C: what firmware reads at its first instruction, and whose memory lives how long.</summary>
public sealed class EraMemoryRows
{
    private const uint Any = uint.MaxValue;

    [Theory]
    [InlineData("A", 1u, 3)]
    [InlineData("B", 1u, 7)]
    [InlineData("C", 0u, 0)]
    public void RP_02_With_the_bus_loaded_first(string era, uint features, int status)
    {
        using Rig rig = new(OneVdev(), era: Rig.EraOf(era));
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            Assert.Equal((RprocState.Running, 1, 7), (rig.Rproc.State, rig.Rproc.Power, (int)rig.Rproc.Vdevs[0].VirtioDevice!.Status));
        });
        VdevView seen = rig.Core.Boots[0][0];
        Assert.Equal((features, status), (seen.Features, seen.Status));
        Assert.Equal([0u, 1u], seen.NotifyIds);
        Assert.DoesNotContain(Any, seen.RingAddresses);
    }

    [Theory]
    [InlineData("A", RprocState.Offline, 1u, 3, true)]
    [InlineData("B", RprocState.Running, 0u, 1, false)] // the race: it reads what the ELF had
    [InlineData("C", RprocState.Running, 0u, 0, true)]
    public void RP_03_With_the_bus_loaded_second(string era, RprocState before, uint features, int status, bool isValid)
    {
        using Rig rig = new(OneVdev(), era: Rig.EraOf(era));
        Run(rig, async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(before, rig.Rproc.State);
            await rig.LoadBusAsync();
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            Assert.True(rig.Rproc.Table.IsLoaded); // now they are there, and the firmware could see them
            Assert.All(rig.Rproc.Vdevs[0].Vrings, vring => Assert.False(vring.PublishedAddress.IsAny));
        });
        VdevView seen = rig.Core.Boots[0][0];
        Assert.Equal((features, status), (seen.Features, seen.Status));
        Assert.Equal(isValid ? [0u, 1u] : [0u, 0u], seen.NotifyIds);
        Assert.Equal(isValid, !seen.RingAddresses.Contains(Any));
    }

    [Theory]
    [InlineData("A", true, new[] { true, false }, 2)]
    [InlineData("B", true, new[] { true, true }, 1)]
    [InlineData("C", true, new[] { true, true }, 1)]
    [InlineData("A", false, new[] { true, false }, 2)]
    [InlineData("B", false, new[] { false, false }, 1)]
    [InlineData("C", false, new[] { true, true }, 1)]
    public void RP_06_RP_07_Two_vdevs_and_the_bus_before_or_after(string era, bool isBusFirst, bool[] ready, int power)
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), era: Rig.EraOf(era));
        Run(rig, async () =>
        {
            if (isBusFirst) await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            await rig.LoadBusAsync();
            Assert.Equal((RprocState.Running, power), (rig.Rproc.State, rig.Rproc.Power));
            Assert.Equal([0, 1, 2, 3], rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings).Select(vring => vring.NotifyId));
        });
        Assert.Equal(ready, rig.Core.Boots[0].Select(vdev => !vdev.RingAddresses.Contains(Any)));
    }

    [Theory]
    [InlineData("A", 1, 8)]
    [InlineData("B", 8, 1)]
    [InlineData("C", 8, 1)]
    public void RP_08_Eight_vdevs(string era, int readyCount, int power)
    {
        using Rig rig = new(Rig.Sample("net-eight.elf"), era: Rig.EraOf(era));
        _ = LifecycleRows.AddNet(rig);
        Run(rig, async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(power, rig.Rproc.Power);
            Assert.Equal(Enumerable.Range(0, 16), rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings).Select(vring => vring.NotifyId));
        });
        Assert.Equal(readyCount, rig.Core.Boots[0].Count(vdev => !vdev.RingAddresses.Contains(Any)));
    }

    /// <summary>The echo program watches its status and reads its table anew; the early reader does neither.</summary>
    [Theory]
    [InlineData("A", "echo", RprocState.Offline, 2, true)] // a fresh boot
    [InlineData("A", "early", RprocState.Offline, 2, true)]
    [InlineData("B", "echo", RprocState.Running, 1, true)]
    [InlineData("B", "early", RprocState.Running, 1, false)] // it is on the old rings
    [InlineData("C", "echo", RprocState.Running, 1, true)]
    public void RP_09_RP_10_Reloading_the_bus(string era, string program, RprocState between, int starts, bool comesBack)
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), era: Rig.EraOf(era), choices: new EagerChoices(),
            program: program == "echo" ? new EchoProgram() : new EarlyReaderProgram());
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            Assert.True(await rig.HappensAsync(() => rig.Channels.Length == 1));
            MemoryBlock[] rings = LiveRings(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(Rig.RpmsgBus));
            Assert.Equal(between, rig.Rproc.State);
            Assert.All(rings, ring => Assert.Equal(era != "C", ring.IsFreed));
            await rig.Machine.Scheduler.DelayAsync(100_000_000); // firmware that looks sees status 0
            await rig.LoadBusAsync();
            Assert.Equal(era == "C", rings.SequenceEqual(LiveRings(rig)));
            Assert.Equal(comesBack, await rig.HappensAsync(() => rig.Channels.Length == 1));
            Assert.Equal(starts, rig.Scripted.Counters.Starts);
        });
    }

    [Theory]
    [InlineData("A", 2, 1, 2)]
    [InlineData("B", 1, 1, 2)]
    [InlineData("C", 1, 1, 4)]
    public void RP_11_Unloading_one_of_two_drivers(string era, int powerBefore, int powerAfter, int ringsLeft)
    {
        using Rig rig = new(Rig.Sample("rpmsg-net.elf"), era: Rig.EraOf(era));
        _ = LifecycleRows.AddNet(rig);
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            Assert.Equal((powerBefore, 4), (rig.Rproc.Power, LiveRings(rig).Length));
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("virtio_net"));
            Assert.Equal((RprocState.Running, powerAfter), (rig.Rproc.State, rig.Rproc.Power)); // rings freed here are freed live
            Assert.Equal(ringsLeft, LiveRings(rig).Length);
        });
    }

    [Theory]
    [InlineData("A", RprocState.Offline, 0, "free free stop free free")] // the first vdev's before the stop: a window
    [InlineData("B", RprocState.Running, 1, "free free free free")]
    [InlineData("C", RprocState.Running, 1, "")]
    public void RP_12_Unloading_the_bus_under_two_vdevs(string era, RprocState state, int power, string order)
    {
        StepRecorder steps = new(era);
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), era: Rig.EraOf(era), trace: steps);
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            steps.Clear();
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(Rig.RpmsgBus));
            Assert.Equal((state, power), (rig.Rproc.State, rig.Rproc.Power));
            IEnumerable<string> seen = steps.Steps
                .Where(step => step == "rproc_ops_stop" || (step.StartsWith("free ", StringComparison.Ordinal) && step.Contains("vring")))
                .Select(step => step == "rproc_ops_stop" ? "stop" : "free");
            Assert.Equal(order, string.Join(' ', seen));
        });
    }

    [Theory]
    [InlineData("A", RprocState.Offline, true, true)] // off: nobody writes
    [InlineData("B", RprocState.Running, true, true)]
    [InlineData("C", RprocState.Running, false, true)] // a ring is safe, a buffer is not
    public void RP_13_What_the_remote_may_still_write_to_after_the_bus_is_gone(string era, RprocState state, bool ring, bool buffer)
    {
        using Rig rig = new(OneVdev(), era: Rig.EraOf(era));
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            MemoryBlock rings = LiveRings(rig)[0];
            MemoryBlock buffers = rig.Machine.DmaBank.LiveBlocks.Single(block => block.Owner.EndsWith("buffers", StringComparison.Ordinal));
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(Rig.RpmsgBus));
            Assert.Equal((state, ring, buffer), (rig.Rproc.State, rings.IsFreed, buffers.IsFreed));
        });
    }

    [Theory]
    [InlineData("A", 2, false)]
    [InlineData("B", 1, false)]
    [InlineData("B-v1", 2, false)] // from 1
    [InlineData("C", 1, true)]
    public void RP_16_A_recovery(string era, int power, bool keepsRings)
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EchoProgram(), era: Rig.EraOf(era));
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            Assert.True(await rig.HappensAsync(() => rig.Channels.Length == 2));
            Assert.Equal(era == "A" ? 2 : 1, rig.Rproc.Power);
            MemoryBlock[] rings = LiveRings(rig);
            await rig.CrashAsync();
            Assert.True(await rig.HappensAsync(() => rig.Channels.Length == 2));
            Assert.Equal((RprocState.Running, power, 1), (rig.Rproc.State, rig.Rproc.Power, rig.Rproc.CrashCount));
            Assert.Equal(keepsRings, rings.SequenceEqual(LiveRings(rig)));
            Assert.Equal(2, rig.Scripted.Counters.Starts);
        });
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("B-v1")]
    public void RP_16_A_recovery_hangs_while_a_consumer_holds_power(string era)
    {
        using Rig rig = new(OneVdev(), era: Rig.EraOf(era));
        DeadlockException hung = Assert.Throws<DeadlockException>(() => rig.Machine.Run(async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(Errno.Ok, await rig.Rproc.BootAsync());
            Assert.Equal(2, rig.Rproc.Power);
            await rig.CrashAsync();
        }));
        Assert.Contains("] waits for Completion \"remoteproc0 crash_comp\"", hung.Message, StringComparison.Ordinal);
        Assert.Equal((RprocState.Crashed, 1), (rig.Rproc.State, rig.Rproc.Power));
    }

    [Theory]
    [InlineData("A", 1)] // the vdev that boots; the other's rings are not there yet
    [InlineData("B", 2)]
    [InlineData("C", 2)]
    [InlineData("D", 0)]
    [InlineData("Emu", 2)]
    public void RP_29_Firmware_that_believes_its_table_at_the_first_instruction(string era, int channels)
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EarlyReaderProgram(), choices: new EagerChoices(),
            era: Rig.EraOf(era));
        Run(rig, async () =>
        {
            await rig.LoadBusAsync();
            await rig.LoadPlatformDriverAsync();
            _ = await rig.HappensAsync(() => rig.Channels.Length == 2);
            Assert.Equal(channels, rig.Channels.Length);
        });
    }

    private static byte[] OneVdev() => Images.With(table => table.AddVdev(7, 1, [Images.Ring(), Images.Ring()]));

    private static MemoryBlock[] LiveRings(Rig rig) =>
        [.. rig.Machine.DmaBank.LiveBlocks.Where(block => block.Owner.Contains("vring", StringComparison.Ordinal))];

    /// <summary>Runs a scenario that ends with the processor on, whoever holds it; the drivers go, then the last users.</summary>
    private static void Run(Rig rig, Func<ValueTask> scenario) => rig.Run(async () =>
    {
        await scenario();
        foreach (string module in new[] { Rig.RpmsgBus, "virtio_net" })
        {
            if (rig.Machine.Kernel.Modules.Find(module) is not null) Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(module));
        }

        await rig.PowerOffAsync();
    });
}
