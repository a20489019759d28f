using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Recovery;
using RemoteprocEmu.Rpmsg.Bus;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Rows of section 9 in which channels live: the stock rpmsg modules on one side, scripted firmware on the other.</summary>
public sealed class RpmsgRows
{
    private const string RpmsgBus = "virtio_rpmsg_bus";

    [Fact]
    public void RP_02_Firmware_reads_its_rings_at_the_first_instruction_and_negotiation_follows()
    {
        StepRecorder steps = new("RP-02");
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram(), trace: steps, choices: new EagerChoices());
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            Cores.Scripted.VdevSnapshot seen = Assert.Single(rig.Scripted.FirstInstruction);
            Assert.Equal((0, 1), (seen.Vring0.NotifyId, seen.Vring1.NotifyId));
            Assert.Equal(rig.Rproc.Carveouts.Find("vdev0vring0")!.DeviceAddress, seen.Vring0.Address);
            Assert.Equal(rig.Rproc.Carveouts.Find("vdev0vring1")!.DeviceAddress, seen.Vring1.Address);
            Assert.Equal((0u, (byte)0), (seen.DriverFeatures, seen.Status));
            Assert.Equal(RprocState.Running, rig.Rproc.State);
        });
        string[] negotiation = [.. steps.Steps.Where(step => step.StartsWith("status", StringComparison.Ordinal)).Take(4)];
        Assert.Equal(["status 0x0", "status 0x1", "status 0x3", "status 0x7"], negotiation);
        Assert.True(steps.IndexOf("allocate vdev0vring0") < steps.IndexOf("rproc_ops_start"), "memory comes before the start");
        Assert.True(steps.IndexOf("rproc_ops_start") < steps.IndexOf("rp_find_vq"), "queues are made after the start");
    }

    [Fact]
    public void RP_06_Two_rpmsg_vdevs_are_both_ready_at_the_first_instruction()
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EchoProgram(), choices: new EagerChoices());
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            IReadOnlyList<Cores.Scripted.VdevSnapshot> seen = rig.Scripted.FirstInstruction;
            Assert.Equal([0, 1, 2, 3], seen.SelectMany(vdev => new[] { vdev.Vring0.NotifyId, vdev.Vring1.NotifyId }));
            DeviceAddress[] rings = [.. seen.SelectMany(vdev => new[] { vdev.Vring0.Address, vdev.Vring1.Address })];
            Assert.Equal(4, rings.Distinct().Count());
            Assert.DoesNotContain(rings, ring => ring.IsAny || ring.Value == 0);
            Assert.Equal(["virtio0.rpmsg-client-sample.-1.1024", "virtio1.rpmsg-client-sample.-1.1025"], rig.Channels);
        });
    }

    [Fact]
    public void RP_06_In_era_D_neither_address_is_there_yet()
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EchoProgram(), era: Era.D, choices: new EagerChoices());
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            Assert.All(rig.Scripted.FirstInstruction, vdev => Assert.True(vdev.Vring0.Address.IsAny && vdev.Vring1.Address.IsAny));
            Assert.Equal(2, rig.Channels.Length); // firmware that waits for DRIVER_OK is served all the same
        });
    }

    [Fact]
    public void RP_11_Unloading_one_driver_leaves_the_other_vdev_alone()
    {
        using Rig rig = new(Rig.Sample("rpmsg-net.elf"), program: new EchoProgram());
        PlainVirtioModule net = LifecycleRows.AddNet(rig);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            Assert.Equal(Errno.Ok, await rig.Machine.InsmodAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            await ExchangeAsync(rig, 100);

            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("virtio_net"));
            Assert.Equal(0, net.BoundCount);
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
            Assert.All(rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings), vring => Assert.True(vring.Carveout!.IsAllocated));
            await ExchangeAsync(rig, 200);
        });
    }

    [Fact]
    public void RP_14_Only_a_locally_announced_channel_is_said_goodbye_for()
    {
        HearingProgram remote = new();
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: remote);
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("rpmsg_client_sample"));
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            RpmsgDevice channel = (RpmsgDevice)rig.Machine.RpmsgCore.Bus.Devices[0];
            RpmsgDevice? local = await channel.CreateChannelAsync(new RpmsgChannelInfo("rpmsg-client-sample", new(100), new(2000)));
            Assert.NotNull(local);
            await rig.SettleAsync();
            Assert.Equal(["create rpmsg-client-sample 100"], remote.Heard);
            ushort before = SentCount(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(RpmsgBus));
            Assert.Equal(before + 1, SentCount(rig)); // sent after the reset: the remote need not read it, so look where it lies
            byte[] message = LastSent(rig);
            Assert.Equal((100u, 53u), (BitConverter.ToUInt32(message, 0), BitConverter.ToUInt32(message, 4)));
            Assert.Equal(100u, BitConverter.ToUInt32(message, 16 + 32)); // the address of the name service message,
            Assert.Equal(1u, BitConverter.ToUInt32(message, 16 + 36)); // and its flags: destroy
        });
    }

    // vring 1 of 16 descriptors: the available index at 258, its entries from 260 on (rpmsg-echo.elf, align 16).
    private static ushort SentCount(Rig rig) => BitConverter.ToUInt16(rig.Rproc.Carveouts.Find("vdev0vring1")!.Memory.Span[258..]);

    private static byte[] LastSent(Rig rig)
    {
        Span<byte> ring = rig.Rproc.Carveouts.Find("vdev0vring1")!.Memory.Span;
        int slot = (SentCount(rig) - 1) & 15;
        int head = BitConverter.ToUInt16(ring[(260 + (2 * slot))..]);
        PhysicalAddress address = new(BitConverter.ToUInt64(ring[(16 * head)..]));
        return rig.Machine.DmaBank.Slice(address, BitConverter.ToInt32(ring[((16 * head) + 8)..])).ToArray();
    }

    [Fact]
    public void RP_15_Channels_come_and_go_with_the_remote_and_the_processor_does_not_care()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new NameServiceStormProgram(seed: 7, operations: 300));
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            for (int i = 0; i < 200; i++) await rig.SettleAsync();
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, rig.Rproc.Power));
        });
        Assert.Contains(rig.Log, line => line.Contains("creating channel", StringComparison.Ordinal));
        Assert.Contains(rig.Log, line => line.Contains("destroying channel", StringComparison.Ordinal));
    }

    [Fact]
    public void RP_16_A_recovery_keeps_power_and_rings_and_brings_the_channels_back()
    {
        using Rig rig = new(Rig.Sample("rpmsg-two-vdevs.elf"), program: new EchoProgram());
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            await rig.LoadPlatformDriverAsync();
            string[] channels = rig.Channels;
            Assert.Equal(2, channels.Length);
            (string, ulong)[] rings = Rings(rig);
            rig.Rproc.Coredump.Configuration = CoredumpConfiguration.Enabled;

            await rig.CrashAsync();
            await rig.SettleAsync();
            Assert.Equal((RprocState.Running, 1, 1), (rig.Rproc.State, rig.Rproc.Power, rig.Rproc.CrashCount));
            Assert.Equal(rings, Rings(rig));
            Assert.Equal(2, rig.Channels.Length);
            Assert.False(rig.Rproc.Coredump.Last.IsEmpty);
            Assert.Equal(2, rig.Scripted.Counters.Starts);
        });
    }

    [Fact]
    public void RP_17_The_consumer_boots_the_power_management_processor_from_its_own_thread()
    {
        Board.WkupM3Board pair = new();
        using Board.Machine machine = new(new Board.MachineOptions(), pair.Processor(Rig.Sample("pm-trace-only.elf")));
        DriverModel.Devices.PlatformDevice device = pair.AddConsumer(machine);
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("wkup_m3_ipc")); // first: there is no processor yet
            Assert.Null(device.Driver);
            Assert.Equal([device], machine.Kernel.DeferredProbe.Pending);

            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("wkup_m3_rproc"));
            Rproc rproc = machine.Processors[0].Rproc!;
            Assert.Equal(RprocState.Offline, rproc.State); // not by the core
            await machine.Scheduler.DelayAsync(10_000_000);
            Platforms.WkupM3Ipc ipc = Platforms.WkupM3IpcDriver.ConsumerOf(device)!;
            Assert.Equal((RprocState.Running, 1), (rproc.State, rproc.Power));
            Assert.Equal((Platforms.WkupM3State.Initialised, 0x192, true), (ipc.State, ipc.FirmwareVersion, ipc.IsPublished));
            Assert.Equal(Errno.Ok, await ipc.PingAsync());

            Assert.Equal(Errno.EAGAIN, await machine.RmmodAsync("wkup_m3_rproc"));
            Assert.Equal(Errno.Ok, await machine.RmmodAsync("wkup_m3_ipc"));
            Assert.Equal((RprocState.Offline, 0), (rproc.State, rproc.Power));
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
    }

    [Fact]
    public void RP_17_A_power_management_processor_that_does_not_answer_is_an_error_after_500_ms()
    {
        Board.WkupM3Board pair = new() { FirmwareAnswers = false };
        using Board.Machine machine = new(new Board.MachineOptions(), pair.Processor(Rig.Sample("pm-trace-only.elf")));
        DriverModel.Devices.PlatformDevice device = pair.AddConsumer(machine);
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("wkup_m3_rproc"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("wkup_m3_ipc"));
            Platforms.WkupM3Ipc ipc = Platforms.WkupM3IpcDriver.ConsumerOf(device)!;
            Assert.Equal(Errno.ENODEV, await ipc.PingAsync()); // not up yet
            await machine.Scheduler.DelayAsync(10_000_000);
            long before = machine.Scheduler.NowNs;
            Assert.Equal(Errno.EIO, await ipc.PingAsync());
            Assert.Equal(500_000_000, machine.Scheduler.NowNs - before);
            Assert.Equal(Platforms.WkupM3State.Unknown, ipc.State);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
    }

    [Fact]
    public void RP_18_A_handle_keeps_the_platform_driver_loaded()
    {
        // The table says -EBUSY; delete_module(2) returns -EWOULDBLOCK (EAGAIN) for a module in use: try_stop_module.
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), processor: p => p with { AutoBoot = false });
        rig.Run(async () =>
        {
            await rig.LoadPlatformDriverAsync();
            Rproc handle = rig.Machine.Remoteproc.GetByPhandle("0.remoteproc")!;
            Assert.Equal(Errno.Ok, await handle.BootAsync());
            Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync("emu_rproc"));
            Assert.Equal(Errno.Ok, await handle.ShutdownAsync());
            Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync("emu_rproc")); // the handle is what counts, not the power
            RemoteprocModule.Put(handle);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("emu_rproc"));
            Assert.Null(rig.Machine.Remoteproc.GetByPhandle("0.remoteproc"));
        });
    }

    [Fact]
    public void A_row_that_waits_for_the_rpmsg_bus_is_served_when_it_comes()
    {
        using Rig rig = new(Rig.Sample("rpmsg-echo.elf"), program: new EchoProgram());
        rig.Run(async () => // RP-03 in the fixed order: the platform driver first
        {
            await rig.LoadPlatformDriverAsync();
            Assert.Equal((RprocState.Running, 1), (rig.Rproc.State, (int)rig.Rproc.Vdevs[0].VirtioDevice!.Status));
            Assert.Empty(rig.Machine.RpmsgCore.Bus.Devices);
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(RpmsgBus));
            for (int i = 0; i < 200 && rig.Channels.Length == 0; i++) await rig.SettleAsync();
            _ = Assert.Single(rig.Channels);
            Assert.Equal(ModuleState.Live, rig.Machine.Modules[RpmsgBus].State);
        });
    }

    /// <summary>The stock client sample exchanges its messages on every channel; waits until the remote has had that many in all.</summary>
    private static async ValueTask ExchangeAsync(Rig rig, long remoteReceives)
    {
        string module = "rpmsg_client_sample";
        if (rig.Machine.Modules[module].State == ModuleState.Live) Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync(module));
        Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(module));
        for (int i = 0; i < 1000 && rig.Scripted.GetVdevCounters(0).Received < remoteReceives; i++) await rig.SettleAsync();
        Assert.Equal(remoteReceives, rig.Scripted.GetVdevCounters(0).Received);
    }

    private static (string Name, ulong Address)[] Rings(Rig rig) =>
        [.. rig.Rproc.Vdevs.SelectMany(vdev => vdev.Vrings).Select(vring => (vring.CarveoutName, vring.PublishedAddress.Value))];
}
