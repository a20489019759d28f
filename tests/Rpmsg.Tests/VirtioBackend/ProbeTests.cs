using System;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

public sealed class ProbeTests : IDisposable
{
    private readonly RpmsgMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RM_01_probe_posts_8_of_16_buffers_and_kicks_once() => _machine.Run(8, () =>
    {
        VdevDouble vdev = _machine.Vdev;
        Assert.Equal(16 * 512, vdev.Buffers!.Memory.Length);
        Assert.Equal(8, vdev.AvailIndex(0));
        Assert.Equal(0, vdev.AvailIndex(1));
        for (int i = 0; i < 8; i++)
        {
            VringDescriptor descriptor = vdev.Descriptor(0, i);
            Assert.Equal(vdev.Buffers.Address.Value + (ulong)(512 * i), descriptor.Address);
            Assert.Equal(512u, descriptor.LengthBytes);
            Assert.Equal(VringDescriptorFlags.Write, descriptor.Flags);
        }

        Assert.Equal([0, 1, 3, 7], vdev.Statuses);
        Assert.Equal([0], vdev.HostKicks);
        Assert.Equal(1, vdev.AvailFlags(1)); // no tx-complete interrupts
        Assert.Equal(["virtio_rpmsg_bus virtio0: rpmsg host is online"], _machine.Log);
        Assert.Equal(["virtio0.rpmsg_ctrl.0.0", "virtio0.rpmsg_ns.53.53"], _machine.Core.Bus.Devices.Select(device => device.Name));
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void RM_02_rings_of_256_have_512_buffers_and_256_are_posted() => _machine.Run(256, () =>
    {
        Assert.Equal(512 * 512, _machine.Vdev.Buffers!.Memory.Length);
        Assert.Equal(256, _machine.Vdev.AvailIndex(0));
        Assert.Equal(0, _machine.Device.Virtqueues[0].FreeCount);
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void RM_03_rings_of_512_have_no_more_and_256_slots_are_idle() => _machine.Run(512, () =>
    {
        Assert.Equal(512 * 512, _machine.Vdev.Buffers!.Memory.Length);
        Assert.Equal(256, _machine.Vdev.AvailIndex(0));
        Assert.Equal(256, _machine.Device.Virtqueues[0].FreeCount);
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void RM_04_a_smaller_sending_ring_refuses_what_the_buffers_would_allow() => _machine.Run(16, async () =>
    {
        Assert.Equal("WARNING: virtio_rpmsg_bus virtio0: vrings of 16 and 4, rpmsg_probe", _machine.Log[0]);
        Assert.Equal(32 * 512, _machine.Vdev.Buffers!.Memory.Length);
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)!;
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(new RpmsgAddress(30), "x"u8));

        Assert.Equal(Errno.ENOSPC, endpoint.TrySendTo(new RpmsgAddress(30), "x"u8));
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: virtqueue_add_outbuf failed: -28", _machine.Log[^1]);

        _ = _machine.Remote.Poll();
        int free = 0;
        while (endpoint.TryReserve(out _) == Errno.Ok) free++;
        Assert.Equal(15, free); // of 16, one is lost
        await endpoint.DestroyAsync();
    }, txSize: 4);

    [Fact]
    public void RM_05_without_F_NS_nobody_is_at_53() => _machine.Run(8, async () =>
    {
        Assert.Equal(["virtio0.rpmsg_ctrl.0.0"], _machine.Core.Bus.Devices.Select(device => device.Name));
        await _machine.AnnounceAsync("x", 1030);
        Assert.Equal("virtio_rpmsg_bus virtio0: msg received with no recipient", _machine.Log[^1]);
        Assert.Empty(_machine.Channels);
    }, features: 0);

    [Fact]
    public void RM_27_remove_resets_first_then_takes_channels_back_and_frees_the_buffers() => _machine.Run(8, async () =>
    {
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(new RecordingDriver("x")));
        Assert.NotNull(await _machine.Control.CreateChannelAsync(new RpmsgChannelInfo("x", new RpmsgAddress(100), RpmsgAddress.Any)));
        Assert.Equal(1, _machine.Vdev.AvailIndex(1)); // announced
        long liveBytes = _machine.Bank.LiveBytes;

        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));

        Assert.Equal([0, 1, 3, 7, 0, 1], _machine.Vdev.Statuses);
        Assert.Equal(1, _machine.Vdev.SentBeforeReset);
        Assert.Equal(2, _machine.Vdev.AvailIndex(1)); // taken back, after the reset
        Assert.Equal(16 * 512, liveBytes - _machine.Bank.LiveBytes);
        Assert.Empty(_machine.Device.Virtqueues);
        Assert.Empty(_machine.Core.Bus.Devices);
        Assert.Equal([_machine.Device], _machine.Kernel.Devices);
    });

    [Fact]
    public void RM_29_two_vdevs_have_two_address_spaces() => _machine.Run(8, async () =>
    {
        await _machine.AddVdevAsync(8, 8);
        RecordingDriver driver = new("x");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("x", 1030, vdev: 0);
        await _machine.AnnounceAsync("x", 1030, vdev: 1);

        Assert.Equal(["virtio0.x.-1.1030", "virtio1.x.-1.1030"], _machine.Channels.Select(channel => channel.Name));
        Assert.All(_machine.Channels, channel => Assert.Equal(new RpmsgAddress(1024), channel.Source));
        Assert.Equal(RemoteStatus.Ok, _machine.Remotes[1].TrySend(new RpmsgAddress(1030), new RpmsgAddress(1024), "to the second"u8));
        Assert.Equal(IrqReturn.None, await _machine.InterruptRxAsync(0));
        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync(1));
        Assert.Equal(["probe 0x400", "probe 0x400", "0x406 to the second"], driver.Events);
    });

    [Fact]
    public void RM_41_a_remote_that_runs_on_follows_a_new_probe() => _machine.Run(4, async () =>
    {
        RemoteMessageHandler ignore = static (_, in _) => { };
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("x", RpmsgAddress.Any, ignore, out _));
        await _machine.SettleAsync();
        Assert.Single(_machine.Channels);

        VirtioDriver driver = (VirtioDriver)_machine.Device.Driver!;
        await _machine.VirtioBus.UnbindAsync(_machine.Device);
        Assert.Empty(_machine.Core.Bus.Devices);
        Assert.Equal(Errno.Ok, await _machine.VirtioBus.BindAsync(_machine.Device, driver)); // the remote has not looked in between
        Assert.Equal(4, _machine.Vdev.AvailIndex(0));
        await _machine.SettleAsync();

        Assert.Equal(2, _machine.Remote.LinkCount);
        Assert.Equal(["virtio0.x.-1.1024"], _machine.Channels.Select(channel => channel.Name));
    });

    [Fact]
    public void A_probe_without_memory_leaves_nothing() => _machine.Scheduler.Run(async () =>
    {
        await _machine.InsmodAsync();
        Assert.NotNull(_machine.Bank.Allocate("everything", (4 << 20) - (64 << 10)));
        await _machine.AddVdevAsync(256, 256);

        Assert.Equal([0, 1, 3, 0x83], _machine.Vdev.Statuses);
        Assert.Null(_machine.Device.Driver);
        Assert.Empty(_machine.Device.Virtqueues);
        Assert.Empty(_machine.Core.Bus.Devices);
    });

    [Fact]
    public void Modules_depend_on_each_other_as_lsmod_shows() => _machine.Run(4, async () =>
    {
        Assert.Equal(Errno.EAGAIN, await _machine.Kernel.Modules.RmmodAsync("rpmsg_core"));
        Assert.Equal(Errno.EAGAIN, await _machine.Kernel.Modules.RmmodAsync("rpmsg_ns"));
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("rpmsg_ns"));
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("rpmsg_core"));
        Assert.Empty(_machine.Kernel.Modules.Loaded);
    });
}
