using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Remote;

public sealed class RemoteRpmsgTests : IDisposable
{
    private readonly HostDouble _host = new();
    private readonly VirtualScheduler _scheduler = new();
    private readonly RemoteRpmsg _remote;
    private readonly List<string> _received = [];

    public RemoteRpmsgTests() => _remote = new RemoteRpmsg(_scheduler, _host.Memory, _host, _host.Kicks.Add);

    public void Dispose() => _host.Dispose();

    [Fact]
    public void Without_a_driver_nothing_is_touched()
    {
        Assert.Equal(RemoteStatus.NoDriver, _remote.Poll());
        Assert.Equal(RemoteStatus.NoDriver, _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), []));
        Assert.Empty(_host.Kicks);
    }

    [Fact]
    public void It_waits_for_DRIVER_OK_looking_each_millisecond()
    {
        bool found = false;
        _scheduler.Run(async () =>
        {
            KernelTask remote = _scheduler.Spawn("remote", async () => found = await _remote.WaitForDriverAsync());
            await _scheduler.DelayAsync(2_500_000);
            _host.Probe();
            _ = await remote.Ended.WaitAsync();
            Assert.Equal(3_000_000, _scheduler.NowNs);
            Assert.False(await new RemoteRpmsg(_scheduler, _host.Memory, new HostDouble(), _ => { }).WaitForDriverAsync(10_000_000));
        });
        Assert.True(found);
    }

    [Fact]
    public void An_endpoint_made_before_the_driver_came_is_announced_when_it_comes()
    {
        RemoteEndpoint endpoint = Create("echo", RpmsgAddress.Any);
        Assert.False(endpoint.IsAnnounced);

        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.Poll());

        (int Buffer, RpmsgHeader Header, byte[] Payload, uint UsedBytes) message = _host.Receive()!.Value;
        Assert.Equal(new RpmsgAddress(0x400), message.Header.Source);
        Assert.Equal(RpmsgAddress.NameService, message.Header.Destination);
        Assert.Equal(40, message.Header.LengthBytes);
        Assert.Equal(56u, message.UsedBytes);
        NameServiceMessage announcement = MemoryMarshal.Read<NameServiceMessage>(message.Payload);
        Assert.Equal("echo", announcement.Name.ToString());
        Assert.Equal(new RpmsgAddress(0x400), announcement.Address);
        Assert.False(announcement.IsDestroy);
        Assert.Equal([10], _host.Kicks);
    }

    [Fact]
    public void Without_the_name_service_feature_nothing_is_announced()
    {
        _host.DriverFeatures = 0;
        _host.Probe();
        _ = Create("echo", RpmsgAddress.Any);
        _ = _remote.Poll();
        Assert.Null(_host.Receive());
    }

    [Fact]
    public void Announcements_that_find_no_buffer_come_later()
    {
        for (int i = 0; i < HostDouble.QueueSize + 2; i++) _ = Create($"service{i}", RpmsgAddress.Any);
        _host.Probe();
        _ = _remote.Poll();
        for (int i = 0; i < HostDouble.QueueSize; i++) Assert.NotNull(_host.Receive());
        _host.Lend(0);
        _host.Lend(1);
        _ = _remote.Poll();
        Assert.Equal("service4", NameOf(_host.Receive()!.Value.Payload));
        Assert.Equal("service5", NameOf(_host.Receive()!.Value.Payload));
    }

    [Fact]
    public void Destroying_an_announced_endpoint_takes_it_back()
    {
        _host.Probe();
        RemoteEndpoint endpoint = Create("echo", RpmsgAddress.Any);
        _ = _host.Receive();

        Assert.Equal(RemoteStatus.Ok, _remote.DestroyEndpoint(endpoint));

        Assert.True(MemoryMarshal.Read<NameServiceMessage>(_host.Receive()!.Value.Payload).IsDestroy);
        Assert.Throws<InvalidOperationException>(() => _remote.DestroyEndpoint(endpoint));
    }

    [Fact]
    public void Dynamic_addresses_are_next_fit_over_128()
    {
        RemoteEndpoint first = Create("", RpmsgAddress.Any);
        Assert.Equal(RemoteStatus.Ok, _remote.DestroyEndpoint(first));
        Assert.Equal(new RpmsgAddress(0x401), Create("", RpmsgAddress.Any).Address); // not 0x400 again, as Linux would
        for (int i = 0; i < 127; i++) _ = Create("", RpmsgAddress.Any);
        Assert.Equal(RemoteStatus.NoAddress, _remote.TryCreateEndpoint("", RpmsgAddress.Any, OnMessage, out _));
        Assert.Equal(RemoteStatus.AddressTaken, _remote.TryCreateEndpoint("", new RpmsgAddress(0x47f), OnMessage, out _));
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("", new RpmsgAddress(0x480), OnMessage, out _));
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("", new RpmsgAddress(7), OnMessage, out _));
        Assert.Equal(RemoteStatus.AddressTaken, _remote.TryCreateEndpoint("", new RpmsgAddress(7), OnMessage, out _));
    }

    [Fact]
    public void The_first_message_binds_an_endpoint_and_its_answer_finds_the_way()
    {
        _host.Probe();
        RemoteEndpoint endpoint = Create("", new RpmsgAddress(30));
        _ = _host.Send(0, source: 1024, destination: 30, "hello"u8);
        Assert.Equal(RemoteStatus.Ok, _remote.Poll());

        Assert.Equal(["hello"], _received);
        Assert.Equal(new RpmsgAddress(1024), endpoint.Destination);
        Assert.Equal(0, _host.Reclaim());
        Assert.Equal(RemoteStatus.Ok, endpoint.TrySend("world"u8));
        (int Buffer, RpmsgHeader Header, byte[] Payload, uint UsedBytes) answer = _host.Receive()!.Value;
        Assert.Equal("world", Encoding.ASCII.GetString(answer.Payload));
        Assert.Equal(new RpmsgAddress(1024), answer.Header.Destination);
    }

    [Fact]
    public void A_batch_is_published_and_kicked_once_each_way()
    {
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("", new RpmsgAddress(30), Echo, out _));
        for (int i = 0; i < 3; i++) _ = _host.Send(i, 1024, 30, [(byte)i]);

        Assert.Equal(RemoteStatus.Ok, _remote.Poll());

        Assert.Equal([11, 10], _host.Kicks);
        for (int i = 0; i < 3; i++) Assert.Equal([(byte)i], _host.Receive()!.Value.Payload);
    }

    [Fact]
    public void RM_34_held_buffers_starve_the_host_until_one_is_released()
    {
        List<RemoteRxBuffer> held = [];
        _host.Probe();
        RemoteMessageHandler hold = (_, in message) => held.Add(message.Hold());
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("", new RpmsgAddress(30), hold, out _));
        for (int i = 0; i < 4; i++) Assert.Equal(RingStatus.Ok, _host.Send(i, 1024, 30, [(byte)i]));
        _ = _remote.Poll();

        Assert.Equal(-1, _host.Reclaim());
        Assert.Equal([2], held[2].Payload.ToArray());
        _remote.Release(held[2]);
        Assert.Equal(2, _host.Reclaim());
        Assert.Equal(RingStatus.Ok, _host.Send(2, 1024, 30, [9]));
        Assert.Throws<InvalidOperationException>(() => _remote.Release(held[2]));
    }

    [Fact]
    public void RM_35_a_buffer_put_back_unsent_is_taken_again_without_a_ring_operation()
    {
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.TryReserve(out RemoteTxBuffer first));
        first.Payload[0] = 0x5a;
        byte[] ring = _host.Ring(0).ToArray();
        _remote.Release(first);
        Assert.Equal(RemoteStatus.Ok, _remote.TryReserve(out RemoteTxBuffer again));

        Assert.Equal(0x5a, again.Payload[0]);
        Assert.Equal(ring, _host.Ring(0).ToArray());
        Assert.Throws<InvalidOperationException>(() => _remote.Release(first));
    }

    [Fact]
    public void A_buffer_is_sent_once()
    {
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.TryReserve(out RemoteTxBuffer buffer));
        Assert.Equal(496, buffer.Payload.Length);
        Assert.Equal(RemoteStatus.TooLong, _remote.Commit(buffer, new RpmsgAddress(1), new RpmsgAddress(2), 497));
        Assert.Equal(RemoteStatus.NoDestination, _remote.Commit(buffer, new RpmsgAddress(1), RpmsgAddress.Any, 4));
        Assert.Equal(RemoteStatus.Ok, _remote.Commit(buffer, new RpmsgAddress(1), new RpmsgAddress(2), 496));
        Assert.Throws<InvalidOperationException>(() => _remote.Commit(buffer, new RpmsgAddress(1), new RpmsgAddress(2), 4));
    }

    [Fact]
    public void No_buffer_asks_for_a_kick_and_a_buffer_says_no_more_are_needed()
    {
        _host.Probe();
        for (int i = 0; i < 4; i++) Assert.Equal(RemoteStatus.Ok, _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), []));
        Assert.False(_host.Driver(0).ShouldKick());
        Assert.Equal(RemoteStatus.NoBuffer, _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), []));
        Assert.True(_host.Driver(0).ShouldKick());
        Assert.NotNull(_host.Receive());
        _host.Lend(0);
        Assert.Equal(RemoteStatus.Ok, _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), []));
        Assert.False(_host.Driver(0).ShouldKick());
    }

    [Fact]
    public void A_blocked_send_goes_on_when_a_buffer_comes_and_gives_up_after_15_s()
    {
        _host.Probe();
        _scheduler.Run(async () =>
        {
            for (int i = 0; i < 4; i++) _ = _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), []);
            Assert.Equal(RemoteStatus.NoBuffer, await _remote.SendAsync(new RpmsgAddress(1), new RpmsgAddress(2), default));
            Assert.Equal(15_000_000_000, _scheduler.NowNs);
            _ = _host.Receive();
            _host.Lend(0);
            Assert.Equal(RemoteStatus.Ok, await _remote.SendAsync(new RpmsgAddress(1), new RpmsgAddress(2), default));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // 7 -> 0 -> 7 between two looks: the rings give it away
    public void A_reset_makes_old_buffers_stale_and_announces_anew(bool isSeen)
    {
        List<RemoteRxBuffer> held = [];
        _host.Probe();
        RemoteMessageHandler hold = (_, in message) => held.Add(message.Hold());
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("echo", RpmsgAddress.Any, hold, out RemoteEndpoint? endpoint));
        _ = _host.Send(0, 1024, 1024, "x"u8);
        _ = _remote.Poll();
        Assert.Equal(RemoteStatus.Ok, _remote.TryReserve(out RemoteTxBuffer reserved));

        _host.Status = 0;
        if (isSeen) Assert.Equal(RemoteStatus.NoDriver, _remote.Poll());
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.Poll());

        Assert.Equal(2, _remote.LinkCount);
        Assert.Equal("echo", NameOf(_host.Receive()!.Value.Payload));
        Assert.True(endpoint!.Destination.IsAny);
        Assert.True(held[0].Payload.IsEmpty);
        _remote.Release(held[0]);
        Assert.Equal(RemoteStatus.Stale, _remote.Commit(reserved, new RpmsgAddress(1), new RpmsgAddress(2), 0));
        Assert.Equal(-1, _host.Reclaim());
    }

    [Fact]
    public void Buffers_held_over_a_reset_that_nobody_saw_do_not_get_into_the_next_drivers_rings()
    {
        List<RemoteRxBuffer> held = [];
        _host.Probe();
        RemoteMessageHandler hold = (_, in message) => held.Add(message.Hold());
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("echo", RpmsgAddress.Any, hold, out _));
        _ = _host.Send(0, 1024, 1024, "x"u8);
        _ = _remote.Poll();
        Assert.Equal(RemoteStatus.Ok, _remote.TryReserve(out RemoteTxBuffer reserved));
        _host.Status = 0;
        _host.Probe();

        Assert.Equal(RemoteStatus.Stale, _remote.Commit(reserved, new RpmsgAddress(1), new RpmsgAddress(2), 0));
        _remote.Release(held[0]);
        Assert.Equal(-1, _host.Reclaim());
        Assert.Null(_host.Receive());
        Assert.Equal(RemoteStatus.Ok, _remote.Poll());
        Assert.Equal("echo", NameOf(_host.Receive()!.Value.Payload));
    }

    [Fact]
    public void A_header_that_claims_more_than_its_buffer_is_dropped_and_counted()
    {
        _host.Probe();
        _ = Create("", new RpmsgAddress(30));
        _ = _host.Send(0, 1, 30, "abc"u8, lyingLength: 4);
        _ = _host.Send(1, 1, 30, "def"u8);
        _ = _host.Send(2, 1, 31, "nobody"u8);
        _ = _remote.Poll();
        Assert.Equal(["def"], _received);
        Assert.Equal((1, 1, 3), (_remote.MalformedCount, _remote.NoRecipientCount, _remote.ReceivedCount));
        Assert.Equal(0, _host.Reclaim());
    }

    [Fact]
    public void A_channel_that_the_host_announces_binds_the_endpoint_of_that_name()
    {
        List<string> seen = [];
        _remote.HostAnnounced = (name, address, isThere) => seen.Add($"{name} {address} {isThere}");
        _host.Probe();
        RemoteEndpoint endpoint = Create("tty", new RpmsgAddress(30));
        NameServiceMessage create = new(new RpmsgName("tty"), new RpmsgAddress(100), NameServiceFlags.Create);
        NameServiceMessage destroy = new(new RpmsgName("tty"), new RpmsgAddress(100), NameServiceFlags.Destroy);

        _ = _host.Send(0, 100, 53, MemoryMarshal.AsBytes(new ReadOnlySpan<NameServiceMessage>(in create)));
        _ = _remote.Poll();
        Assert.Equal(new RpmsgAddress(100), endpoint.Destination);
        _ = _host.Send(1, 100, 53, MemoryMarshal.AsBytes(new ReadOnlySpan<NameServiceMessage>(in destroy)));
        _ = _remote.Poll();
        Assert.True(endpoint.Destination.IsAny);
        Assert.Equal(["tty 0x64 True", "tty 0x64 False"], seen);
    }

    [Fact]
    public void A_ring_that_was_not_published_is_not_touched()
    {
        _host.Probe();
        _host.Vrings[1] = _host.Vrings[1] with { Address = DeviceAddress.Any };
        Assert.Equal(RemoteStatus.QueueBroken, _remote.Poll());
        Assert.Equal("vring1: RingUnset 0xffffffff", _remote.ReceiveFault.ToString());
        Assert.Equal(RemoteStatus.Ok, _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), [])); // the other ring goes on
    }

    [Theory]
    [InlineData(0x2000_0000UL, 4u, RemoteFaultKind.RingUnmapped)]
    [InlineData(HostDouble.Base + 0x7ff0, 4u, RemoteFaultKind.RingUnmapped)]
    [InlineData(HostDouble.Base + 8, 4u, RemoteFaultKind.RingMisaligned)]
    [InlineData(HostDouble.Base, 3u, RemoteFaultKind.RingGeometry)]
    public void A_ring_entry_that_lies_stops_the_ring(ulong address, uint queueSize, RemoteFaultKind expected)
    {
        _host.Probe();
        _host.Vrings[0] = new RemoteVring(new DeviceAddress(address), 16, queueSize, 10);
        Assert.Equal(RemoteStatus.QueueBroken, _remote.TrySend(new RpmsgAddress(1), new RpmsgAddress(2), []));
        Assert.Equal(expected, _remote.SendFault.Kind);
    }

    [Theory]
    [InlineData(0x9999_0000UL, 32u, 0, RemoteFaultKind.BufferUnmapped)]
    [InlineData(HostDouble.BuffersAt, 15u, 0, RemoteFaultKind.BufferTooSmall)]
    [InlineData(HostDouble.BuffersAt, 0xffff_ffffu, 0, RemoteFaultKind.BufferUnmapped)]
    [InlineData(HostDouble.BuffersAt, 32u, 2, RemoteFaultKind.BufferDirection)]
    [InlineData(HostDouble.BuffersAt, 32u, 1, RemoteFaultKind.RingProtocol)] // NEXT: a message is one buffer
    [InlineData(HostDouble.BuffersAt, 32u, 4, RemoteFaultKind.RingProtocol)] // INDIRECT
    public void A_descriptor_that_lies_stops_the_ring_until_reset(ulong address, uint lengthBytes, int flags, RemoteFaultKind expected)
    {
        _host.Probe();
        _ = Create("", new RpmsgAddress(30));
        _ = _host.Send(0, 1, 30, "abc"u8);
        VringDescriptor descriptor = new(address, lengthBytes, (VringDescriptorFlags)flags, 0);
        MemoryMarshal.Write(_host.Ring(1), in descriptor);

        Assert.Equal(RemoteStatus.QueueBroken, _remote.Poll());
        Assert.Equal(expected, _remote.ReceiveFault.Kind);
        Assert.Empty(_received);
        _host.Status = 0;
        _ = _remote.Poll();
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.Poll());
    }

    [Fact]
    public void A_buffer_offered_twice_stops_the_ring()
    {
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.TryReserve(out _));
        new byte[8].CopyTo(_host.Ring(0)[(_host.Layout.AvailOffset + 4)..]); // every available entry now names descriptor 0
        Assert.Equal(RemoteStatus.QueueBroken, _remote.TryReserve(out _));
        Assert.Equal(RemoteFaultKind.BufferTwice, _remote.SendFault.Kind);
    }

    [Fact]
    public void A_handler_must_not_poll()
    {
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("", new RpmsgAddress(30), (_, in _) => _ = _remote.Poll(), out _));
        _ = _host.Send(0, 1, 30, []);
        Assert.Throws<InvalidOperationException>(() => _remote.Poll());
    }

    [Fact]
    public void Messages_cost_no_allocation()
    {
        _host.Probe();
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint("", new RpmsgAddress(30), Echo, out _));
        RemoteRpmsg remote = new(_scheduler, _host.Memory, _host, static _ => { });
        Assert.Equal(RemoteStatus.Ok, remote.TryCreateEndpoint("", new RpmsgAddress(30), Echo, out _));
        byte[] payload = new byte[100];
        for (int i = 0; i < 1_000; i++) Exchange(remote, payload);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++) Exchange(remote, payload);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(11_000, remote.SentCount);
    }

    private void Exchange(RemoteRpmsg remote, byte[] payload)
    {
        _ = _host.Send(0, 1024, 30, payload);
        _ = remote.Poll();
        _ = _host.Reclaim();
        _ = _host.Driver(0).TryReclaim(out int buffer, out _);
        _host.Lend(buffer);
    }

    private static string NameOf(byte[] payload) => MemoryMarshal.Read<NameServiceMessage>(payload).Name.ToString();

    private RemoteEndpoint Create(string name, RpmsgAddress address)
    {
        Assert.Equal(RemoteStatus.Ok, _remote.TryCreateEndpoint(name, address, OnMessage, out RemoteEndpoint? endpoint));
        return endpoint!;
    }

    private static void Echo(RemoteEndpoint endpoint, in RemoteMessage message) => _ = endpoint.TrySendTo(message.Source, message.Payload);

    private void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message) => _received.Add(Encoding.ASCII.GetString(message.Payload));
}
