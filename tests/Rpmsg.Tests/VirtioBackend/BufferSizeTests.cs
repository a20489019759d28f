using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

/// <summary>VIRTIO_RPMSG_F_BUFSZ: buffers as large as the remote asks for.</summary>
public sealed class BufferSizeTests : IDisposable
{
    private const ulong Features = RpmsgMachine.NameService | RpmsgMachine.BufferSizes;
    private static readonly RpmsgAddress Peer = new(30);
    private static readonly RpmsgAddress Ours = new(1024);

    private readonly RpmsgMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RM_36_the_remote_says_how_large_the_buffers_are() => _machine.Run(8, async () =>
    {
        Assert.Equal(7, (int)_machine.Vdev.Status);
        Assert.Equal(3u, _machine.Vdev.DriverFeatures);
        Assert.Equal((8 * 1024) + (8 * 2048), _machine.Vdev.Buffers!.Memory.Length);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(1024u, _machine.Vdev.Descriptor(0, i).LengthBytes);
            Assert.Equal(_machine.Vdev.Buffers.Address.Value + (ulong)(1024 * i), _machine.Vdev.Descriptor(0, i).Address);
        }

        List<int> here = [];
        List<int> there = [];
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(message =>
        {
            here.Add(message.Payload.Length);
            return ValueTask.CompletedTask;
        }, Ours)!;
        RemoteMessageHandler handler = (_, in message) => there.Add(message.Payload.Length);
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, handler, out _));
        Assert.Equal(2032, endpoint.MtuBytes);
        for (int round = 0; round < 3; round++) // every buffer is used, and used again
        {
            for (int i = 0; i < 8; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, new byte[2032]));
            Assert.Equal(Errno.EMSGSIZE, endpoint.TrySendTo(Peer, new byte[2033]));
            for (int i = 0; i < 8; i++) Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Ours, new byte[1008]));
            Assert.Equal(RemoteStatus.Ok, _machine.Remote.Poll());
            _ = await _machine.InterruptRxAsync();
        }

        Assert.Equal(RemoteStatus.TooLong, _machine.Remote.TrySend(Peer, Ours, new byte[1009]));
        Assert.Equal(24, here.Count);
        Assert.Equal(24, there.Count);
        Assert.All(here, length => Assert.Equal(1008, length));
        Assert.All(there, length => Assert.Equal(2032, length));
    }, features: Features, config: Config(1, 11, 1024, 2048));

    [Fact]
    public void RM_36_each_ring_says_how_many() => _machine.Run(512, () =>
    {
        Assert.DoesNotContain(_machine.Log, line => line.StartsWith("WARNING", StringComparison.Ordinal));
        Assert.Equal((256 * 64) + (4 * 512), _machine.Vdev.Buffers!.Memory.Length);
        Assert.Equal(256, _machine.Vdev.AvailIndex(0));
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, Ours)!;
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, "x"u8));
        Assert.Equal(Errno.ENOMEM, endpoint.TrySendTo(Peer, "x"u8)); // as many buffers as descriptors: none is lost, unlike RM-04
        return ValueTask.CompletedTask;
    }, txSize: 4, features: Features, config: Config(1, 11, 64, 512));

    [Theory]
    [InlineData(0, 11, 1024u, 2048u)] // version
    [InlineData(1, 0, 1024u, 2048u)]  // size
    [InlineData(1, 11, 15u, 2048u)]   // no room for a header
    [InlineData(1, 11, 1024u, 15u)]
    public void RM_37_a_configuration_that_says_nothing_fails_the_probe(byte version, ushort size, uint tx, uint rx) =>
        ExpectRefusal(Config(version, size, tx, rx), -22);

    [Fact]
    public void RM_37_a_configuration_space_that_is_too_short_fails_the_probe() => ExpectRefusal(new byte[10], -22);

    [Theory]
    [InlineData(uint.MaxValue, 512u)]
    [InlineData(512u, 0x8000_0000u)]
    [InlineData(0x7fff_0000u, 0x7fff_0000u)]
    public void Buffers_beyond_all_memory_fail_the_probe(uint tx, uint rx) => ExpectRefusal(Config(1, 11, tx, rx), -12);

    [Fact]
    public void A_header_says_at_most_65535_bytes_however_large_the_buffer() => _machine.Run(2, () =>
    {
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, Ours)!;
        Assert.Equal(65535, endpoint.MtuBytes);
        Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, new byte[65535]));
        Assert.Equal(Errno.EMSGSIZE, endpoint.TrySendTo(Peer, new byte[65536]));
        int length = 0;
        RemoteMessageHandler handler = (_, in message) => length = message.Payload.Length;
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, handler, out _));
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.Poll());
        Assert.Equal(65535, length);
        return ValueTask.CompletedTask;
    }, features: Features, config: Config(1, 11, 512, 100_000));

    [Fact]
    public void A_driver_of_today_does_not_look_at_the_bit()
    {
        _machine.VirtioRpmsgBus.KnowsBufferSizes = false;
        _machine.Run(8, () =>
        {
            Assert.Equal(1u, _machine.Vdev.DriverFeatures);
            Assert.Equal(16 * 512, _machine.Vdev.Buffers!.Memory.Length);
            return ValueTask.CompletedTask;
        }, features: Features, config: Config(0, 0, 0, 0));
    }

    private void ExpectRefusal(byte[] config, int errno) => _machine.Run(8, () =>
    {
        Assert.Equal([0, 1, 3, 0x83], _machine.Vdev.Statuses);
        Assert.Equal([$"virtio_rpmsg_bus: probe of virtio0 failed with error {errno}"], _machine.Log);
        Assert.Null(_machine.Device.Driver);
        Assert.Empty(_machine.Device.Virtqueues);
        Assert.Null(_machine.Vdev.Buffers);
        return ValueTask.CompletedTask;
    }, features: Features, config: config);

    private static byte[] Config(byte version, ushort size, uint txBufferBytes, uint rxBufferBytes)
    {
        byte[] bytes = new byte[RpmsgConfig.LengthBytes];
        RpmsgConfig config = new(version, size, txBufferBytes, rxBufferBytes);
        MemoryMarshal.Write(bytes, in config);
        return bytes;
    }
}
