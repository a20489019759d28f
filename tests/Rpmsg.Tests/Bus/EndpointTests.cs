using System;
using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Bus;

/// <summary>The forms of sending, the order around a driver, and rings of other sizes.</summary>
public sealed class EndpointTests : IDisposable
{
    private static readonly RpmsgAddress Peer = new(1030);

    private readonly RpmsgMachine _machine = new();
    private readonly List<string> _heard = [];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Each_form_of_sending_says_who_speaks_to_whom() => _machine.Run(8, async () =>
    {
        Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(new RecordingDriver("x")));
        await _machine.AnnounceAsync("x", Peer.Value);
        foreach (uint address in (uint[])[1030, 31, 32]) Listen(address);
        RpmsgEndpoint endpoint = Assert.Single(_machine.Channels).Endpoint!;
        Assert.Equal(496, endpoint.MtuBytes);
        Assert.Equal(Errno.Ok, endpoint.TrySend("1"u8));
        Assert.Equal(Errno.Ok, endpoint.TrySendTo(new RpmsgAddress(31), "2"u8));
        Assert.Equal(Errno.Ok, endpoint.TrySendOffchannel(new RpmsgAddress(5), new RpmsgAddress(32), "3"u8));
        Assert.Equal(Errno.Ok, await endpoint.SendAsync("4"u8.ToArray()));
        Assert.Equal(Errno.Ok, await endpoint.SendToAsync(new RpmsgAddress(31), "5"u8.ToArray()));
        Assert.Equal(Errno.Ok, await endpoint.SendOffchannelAsync(new RpmsgAddress(5), new RpmsgAddress(32), "6"u8.ToArray()));
        _ = _machine.Remote.Poll();
        Assert.Equal(
            [
                "0x400 to 0x406: 1", "0x400 to 0x1f: 2", "0x5 to 0x20: 3",
                "0x400 to 0x406: 4", "0x400 to 0x1f: 5", "0x5 to 0x20: 6",
            ],
            _heard);
    });

    [Fact]
    public void The_endpoint_is_there_before_probe_and_the_announcement_after_it_and_both_the_other_way_round_at_the_end() =>
        _machine.Run(8, async () =>
        {
            OrderedDriver driver = new(_machine);
            Assert.Equal(Errno.Ok, await _machine.Core.Bus.RegisterDriverAsync(driver));
            RpmsgDevice? channel = await _machine.Control.CreateChannelAsync(new RpmsgChannelInfo("x", new RpmsgAddress(100), Peer));
            await _machine.Core.Bus.UnbindAsync(channel!);
            string[] expected =
                ["probe: endpoint 0x64, 0 sent", "a message in probe", "remove: endpoint 0x64, 2 sent", "a message in remove"];
            Assert.Equal(expected, driver.Events);
            Assert.Null(channel!.Endpoint);
            Assert.Equal(new RpmsgAddress(100), channel.Source); // kept for the next driver
        });

    [Fact]
    public void A_larger_sending_ring_has_no_more_buffers_than_the_receiving_one() => _machine.Run(4, () =>
    {
        Assert.Equal("WARNING: virtio_rpmsg_bus virtio0: vrings of 4 and 16, rpmsg_probe", _machine.Log[0]);
        Assert.Equal(8 * 512, _machine.Vdev.Buffers!.Memory.Length);
        RpmsgEndpoint endpoint = Endpoint();
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, "x"u8));
        Assert.Equal(Errno.ENOMEM, endpoint.TrySendTo(Peer, "x"u8)); // and not ENOSPC: none is lost
        return ValueTask.CompletedTask;
    }, txSize: 16);

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Larger_rings_carry_messages_with_256_buffers_each_way(int size) => _machine.Run(size, async () =>
    {
        int here = 0;
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(message =>
        {
            Assert.Equal(here++, BitConverter.ToInt32(message.Payload));
            return ValueTask.CompletedTask;
        }, RpmsgAddress.Any)!;
        RemoteMessageHandler echo = (ept, in message) =>
            Assert.Equal(RemoteStatus.Ok, ept.TrySendTo(message.Source, message.Payload));
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, echo, out _));
        int sent = 0;
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 256; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, BitConverter.GetBytes(sent++)));
            if (round == 0) Assert.Equal(Errno.ENOMEM, endpoint.TrySendTo(Peer, "x"u8));
            await _machine.SettleAsync();
        }

        Assert.Equal(40 * 256, here);
    });

    private RpmsgEndpoint Endpoint() => _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)!;

    private void Listen(uint address)
    {
        RemoteMessageHandler listen = (ept, in message) =>
            _heard.Add($"{message.Source} to {ept.Address}: {Encoding.ASCII.GetString(message.Payload)}");
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", new RpmsgAddress(address), listen, out _));
    }

    /// <summary>Looks around when it is bound and unbound, and has the remote speak meanwhile.</summary>
    private sealed class OrderedDriver(RpmsgMachine machine) : RpmsgDriver("ordered", null, ["x"])
    {
        public List<string> Events { get; } = [];

        public override RpmsgMessageHandler Handler => message =>
        {
            Events.Add(Encoding.ASCII.GetString(message.Payload));
            return ValueTask.CompletedTask;
        };

        public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
        {
            await LookAsync("probe", device);
            return Errno.Ok;
        }

        public override ValueTask RemoveAsync(RpmsgDevice device) => LookAsync("remove", device);

        private async ValueTask LookAsync(string when, RpmsgDevice device)
        {
            Events.Add($"{when}: endpoint {device.Endpoint!.Address}, {machine.Vdev.AvailIndex(1)} sent");
            byte[] text = Encoding.ASCII.GetBytes($"a message in {when}");
            Assert.Equal(RemoteStatus.Ok, machine.Remote.TrySend(Peer, device.Endpoint.Address, text));
            _ = await machine.InterruptRxAsync();
        }
    }
}
