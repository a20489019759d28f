using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using RemoteprocEmu.Rpmsg.Wire;
using RemoteprocEmu.Virtio.Device;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.VirtioBackend;

/// <summary>Messages by the batch, endpoint to endpoint, on the objects that all other messages use.</summary>
public sealed class FastPathTests : IDisposable
{
    private const ulong Flags = RpmsgMachine.NameService;
    private const ulong Events = Flags | RpmsgMachine.EventIndex;
    private const ulong InOrder = Flags | (1UL << VirtioFeatures.InOrder);

    private readonly RpmsgMachine _machine = new();
    private readonly List<int> _unpolled = [];
    private RpmsgEndpoint _host = null!;
    private RemoteEndpoint _remote = null!;
    private RpmsgFastPath _path = null!;

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(Flags)]
    [InlineData(Events)]
    [InlineData(InOrder)]
    public void A_batch_of_the_host_arrives_in_order_and_is_kicked_once(ulong features) => Run(16, features, () =>
    {
        _machine.Vdev.HostKicks.Clear();
        for (int round = 0; round < 5000; round++) // the index wraps
        {
            _ = _machine.Remote.Poll(); // it wants kicks
            SendFromHost(14 * round, count: 14);
            RemoteCounter counter = new(14 * round);
            Assert.Equal(RemoteStatus.Ok, _machine.Remote.Poll(ref counter, int.MaxValue, out int count));
            Assert.Equal((14, 14, 0), (count, counter.Count, counter.Wrong));
        }

        Assert.Equal(Enumerable.Repeat(1, 5000), _machine.Vdev.HostKicks);
        Assert.Equal(70_000 & 0xffff, _machine.Vdev.AvailIndex(1));
    });

    [Theory]
    [InlineData(Flags)]
    [InlineData(Events)]
    [InlineData(InOrder)]
    public void A_batch_of_the_remote_arrives_in_order_and_its_buffers_are_lent_again(ulong features) => Run(16, features, () =>
    {
        for (int round = 0; round < 5000; round++)
        {
            SendFromRemote(14 * round, count: 14);
            HostCounter counter = new(14 * round);
            Assert.Equal(14, _path.Poll(ref counter, int.MaxValue));
            Assert.Equal((14, 0), (counter.Count, counter.Wrong));
        }

        Assert.Equal((_machine.Vdev.AvailIndex(0), 0), ((16 + 70_000) & 0xffff, _unpolled.Count));
    });

    [Theory]
    [InlineData(Flags, 5)]
    [InlineData(InOrder, 1)] // one used entry for all five
    public void In_order_one_used_entry_stands_for_a_batch(ulong features, int entries) => Run(8, features, () =>
    {
        int before = UsedEntries();
        SendFromRemote(0, count: 5);
        Assert.Equal(before + entries, UsedEntries());
        HostCounter counter = new(0);
        Assert.Equal((5, 0), (_path.Poll(ref counter, int.MaxValue), counter.Wrong));
    });

    [Fact]
    public void What_does_not_fit_is_not_reserved_and_what_was_committed_arrives() => Run(4, Flags, () =>
    {
        SendFromHost(0, count: 4);
        Assert.Equal(0, TrySendFromHost(4, count: 1));
        RemoteCounter counter = new(0);
        _ = _machine.Remote.Poll(ref counter, int.MaxValue, out _);
        Assert.Equal((4, 0), (counter.Count, counter.Wrong));
        SendFromHost(4, count: 4);
        Assert.Equal(4, TrySendFromRemote(0, count: 5));
        HostCounter host = new(0);
        Assert.Equal((2, 2, 0), (_path.Poll(ref host, max: 2), host.Count, host.Wrong));
        Assert.Equal(2, _path.Poll(ref host, max: 9));
    });

    [Fact]
    public void What_was_reserved_and_not_committed_is_free_again_on_both_sides() => Run(4, Flags, () =>
    {
        using (RpmsgSendBatch batch = _path.BeginBatch(_host))
        {
            Assert.True(batch.TryReserve(out Span<byte> payload));
            batch.Commit(Number(payload, 0));
            Assert.True(batch.TryReserve(out _));
            _ = Assert.Throws<InvalidOperationException>(() => _path.BeginBatch(_host));
        }

        SendFromHost(1, count: 3);
        RemoteCounter counter = new(0);
        _ = _machine.Remote.Poll(ref counter, int.MaxValue, out _);
        Assert.Equal((4, 0), (counter.Count, counter.Wrong));

        using (RemoteSendBatch batch = _remote.BeginBatch())
        {
            Assert.True(batch.TryReserve(out Span<byte> payload));
            batch.Commit(Number(payload, 0));
            _ = Assert.Throws<InvalidOperationException>(() => _remote.BeginBatch());
        }

        SendFromRemote(1, count: 3);
        HostCounter host = new(0);
        Assert.Equal((4, 0), (_path.Poll(ref host, int.MaxValue), host.Wrong));
    });

    [Fact]
    public void Who_says_how_many_has_no_more_in_hand_and_may_still_send_more() => Run(4, Flags, () =>
    {
        using (RpmsgSendBatch batch = _path.BeginBatch(_host, max: 1))
        {
            Assert.True(batch.TryReserve(out Span<byte> payload));
            batch.Commit(Number(payload, 0));
            Assert.True(batch.TryReserve(out payload)); // the batch had room for one: that one is published by now
            RemoteCounter counter = new(0);
            _ = _machine.Remote.Poll(ref counter, int.MaxValue, out int seen);
            Assert.Equal((1, 0), (seen, counter.Wrong));
            batch.Commit(Number(payload, 1));
        }

        RemoteCounter second = new(1);
        _ = _machine.Remote.Poll(ref second, int.MaxValue, out _);
        Assert.Equal((1, 0), (second.Count, second.Wrong));

        using (RemoteSendBatch batch = _remote.BeginBatch(max: 1))
        {
            for (int i = 0; i < 3; i++)
            {
                Assert.True(batch.TryReserve(out Span<byte> payload));
                batch.Commit(Number(payload, i));
            }
        }

        HostCounter host = new(0);
        Assert.Equal((3, 0), (_path.Poll(ref host, int.MaxValue), host.Wrong));
        Assert.Throws<ArgumentOutOfRangeException>(() => _path.BeginBatch(_host, max: 0).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => _remote.BeginBatch(max: 0).Dispose());
    });

    [Fact]
    public void A_remote_that_polls_all_the_time_is_kicked_only_while_it_asks_for_it() => Run(8, Flags, () =>
    {
        RemoteCounter counter = new(0);
        _ = _machine.Remote.Poll(); // it finds its driver
        _machine.Remote.StopKicks();
        _machine.Vdev.HostKicks.Clear();
        SendFromHost(0, count: 2);
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.Poll(ref counter, int.MaxValue, out _));
        SendFromHost(2, count: 2);
        Assert.Empty(_machine.Vdev.HostKicks);
        Assert.True(_machine.Remote.StartKicks()); // those slipped in: no kick comes for them
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.Poll(ref counter, int.MaxValue, out _));
        Assert.False(_machine.Remote.StartKicks());
        SendFromHost(4, count: 2);
        Assert.Equal([1], _machine.Vdev.HostKicks);
        _ = _machine.Remote.Poll(ref counter, int.MaxValue, out _);
        Assert.Equal((6, 0), (counter.Count, counter.Wrong));
    });

    [Fact]
    public void A_length_beyond_the_buffer_and_a_commit_without_reservation_are_the_callers_mistake() => Run(4, Flags, () =>
    {
        Assert.Equal(496, _host.MtuBytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => CommitOnHost(497));
        Assert.Throws<ArgumentOutOfRangeException>(() => CommitOnHost(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CommitOnRemote(497));
        Assert.Throws<InvalidOperationException>(() =>
        {
            using RpmsgSendBatch batch = _path.BeginBatch(_host);
            batch.Commit(1);
        });
        Assert.Throws<ArgumentException>(() => _path.BeginBatch(_host.Address, RpmsgAddress.Any).Dispose());
        Assert.Throws<ArgumentException>(() => _machine.Remote.BeginBatch(_remote.Address, RpmsgAddress.Any).Dispose());
        CommitOnHost(496);
        CommitOnRemote(496);
    });

    [Theory]
    [InlineData(Flags)]
    [InlineData(InOrder)]
    public void Held_messages_stay_as_they_are_and_come_back_when_released(ulong features) => Run(4, features, () =>
    {
        SendFromRemote(0, count: 4);
        HostCounter host = new(0) { HoldsAt = 1 };
        Assert.Equal((4, 0), (_path.Poll(ref host, int.MaxValue), host.Wrong));
        SendFromRemote(4, count: 3); // the fourth buffer is held
        Assert.Equal(0, TrySendFromRemote(7, count: 1));
        Assert.Equal(1, BitConverter.ToInt32(host.Held.Payload));
        host.Held.Dispose();
        Assert.Throws<InvalidOperationException>(host.Held.Dispose);
        SendFromRemote(7, count: 1);
        Assert.Equal((4, 0), (_path.Poll(ref host, int.MaxValue), host.Wrong));

        SendFromHost(0, count: 4);
        RemoteCounter remote = new(0) { HoldsAt = 1 };
        _ = _machine.Remote.Poll(ref remote, int.MaxValue, out _);
        int free = features == Flags ? 3 : 1; // in order, what comes behind the held one waits for it
        SendFromHost(4, count: free);
        Assert.Equal(0, TrySendFromHost(9, count: 1));
        Assert.Equal(1, BitConverter.ToInt32(remote.Held.Payload));
        _machine.Remote.Release(remote.Held);
        Assert.Throws<InvalidOperationException>(() => _machine.Remote.Release(remote.Held));
        SendFromHost(4 + free, count: 4 - free);
        _ = _machine.Remote.Poll(ref remote, int.MaxValue, out _);
        Assert.Equal((8, 0), (remote.Count, remote.Wrong));
    });

    [Fact]
    public void Who_releases_more_than_he_holds_is_told_at_once() => Run(4, Flags, () =>
    {
        SendFromRemote(0, count: 1);
        HostCounter host = new(0) { HoldsAt = 0, ReleasesTwice = true };
        Assert.Throws<InvalidOperationException>(() => _path.Poll(ref host, int.MaxValue));
        SendFromRemote(1, count: 4);
        host.HoldsAt = -1;
        Assert.Equal((4, 0), (_path.Poll(ref host, int.MaxValue), host.Wrong));

        SendFromHost(0, count: 1);
        RemoteCounter remote = new(0) { HoldsAt = 0, ReleasesTwice = true };
        Assert.Throws<InvalidOperationException>(() => _machine.Remote.Poll(ref remote, int.MaxValue, out _));
        remote.HoldsAt = -1;
        _ = _machine.Remote.Poll(); // publishes that buffer
        SendFromHost(1, count: 4);
        _ = _machine.Remote.Poll(ref remote, int.MaxValue, out _);
        Assert.Equal((5, 0), (remote.Count, remote.Wrong));
    });

    [Fact]
    public void A_header_that_lies_loses_its_message_alone() => Run(4, Flags, () =>
    {
        SendFromRemote(0, count: 3);
        BitConverter.TryWriteBytes(_machine.Vdev.RxBuffer(1)[12..], (ushort)600);
        HostCounter host = new(0);
        Assert.Equal((3, 2, 1), (_path.Poll(ref host, int.MaxValue), host.Count, host.Wrong)); // 2 where 1 was due
        Assert.Equal("virtio_rpmsg_bus virtio0: inbound msg too big: (20, 600)", _machine.Log[^1]);
        Assert.Equal(4 + 2, _machine.Vdev.AvailIndex(0)); // the buffer is lost, as in the kernel

        SendFromHost(0, count: 2);
        BitConverter.TryWriteBytes(_machine.Vdev.Buffers!.Memory.Span[((4 * 512) + 12)..], (ushort)600);
        RemoteCounter remote = new(1);
        _ = _machine.Remote.Poll(ref remote, int.MaxValue, out int count);
        Assert.Equal((2, 1, 0, 1), (count, remote.Count, remote.Wrong, _machine.Remote.MalformedCount));
    });

    [Fact]
    public void Messages_for_others_come_to_their_own_handlers_and_one_that_waits_becomes_a_task() => Run(8, Flags, async () =>
    {
        RpmsgEndpoint other = _host.Device.CreateEndpoint(async message =>
        {
            await _machine.Scheduler.DelayAsync(1000);
            _unpolled.Add(BitConverter.ToInt32(message.Payload));
        }, RpmsgAddress.Any)!;
        SendFromRemote(0, count: 2);
        Assert.Equal(RemoteStatus.Ok, _remote.TrySendTo(other.Address, BitConverter.GetBytes(77)));
        Assert.Equal(RemoteStatus.Ok, _remote.TrySendTo(new RpmsgAddress(999), BitConverter.GetBytes(78)));
        SendFromRemote(2, count: 2);
        HostCounter host = new(0);
        Assert.Equal((6, 4, 0), (_path.Poll(ref host, int.MaxValue), host.Count, host.Wrong));
        Assert.EndsWith("msg received with no recipient", _machine.Log[^1], StringComparison.Ordinal);
        Assert.Empty(_unpolled);
        await _machine.Scheduler.DelayAsync(2000);
        Assert.Equal([77], _unpolled);
        Assert.Equal(8 + 6, _machine.Vdev.AvailIndex(0)); // its buffer came back with it
    });

    [Fact]
    public void An_endpoint_is_not_destroyed_from_its_own_polling_handler() => Run(4, Flags, () =>
    {
        SendFromRemote(0, count: 1);
        HostCounter host = new(0) { Destroys = true };
        Assert.Throws<InvalidOperationException>(() => _path.Poll(ref host, int.MaxValue));
    });

    [Fact]
    public void A_peer_that_polls_is_never_rung() => Run(8, Flags, () =>
    {
        _ = _machine.Remote.Poll();
        _path.PeerPolls = _machine.Remote.PeerPolls = true;
        _machine.Vdev.HostKicks.Clear();
        _machine.RemoteKicks.Clear();
        SendFromHost(0, count: 3);
        SendFromRemote(0, count: 3);
        RemoteCounter remote = new(0);
        HostCounter host = new(0);
        _ = _machine.Remote.Poll(ref remote, int.MaxValue, out _);
        Assert.Equal((3, 3), (_path.Poll(ref host, int.MaxValue), remote.Count));
        Assert.Empty(_machine.Vdev.HostKicks);
        Assert.Empty(_machine.RemoteKicks);
    });

    [Theory]
    [InlineData(Flags)]
    [InlineData(InOrder)]
    public void A_batch_allocates_nothing(ulong features) => Run(64, features, () =>
    {
        _machine.Vdev.HostKicks.Capacity = 1000; // a kick is forced each 65535 messages
        _path.PeerPolls = _machine.Remote.PeerPolls = true;
        Circulate(3000);
        Circulate(3000); // compiled twice by now, and replaced while it runs
        long before = GC.GetAllocatedBytesForCurrentThread();
        Circulate(1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    });

    private static int Number(Span<byte> payload, int number)
    {
        MemoryMarshal.Write(payload, in number);
        return sizeof(int);
    }

    private void Circulate(int rounds)
    {
        RemoteCounter remote = new(0);
        HostCounter host = new(0);
        for (int round = 0; round < rounds; round++)
        {
            _ = TrySendFromHost(40 * round, count: 40);
            _ = TrySendFromRemote(40 * round, count: 40);
            _ = _machine.Remote.Poll(ref remote, int.MaxValue, out _);
            _ = _path.Poll(ref host, int.MaxValue);
        }

        if (remote.Count != 40 * rounds || host.Count != 40 * rounds || remote.Wrong + host.Wrong != 0) Assert.Fail("messages are lost");
    }

    private void SendFromHost(int first, int count) => Assert.Equal(count, TrySendFromHost(first, count));

    private int TrySendFromHost(int first, int count)
    {
        int sent = 0;
        using RpmsgSendBatch batch = _path.BeginBatch(_host);
        while (sent < count && batch.TryReserve(out Span<byte> payload)) batch.Commit(Number(payload, first + sent++));
        return sent;
    }

    private void SendFromRemote(int first, int count) => Assert.Equal(count, TrySendFromRemote(first, count));

    private int TrySendFromRemote(int first, int count)
    {
        int sent = 0;
        using RemoteSendBatch batch = _remote.BeginBatch();
        while (sent < count && batch.TryReserve(out Span<byte> payload)) batch.Commit(Number(payload, first + sent++));
        return sent;
    }

    private void CommitOnHost(int lengthBytes)
    {
        using RpmsgSendBatch batch = _path.BeginBatch(_host);
        Assert.True(batch.TryReserve(out _));
        batch.Commit(lengthBytes);
    }

    private void CommitOnRemote(int lengthBytes)
    {
        using RemoteSendBatch batch = _remote.BeginBatch();
        Assert.True(batch.TryReserve(out _));
        batch.Commit(lengthBytes);
    }

    /// <summary>Entries of the ring that receives which somebody has written.</summary>
    private int UsedEntries()
    {
        int written = 0;
        ReadOnlySpan<byte> ring = _machine.Vdev.Ring(0)[_machine.Vdev.Layouts[0].UsedOffset..];
        for (int slot = 0; slot < 8; slot++) written += BitConverter.ToInt64(ring[(4 + (8 * slot))..]) == 0 ? 0 : 1;
        return written;
    }

    private void Run(int size, ulong features, Action test) => Run(size, features, () =>
    {
        test();
        return ValueTask.CompletedTask;
    });

    private void Run(int size, ulong features, Func<ValueTask> test) => _machine.Run(size, async () =>
    {
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", RpmsgAddress.Any,
            (_, in message) => _unpolled.Add(BitConverter.ToInt32(message.Payload)), out RemoteEndpoint? remote));
        RpmsgChannelInfo info = new("fast", new RpmsgAddress(100), remote!.Address);
        RpmsgDevice channel = (await _machine.Control.CreateChannelAsync(info))!;
        _host = channel.CreateEndpoint(message =>
        {
            _unpolled.Add(BitConverter.ToInt32(message.Payload));
            return ValueTask.CompletedTask;
        }, RpmsgAddress.Any)!;
        _remote = remote;
        _remote.Destination = _host.Address;
        _remote.IsPolled = _host.IsPolled = true;
        _path = RpmsgFastPath.Of(channel);
        await test();
    }, features: features);

    /// <summary>Counts up with the messages; holds one of them.</summary>
    private struct HostCounter(int next) : IRpmsgBatchHandler
    {
        private int _next = next;

        public int Count { get; private set; }

        public int Wrong { get; private set; }

        public int HoldsAt { get; set; } = -1;

        public bool ReleasesTwice { get; init; }

        public bool Destroys { get; init; }

        public RpmsgHold Held { get; private set; }

        public void OnMessage(in RpmsgBatchMessage message)
        {
            int number = BitConverter.ToInt32(message.Payload);
            if (number != _next) Wrong++;
            _next = number + 1;
            Count++;
            if (Destroys) message.Endpoint.DestroyAsync().AsTask().GetAwaiter().GetResult();
            if (number != HoldsAt) return;
            Held = message.Hold();
            if (!ReleasesTwice) return;
            Held.Dispose();
            Held.Dispose();
        }
    }

    private struct RemoteCounter(int next) : IRemoteMessageHandler
    {
        private int _next = next;

        public int Count { get; private set; }

        public int Wrong { get; private set; }

        public int HoldsAt { get; set; } = -1;

        public bool ReleasesTwice { get; init; }

        public RemoteRxBuffer Held { get; private set; }

        public void OnMessage(RemoteEndpoint endpoint, in RemoteMessage message)
        {
            int number = BitConverter.ToInt32(message.Payload);
            if (number != _next) Wrong++;
            _next = number + 1;
            Count++;
            if (number != HoldsAt) return;
            Held = message.Hold();
            if (!ReleasesTwice) return;
            endpoint.Remote.Release(Held);
            endpoint.Remote.Release(Held);
        }
    }
}
