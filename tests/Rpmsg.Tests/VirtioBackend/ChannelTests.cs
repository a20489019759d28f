using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

public sealed class ChannelTests : IDisposable
{
    private static readonly RpmsgChannelInfo LocalX = new("x", new RpmsgAddress(100), RpmsgAddress.Any);

    private readonly RpmsgMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RM_17_a_channel_announced_twice_is_one() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("x", 1030);
        await _machine.AnnounceAsync("x", 1030);
        Assert.Equal(["virtio0.x.-1.1030"], _machine.Channels.Select(channel => channel.Name));
        Assert.Equal(
            [
                "virtio_rpmsg_bus virtio0: rpmsg host is online",
                "virtio_rpmsg_bus virtio0: creating channel x addr 0x406",
                "virtio_rpmsg_bus virtio0: creating channel x addr 0x406",
                "virtio_rpmsg_bus virtio0: channel x:ffffffff:406 already exist",
                "virtio_rpmsg_bus virtio0: rpmsg_create_channel failed",
            ],
            _machine.Log);
    });

    [Fact]
    public void RM_18_one_name_at_two_addresses_is_two_channels() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("x", 1030);
        await _machine.AnnounceAsync("x", 1031);
        Assert.Equal(["virtio0.x.-1.1030", "virtio0.x.-1.1031"], _machine.Channels.Select(channel => channel.Name));
    });

    [Fact]
    public void RM_19_one_of_two_channels_of_a_name_can_go() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("x", 1030);
        await _machine.AnnounceAsync("x", 1031);
        await _machine.AnnounceAsync("x", 1031, NameServiceFlags.Destroy);
        Assert.Equal(["virtio0.x.-1.1030"], _machine.Channels.Select(channel => channel.Name));
        Assert.Equal("virtio_rpmsg_bus virtio0: destroying channel x addr 0x407", _machine.Log[^1]);
    });

    [Fact]
    public void RM_20_destroying_an_unknown_channel_is_EINVAL() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("x", 1030, NameServiceFlags.Destroy);
        Assert.Equal("virtio_rpmsg_bus virtio0: rpmsg_destroy_channel failed: -22", _machine.Log[^1]);
    });

    [Theory]
    [InlineData(39)]
    [InlineData(41)]
    [InlineData(0)]
    public void RM_21_a_name_service_message_has_40_bytes(int lengthBytes) => _machine.Run(8, async () =>
    {
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(1), RpmsgAddress.NameService, new byte[lengthBytes]));
        _ = await _machine.InterruptRxAsync();
        Assert.Equal($"virtio_rpmsg_bus virtio0: malformed ns msg ({lengthBytes})", _machine.Log[^1]);
        Assert.Empty(_machine.Channels);
        Assert.Equal(9, _machine.Vdev.AvailIndex(0)); // lent again
    });

    [Fact]
    public void RM_22_a_name_of_32_bytes_is_cut_to_31() => _machine.Run(8, async () =>
    {
        byte[] message = [.. Enumerable.Repeat((byte)'n', 32), 6, 4, 0, 0, 0, 0, 0, 0];
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(1), RpmsgAddress.NameService, message));
        _ = await _machine.InterruptRxAsync();
        Assert.Equal(new string('n', 31), Assert.Single(_machine.Channels).Id);
    });

    [Fact]
    public void A_channel_without_a_name_is_a_channel() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("", 1030);
        Assert.Equal("virtio0..-1.1030", Assert.Single(_machine.Channels).Name);
    });

    [Fact]
    public void A_channel_that_is_destroyed_at_ANY_is_any_of_that_name() => _machine.Run(8, async () =>
    {
        await _machine.AnnounceAsync("x", 1030);
        await _machine.AnnounceAsync("x", 1031);
        await SendNameServiceAsync("x", RpmsgAddress.Any, NameServiceFlags.Destroy);
        Assert.Equal(["virtio0.x.-1.1031"], _machine.Channels.Select(channel => channel.Name));
    });

    [Fact]
    public void RM_23_a_driver_that_comes_back_has_its_address_again_and_the_remote_hears_nothing() => _machine.Run(8, async () =>
    {
        RecordingDriver driver = new("x");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("x", 1030);
        RpmsgDevice channel = _machine.Channels.Single();
        Assert.NotNull(_machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)); // takes 1025
        await _machine.Core.Bus.UnbindAsync(channel);
        Assert.Null(channel.Endpoint);
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.BindAsync(channel, driver));

        Assert.Equal(["probe 0x400", "remove", "probe 0x400"], driver.Events);
        Assert.Equal(0, _machine.Vdev.AvailIndex(1));
        Assert.Equal("virtio0.x.-1.1030", channel.Name);
    });

    [Fact]
    public void RM_24_a_channel_made_here_with_an_address_is_announced_when_a_driver_binds_and_unbinds() => _machine.Run(8, async () =>
    {
        List<string> heard = [];
        RemoteMessageHandler listen = (_, in message) =>
        {
            NameServiceMessage ns = MemoryMarshal.Read<NameServiceMessage>(message.Payload);
            heard.Add($"{message.Source} {ns.Name} {ns.Address} {(uint)ns.Flags}");
        };
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", RpmsgAddress.NameService, listen, out _));
        RecordingDriver driver = new("x");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));

        RpmsgDevice? channel = await _machine.Control.CreateChannelAsync(LocalX);
        _ = _machine.Remote.Poll();
        Assert.Equal(["0x64 x 0x64 0"], heard);
        Assert.True(channel!.IsAnnounced);
        Assert.Equal("virtio0.x.100.-1", channel.Name);

        await _machine.Core.Bus.UnbindAsync(channel);
        _ = _machine.Remote.Poll();
        Assert.Equal(["0x64 x 0x64 0", "0x64 x 0x64 1"], heard);
        Assert.Equal(Errno.Ok, await _machine.Control.ReleaseChannelAsync(LocalX));
        Assert.Equal(Errno.EINVAL, await _machine.Control.ReleaseChannelAsync(LocalX));
    });

    [Fact]
    public void An_announcement_that_cannot_be_sent_undoes_the_binding() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)!;
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(new RpmsgAddress(30), "x"u8));
        RecordingDriver driver = new("x");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        RpmsgDevice? channel = await _machine.Control.CreateChannelAsync(LocalX);

        Assert.Equal(15_000_000_000, _machine.Scheduler.NowNs);
        Assert.Equal(["probe 0x64", "remove"], driver.Events);
        Assert.Null(channel!.Driver);
        Assert.Null(channel.Endpoint);
        Assert.Contains("recorder virtio0.x.100.-1: failed to announce service -512", _machine.Log);
        Assert.Contains("recorder virtio0.x.100.-1: failed to announce creation", _machine.Log);
    });

    [Fact]
    public void A_probe_that_fails_gives_its_endpoint_back() => _machine.Run(4, async () =>
    {
        RecordingDriver driver = new("x") { ProbeResult = Errno.EIO };
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("x", 1030);
        Assert.Contains("recorder virtio0.x.-1.1030: rpmsg_dev_probe: failed: -5", _machine.Log);
        Assert.NotNull(_machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, new RpmsgAddress(1024)));
    });

    [Fact]
    public void RM_25_a_freed_address_is_given_out_again_at_once() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint first = Endpoint(RpmsgAddress.Any)!;
        RpmsgEndpoint second = Endpoint(RpmsgAddress.Any)!;
        Assert.Equal([1024u, 1025u], [first.Address.Value, second.Address.Value]);
        await first.DestroyAsync();
        Assert.Equal(1024u, Endpoint(RpmsgAddress.Any)!.Address.Value);
    });

    [Fact]
    public void RM_26_a_taken_address_gives_no_endpoint() => _machine.Run(4, () =>
    {
        Assert.NotNull(Endpoint(new RpmsgAddress(100)));
        Assert.Null(Endpoint(new RpmsgAddress(100)));
        Assert.Null(Endpoint(RpmsgAddress.NameService)); // rpmsg_ns has it
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: idr_alloc failed: -28", _machine.Log[^1]);
        Assert.Null(Endpoint(new RpmsgAddress(0x8000_0000)));
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: idr_alloc failed: -22", _machine.Log[^1]);
        return ValueTask.CompletedTask;
    });

    [Theory]
    [InlineData(5u)]
    [InlineData(1024u)]
    [InlineData(1024u + 4095)]
    [InlineData(1024u + 4096)]
    [InlineData(0x7fff_ffffu)]
    public void A_message_finds_its_endpoint_wherever_it_is(uint address) => _machine.Run(4, async () =>
    {
        string received = "";
        RpmsgEndpoint? endpoint = _machine.Control.CreateEndpoint(message =>
        {
            received = $"{message.Source} {Encoding.ASCII.GetString(message.Payload)}";
            return ValueTask.CompletedTask;
        }, new RpmsgAddress(address));
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(7), new RpmsgAddress(address), "here"u8));
        _ = await _machine.InterruptRxAsync();
        Assert.Equal("0x7 here", received);
        await endpoint!.DestroyAsync();
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(7), new RpmsgAddress(address), "gone"u8));
        _ = await _machine.InterruptRxAsync();
        Assert.Equal("0x7 here", received);
    });

    [Fact]
    public void A_driver_override_binds_that_driver_and_no_other() => _machine.Run(4, async () =>
    {
        RecordingDriver driver = new("rpmsg_ctrl"); // the service's name, and not the driver's
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        Assert.Empty(driver.Events);
        Assert.Null(_machine.Control.Driver);
    });

    [Fact]
    public void RM_28_the_client_sample_exchanges_100_messages_and_says_goodbye() => _machine.Run(16, async () =>
    {
        int received = 0;
        RemoteMessageHandler echo = (endpoint, in message) =>
        {
            received++;
            Assert.Equal("hello world!"u8, message.Payload);
            Assert.Equal(RemoteStatus.Ok, endpoint.TrySendTo(message.Source, message.Payload));
        };
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("rpmsg-client-sample", RpmsgAddress.Any, echo, out _));
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(_machine.Sample));
        await _machine.SettleAsync();

        Assert.Equal(100, received);
        IReadOnlyList<string> log = _machine.Log;
        const string Prefix = "rpmsg_client_sample virtio0.rpmsg-client-sample.-1.1024: ";
        Assert.Equal("virtio_rpmsg_bus virtio0: creating channel rpmsg-client-sample addr 0x400", log[1]);
        Assert.Equal(Prefix + "new channel: 0x400 -> 0x400!", log[2]);
        Assert.Equal(Prefix + "incoming msg 1 (src: 0x400)", log[3]);
        Assert.Equal(Prefix + "incoming msg 100 (src: 0x400)", log[^2]);
        Assert.Equal(Prefix + "goodbye!", log[^1]);
        Assert.Equal(104, log.Count);

        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("rpmsg_client_sample"));
        Assert.Equal(Prefix + "rpmsg sample client driver is removed", _machine.Log[^1]);
        Assert.Single(_machine.Channels); // the channel is the remote's
    });

    [Fact]
    public void A_channel_that_goes_takes_its_driver_with_it_and_is_not_taken_back() => _machine.Run(8, async () =>
    {
        RecordingDriver driver = new("x");
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
        await _machine.AnnounceAsync("x", 1030);
        int liveDevices = _machine.Kernel.Devices.Count;
        await _machine.AnnounceAsync("x", 1030, NameServiceFlags.Destroy);
        Assert.Equal(["probe 0x400", "remove"], driver.Events);
        Assert.Equal(0, _machine.Vdev.AvailIndex(1));
        Assert.Equal(liveDevices - 1, _machine.Kernel.Devices.Count);
    });

    [Fact]
    public void The_module_goes_while_a_channel_is_on_its_way_in_or_out()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            using RpmsgMachine machine = new(new SeededChoices((ulong)seed));
            machine.Run(8, async () =>
            {
                RecordingDriver driver = new("x") { OnMessage = async _ => await machine.Scheduler.DelayAsync(10) };
                Assert.Equal(Errno.Ok, await machine.Core.Bus.RegisterDriverAsync(driver));
                await machine.AnnounceAsync("x", 1030);
                Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySend(new RpmsgAddress(1030), new RpmsgAddress(1024), "m"u8));
                Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySendNameService("x", new RpmsgAddress(1030), NameServiceFlags.Destroy));
                Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySendNameService("x", new RpmsgAddress(1031), NameServiceFlags.Create));
                Virtqueue input = machine.Device.Virtqueues[0];
                KernelTask irq = machine.Scheduler.Spawn("irq", async () => _ = await input.InterruptAsync());
                KernelTask rmmod = machine.Scheduler.Spawn("rmmod", async () =>
                    Assert.Equal(Errno.Ok, await machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus")));
                _ = await irq.Ended.WaitAsync();
                _ = await rmmod.Ended.WaitAsync();
                Assert.Empty(machine.Core.Bus.Devices);
                Assert.Single(machine.Kernel.Devices);
            });
        }
    }

    private RpmsgEndpoint? Endpoint(RpmsgAddress address) => _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, address);

    private async ValueTask SendNameServiceAsync(string name, RpmsgAddress address, NameServiceFlags flags)
    {
        NameServiceMessage message = new(new RpmsgName(name), address, flags);
        byte[] bytes = new byte[NameServiceMessage.SizeBytes];
        MemoryMarshal.Write(bytes, in message);
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(new RpmsgAddress(1), RpmsgAddress.NameService, bytes));
        _ = await _machine.InterruptRxAsync();
    }
}
