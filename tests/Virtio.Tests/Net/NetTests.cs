using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Direct;
using RemoteprocEmu.Virtio.Net;
using RemoteprocEmu.Virtio.Tests.Device;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Net;

/// <summary>virtio_net against a device half, over the transport that has everything.</summary>
public sealed class NetTests : IDisposable
{
    private const ulong Version1 = 1UL << VirtioFeatures.Version1;
    private const ulong AnyLayout = 1UL << VirtioFeatures.AnyLayout;
    private const ulong Mergeable = 1UL << VirtioNetFeatures.MergeableBuffers;
    private const ulong Mac = 1UL << VirtioNetFeatures.Mac;
    private const ulong Status = 1UL << VirtioNetFeatures.Status;
    private const ulong Mtu = 1UL << VirtioNetFeatures.Mtu;

    private static readonly MacAddress s_mac = new(0x02_00_00_00_00_01);

    private readonly DirectMachine _machine = new();
    private readonly VirtioNetModule _module;

    public NetTests() => _module = new VirtioNetModule(_machine.Kernel, _machine.Bus);

    private NetDevice Eth0 => _module.Interfaces[0];

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(0ul, 10)]
    [InlineData(AnyLayout, 10)]
    [InlineData(Mergeable, 12)]
    [InlineData(Version1, 12)]
    [InlineData(Version1 | Mergeable, 12)]
    [InlineData(1UL << VirtioFeatures.RingEventIdx, 10)]
    public void Frames_go_there_and_back_with_every_header(ulong features, int headerBytes)
    {
        (DirectTransport transport, RemoteNet half) = Create(features | Mac);
        half.Received = Reflect;
        List<byte[]> received = [];
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(headerBytes, NetDevice.HeaderBytes(Eth0.Virtio.Features));
            Eth0.Received = (_, frame) => received.Add(frame.ToArray());
            Assert.Equal(Errno.Ok, Eth0.Open());
            for (int i = 0; i < 200; i++) Assert.Equal(Errno.Ok, await Eth0.SendAsync(Frame(14 + (i * 7), (byte)i)));
            await _machine.SettleAsync();
            Assert.Equal(200, half.ReceivedCount);
            Assert.Equal(200, Eth0.Counters.TxPackets);
            Assert.Equal(200, Eth0.Counters.RxPackets);
            Assert.Equal(Eth0.Counters.TxBytes, Eth0.Counters.RxBytes);
            await UnloadAsync(transport);
        });
        for (int i = 0; i < 200; i++) Assert.Equal(Frame(14 + (i * 7), (byte)i), received[i]);
        Assert.Equal(0, half.MalformedCount);
        Assert.Equal(0, _machine.Bank.LiveBytes);
        Assert.Empty(_machine.Kernel.Devices);
    }

    [Fact]
    public void The_configuration_gives_address_MTU_and_link()
    {
        (DirectTransport transport, _) = Create(Mac | Status | Mtu, VirtioNetConfig.Create(s_mac, status: 0, mtu: 1000));
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(("eth0", s_mac, 1000, false), (Eth0.Name, Eth0.Mac, Eth0.Mtu, Eth0.HasCarrier));
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void Without_these_features_there_are_defaults_and_the_link_is_up()
    {
        (DirectTransport transport, _) = Create(0, []);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal((1500, true, true), (Eth0.Mtu, Eth0.HasCarrier, Eth0.Mac.IsValid));
            await UnloadAsync(transport);
        });
        Assert.Contains(_machine.LogText, text => text.Contains("Assigned random MAC address 02:", StringComparison.Ordinal));
    }

    [Fact]
    public void An_MTU_that_cannot_be_is_given_up()
    {
        (DirectTransport transport, _) = Create(Mtu, VirtioNetConfig.Create(s_mac, mtu: 67));
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(1500, Eth0.Mtu);
            Assert.Equal(0ul, transport.DriverFeatures);
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void A_link_that_goes_down_is_heard_of_and_drops_frames()
    {
        (DirectTransport transport, RemoteNet half) = Create(Mac | Status);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(Errno.Ok, Eth0.Open());
            Assert.True(half.SetLink(false));
            await _machine.SettleAsync();
            Assert.False(Eth0.HasCarrier);
            Assert.Equal(Errno.Ok, Eth0.TrySend(Frame(60, 1)));
            Assert.Equal(1, Eth0.Counters.TxDropped);
            Assert.True(half.SetLink(true));
            await _machine.SettleAsync();
            Assert.True(Eth0.HasCarrier);
            Assert.Equal(Errno.Ok, Eth0.TrySend(Frame(60, 1)));
            await _machine.SettleAsync();
            Assert.Equal(1, half.ReceivedCount);
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void What_a_sender_may_not_do_has_an_errno()
    {
        (DirectTransport transport, _) = Create(Mac);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            NetDevice eth0 = Eth0;
            Assert.Equal(Errno.ENETDOWN, eth0.TrySend(Frame(60, 1)));
            Assert.Equal(Errno.Ok, eth0.Open());
            Assert.Equal(Errno.EINVAL, eth0.TrySend(Frame(13, 1)));
            Assert.Equal(Errno.EMSGSIZE, eth0.TrySend(Frame(1519, 1)));
            Assert.Equal(Errno.Ok, eth0.TrySend(Frame(1518, 1)));
            eth0.Close();
            Assert.Equal(Errno.ENETDOWN, eth0.TrySend(Frame(60, 1)));
            await UnloadAsync(transport);
            Assert.Equal(Errno.ENODEV, eth0.TrySend(Frame(60, 1)));
            Assert.Equal(Errno.ENODEV, eth0.Open());
        });
    }

    [Fact]
    public void The_sender_stops_below_19_free_descriptors_and_goes_on_when_the_device_takes_some()
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.Net, AnyLayout, null, 64, 64);
        RemoteNet half = Half(transport);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(Errno.Ok, Eth0.Open());
            int sent = 0;
            while (Eth0.TrySend(Frame(60, 1)) == Errno.Ok) sent++;
            Assert.Equal(46, sent); // 18 of 64 are left
            Assert.True(Eth0.IsStopped);
            Assert.False(half.PollOnce());
            Assert.Equal(Errno.Ok, await Eth0.SendAsync(Frame(60, 1)));
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void With_a_ring_of_16_one_frame_is_sent_and_then_none_as_in_Linux()
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.Net, 0, null, 16, 16);
        RemoteNet half = Half(transport);
        _machine.Serve(transport, half);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(Errno.Ok, Eth0.Open());
            Assert.Equal(Errno.Ok, Eth0.TrySend(Frame(60, 1)));
            await _machine.SettleAsync();
            Assert.Equal(1, half.ReceivedCount);
            Assert.Equal(Errno.ENOBUFS, Eth0.TrySend(Frame(60, 1)));
            await UnloadAsync(transport);
        });
        Assert.Contains(_machine.LogText, text => text.Contains("it sends one frame and stops for ever", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1UL << VirtioNetFeatures.ControlQueue)]
    [InlineData((1UL << VirtioNetFeatures.ControlQueue) | (1UL << VirtioNetFeatures.MultiQueue))]
    public void A_third_queue_where_there_are_two_fails_the_probe(ulong features)
    {
        (DirectTransport transport, _) = Create(features);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Empty(_module.Interfaces);
            Assert.Equal(0x83, transport.Status);
            await UnloadAsync(transport);
        });
        Assert.Contains("virtio_net: probe of virtio0 failed with error -22", _machine.LogText);
        Assert.Equal(0, _machine.Bank.LiveBytes);
        Assert.Empty(_machine.Kernel.Devices);
    }

    [Fact]
    public void Where_the_transport_has_the_queues_they_are_all_found()
    {
        byte[] config = VirtioNetConfig.Create(s_mac);
        config[VirtioNetConfig.QueuePairsOffset] = 2;
        DirectTransport transport = _machine.Create(VirtioDeviceId.Net,
            Version1 | (1UL << VirtioNetFeatures.ControlQueue) | (1UL << VirtioNetFeatures.MultiQueue), config, 64, 64, 64, 64, 64);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            string[] expected = ["input.0", "output.0", "input.1", "output.1", "control"];
            Assert.Equal(expected, transport.Device!.Virtqueues.Select(queue => queue.Name));
            Assert.Equal(0x0f, transport.Status);
            await UnloadAsync(transport);
        });
    }

    [Theory]
    [InlineData(VirtioNetFeatures.ControlReceive, "VIRTIO_NET_F_CTRL_RX")]
    [InlineData(VirtioNetFeatures.MultiQueue, "VIRTIO_NET_F_MQ")]
    public void What_needs_the_control_queue_is_refused_without_it(int bit, string name)
    {
        (DirectTransport transport, _) = Create(1UL << bit);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(0x83, transport.Status);
            await UnloadAsync(transport);
        });
        Assert.Contains(_machine.LogText, text =>
            text.Contains($"device advertises feature {name} but not VIRTIO_NET_F_CTRL_VQ", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_vdevs_that_are_bridged_talk_to_each_other()
    {
        (DirectTransport first, RemoteNet left) = Create(Mac);
        (DirectTransport second, RemoteNet right) = Create(Version1 | Mergeable | Mac);
        List<byte[]> atRight = [], atLeft = [];
        left.Received = (_, frame) => atLeft.Add(frame.ToArray());
        right.Received = (net, frame) =>
        {
            atRight.Add(frame.ToArray());
            Reflect(net, frame);
        };
        NetBridge bridge = new();
        _machine.Run(async () =>
        {
            await LoadAsync(first);
            Assert.Equal(Errno.Ok, await second.RegisterAsync());
            foreach (NetDevice device in _module.Interfaces) Assert.Equal(Errno.Ok, bridge.Add(device));
            Assert.Equal(Errno.EBUSY, bridge.Add(Eth0));
            await _machine.SettleAsync();
            for (int i = 0; i < 20; i++) Assert.Equal(Virtio.Remote.RemoteIoStatus.Ok, left.TrySend(Frame(100, (byte)i)));
            await _machine.SettleAsync();
            await second.UnregisterAsync();
            await UnloadAsync(first);
        });
        Assert.Equal(20, atRight.Count);
        Assert.Equal(atRight, atLeft);
        Assert.Equal((40, 0), (bridge.ForwardedCount, bridge.DroppedCount));
    }

    [Fact]
    public void A_driver_that_comes_back_finds_the_device_half_ready_for_it()
    {
        (DirectTransport transport, RemoteNet half) = Create(Mac);
        half.Received = Reflect;
        _machine.Run(async () =>
        {
            for (int turn = 1; turn <= 3; turn++)
            {
                await LoadAsync(transport);
                Assert.Equal(Errno.Ok, Eth0.Open());
                Assert.Equal(Errno.Ok, Eth0.TrySend(Frame(60, 1)));
                await _machine.SettleAsync();
                Assert.Equal(1, Eth0.Counters.RxPackets);
                Assert.Equal(turn, half.LinkCount);
                Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync(_module.Name));
                Assert.Equal(1, transport.Status);
            }

            await transport.UnregisterAsync();
        });
    }

    private static byte[] Frame(int lengthBytes, byte fill)
    {
        byte[] frame = new byte[lengthBytes];
        frame.AsSpan().Fill(fill);
        return frame;
    }

    private static void Reflect(RemoteNet net, ReadOnlySpan<byte> frame) =>
        Assert.Equal(Virtio.Remote.RemoteIoStatus.Ok, net.TrySend(frame));

    private (DirectTransport Transport, RemoteNet Half) Create(ulong features, byte[]? config = null)
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.Net, features, config ?? VirtioNetConfig.Create(s_mac));
        RemoteNet half = Half(transport);
        _machine.Serve(transport, half);
        return (transport, half);
    }

    private RemoteNet Half(DirectTransport transport) => new(_machine.Scheduler, transport.Memory, transport, transport.Interrupt);

    private async ValueTask LoadAsync(DirectTransport transport)
    {
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(_module));
        if (transport.Device is null) Assert.Equal(Errno.Ok, await transport.RegisterAsync());
    }

    private async ValueTask UnloadAsync(DirectTransport transport)
    {
        await transport.UnregisterAsync();
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync(_module.Name));
    }
}
