using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Net;
using RemoteprocEmu.Virtio.Remote;
using Xunit;

namespace RemoteprocEmu.Remoteproc.Tests;

/// <summary>Vdevs that are no rpmsg, over remoteproc: what its two rings, 32 feature bits and silent status byte leave of them.</summary>
public sealed class VdevTypeRows
{
    private static readonly byte[] s_mac = VirtioNetConfig.Create(new MacAddress(0x02_00_00_00_00_07));

    [Theory]
    [InlineData(1u, 1u << VirtioNetFeatures.ControlQueue, "virtio_net")]
    [InlineData(1u, (1u << VirtioNetFeatures.ControlQueue) | (1u << VirtioNetFeatures.MultiQueue), "virtio_net")]
    [InlineData(3u, 2u, "virtio_console")] // MULTIPORT
    public void A_vdev_that_needs_more_than_two_queues_fails_its_probe_and_the_processor_runs(uint id, uint features, string driver)
    {
        byte[] config = id == 1 ? s_mac : [80, 0, 25, 0, 2, 0, 0, 0];
        using Rig rig = new(Images.With(table => table.AddVdev(id, features, [Images.Ring(64), Images.Ring(64)], config)));
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(driver));
            await rig.LoadPlatformDriverAsync();
            Assert.Equal(RprocState.Running, rig.Rproc.State);
            VirtioDevice device = rig.Rproc.Vdevs[0].VirtioDevice!;
            Assert.Equal((0x83, null), ((byte)device.Status, device.Driver));
        });
        Assert.Contains($"{driver}: probe of virtio0 failed with error -22", rig.Log);
    }

    [Theory]
    [InlineData("Emu")]
    [InlineData("C")]
    [InlineData("D")]
    public void A_vdev_of_SCMI_has_a_name_and_rings_and_no_driver(string era)
    {
        using Rig rig = new(Images.With(table => table.AddVdev(VirtioDeviceId.Scmi, 1, [Images.Ring(), Images.Ring()])),
            era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            foreach (string module in new[] { Rig.RpmsgBus, "virtio_net", "virtio_console" })
                Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync(module));
            await rig.LoadPlatformDriverAsync();
            VirtioDevice device = rig.Rproc.Vdevs[0].VirtioDevice!;
            Assert.Equal(("virtio0", 32u, (byte)1, null), (device.Name, device.Id.Device, (byte)device.Status, device.Driver));
            Assert.Equal(0ul, device.Features); // nobody has negotiated
            Assert.All(rig.Rproc.Vdevs[0].Vrings, vring => Assert.True(vring.Carveout!.IsAllocated));
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "stop"));
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));
            Assert.Equal(1, (byte)rig.Rproc.Vdevs[0].VirtioDevice!.Status);
        });
        Assert.Contains("rproc-virtio rproc-virtio.0.auto: registered virtio0 (type 32)", rig.Log);
    }

    [Fact]
    public void Frames_pass_again_after_a_crash_and_after_the_driver_was_loaded_anew()
    {
        using Rig rig = new(Rig.Sample("net-two.elf"), program: new EchoAllProgram());
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            await ReflectAsync(rig);
            await rig.CrashAsync();
            await ReflectAsync(rig);
            Assert.Equal(Errno.Ok, await rig.Machine.RmmodAsync("virtio_net"));
            Assert.Empty(rig.Machine.Net.Interfaces);
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("virtio_net"));
            await ReflectAsync(rig);
            Assert.Equal([7, 7], rig.Rproc.Vdevs.Select(vdev => (byte)vdev.VirtioDevice!.Status)); // FEATURES_OK needs bit 32
        });
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [InlineData("C")]
    [InlineData("D")]
    public void Frames_pass_in_every_era(string era)
    {
        using Rig rig = new(Rig.Sample("net-two.elf"), program: new EchoAllProgram(), era: Rig.EraOf(era));
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("virtio_net"));
            await rig.LoadPlatformDriverAsync();
            await ReflectAsync(rig);
            if (Rig.EraOf(era).ModuleReference == ModuleReference.TakenByBoot) await rig.PowerOffAsync();
        });
    }

    [Fact]
    public void Two_processors_talk_over_a_bridge_of_the_host()
    {
        TalkingProgram speaker = new(), listener = new();
        using Machine machine = new(new MachineOptions(),
            new ProcessorOptions { Name = "left", Image = Rig.Sample("net-two.elf"), Program = speaker },
            new ProcessorOptions { Name = "right", Image = Rig.Sample("net-two.elf"), Program = listener });
        NetBridge bridge = new();
        machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_net"));
            Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
            await machine.Scheduler.DelayAsync(10_000_000);
            Assert.Equal(["eth0", "eth1", "eth2", "eth3"], machine.Net.Interfaces.Select(device => device.Name));
            foreach (NetDevice device in machine.Net.Interfaces)
            {
                bool isFirst = device.Virtio.Parent!.Parent == machine.Processors[0].Rproc;
                if (device.Mac.Value != (isFirst ? 0x02_00_00_00_00_01ul : 0x02_00_00_00_00_02ul)) continue;
                Assert.Equal(Errno.Ok, bridge.Add(device));
            }

            await machine.Scheduler.DelayAsync(1_000_000_000);
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
        });
        Assert.Empty(machine.WhatIsLeft());
        Assert.Equal([.. Enumerable.Range(0, 100)], listener.Heard);
        Assert.Empty(speaker.Heard);
        Assert.Equal((100, 0), (bridge.ForwardedCount, bridge.DroppedCount));
    }

    [Fact]
    public void A_stop_hangs_up_on_a_serial_port_and_a_start_brings_another()
    {
        using Rig rig = new(Rig.Sample("serial.elf"), program: new EchoAllProgram());
        rig.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await rig.Machine.ModprobeAsync("virtio_console"));
            await rig.LoadPlatformDriverAsync();
            DeviceFile old = await OpenAsync(rig, "/dev/vport0p0");
            KernelTask reader = rig.Machine.Scheduler.Spawn("reader",
                async () => Assert.Equal(IoResult.Failed(Errno.ENODEV), await old.ReadAsync(new byte[1])));
            await rig.SettleAsync();
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "stop"));
            _ = await reader.Ended.WaitAsync();
            Assert.Empty(rig.Machine.Kernel.Nodes.All);
            Assert.Equal(Errno.Ok, await rig.Sysfs.WriteAsync("state", "start"));

            DeviceFile file = await OpenAsync(rig, "/dev/vport0p0");
            Assert.Equal(IoResult.Moved(3), await file.WriteAsync(new byte[] { 1, 2, 3 }));
            byte[] answer = new byte[10];
            Assert.Equal(IoResult.Moved(3), await file.ReadAsync(answer));
            Assert.Equal([1, 2, 3], answer[..3]);
            Assert.Equal(IoResult.Failed(Errno.ENODEV), await old.WriteAsync(answer)); // it is not the old one's
            Assert.Equal(Errno.Ok, await old.CloseAsync());
            Assert.Equal(Errno.EAGAIN, await rig.Machine.RmmodAsync("virtio_console")); // EWOULDBLOCK: a file is open
            Assert.Equal(Errno.Ok, await file.CloseAsync());
        });
    }

    private static async ValueTask<DeviceFile> OpenAsync(Rig rig, string path)
    {
        (Errno errno, DeviceFile? file) = await rig.Machine.Kernel.Nodes.OpenAsync(path, OpenFlags.ReadWrite);
        Assert.Equal(Errno.Ok, errno);
        return file!;
    }

    /// <summary>Sends a frame over each interface, and expects it back.</summary>
    private static async ValueTask ReflectAsync(Rig rig)
    {
        Assert.Equal(2, rig.Machine.Net.Interfaces.Count);
        foreach (NetDevice device in rig.Machine.Net.Interfaces)
        {
            Assert.Equal(Errno.Ok, device.Open());
            Assert.Equal(Errno.Ok, await device.SendAsync(new byte[100]));
        }

        Assert.True(await rig.HappensAsync(() => rig.Machine.Net.Interfaces.All(device => device.Counters.RxPackets == 1)));
    }

    /// <summary>Sends a hundred numbered frames over its first vdev, once it has a driver; and hears on its second.</summary>
    private sealed class TalkingProgram : RemoteProgram
    {
        public override string Name => "talking";

        public List<int> Heard { get; } = [];

        public override async ValueTask RunAsync(RemoteContext context)
        {
            RemoteNet left = context.OpenNet(context.Table.Vdevs[0]);
            context.OpenNet(context.Table.Vdevs[1]).Received = (_, frame) => Heard.Add(frame[14]);
            byte[] frame = new byte[60];
            int sent = 0;
            while (true)
            {
                frame[14] = (byte)sent;
                if (sent < 100 && left.TrySend(frame) == RemoteIoStatus.Ok) sent++;
                _ = context.PollVdevs();
                _ = await context.WaitKickAsync(timeoutNs: 1_000_000); // no faster than a port of the hub sends on
            }
        }
    }
}
