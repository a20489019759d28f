using System;
using System.Collections.Generic;
using System.Linq;
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

public sealed class ReceiveTests : IDisposable
{
    private static readonly RpmsgAddress Peer = new(30);
    private static readonly RpmsgAddress Ours = new(1024);

    private readonly RpmsgMachine _machine = new();
    private readonly List<string> _received = [];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RM_12_a_message_for_nobody_is_warned_of_and_its_buffer_lent_again() => _machine.Run(4, async () =>
    {
        MakeRemoteWantKicks();
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, new RpmsgAddress(77), "x"u8));
        _machine.Vdev.HostKicks.Clear();
        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync());

        Assert.Equal("virtio_rpmsg_bus virtio0: msg received with no recipient", _machine.Log[^1]);
        Assert.Equal(5, _machine.Vdev.AvailIndex(0));
        Assert.Equal([0], _machine.Vdev.HostKicks);
    });

    [Fact]
    public void The_warning_of_messages_for_nobody_is_rate_limited() => _machine.Run(32, async () =>
    {
        for (int i = 0; i < 30; i++) Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, new RpmsgAddress(77), "x"u8));
        _ = await _machine.InterruptRxAsync();
        Assert.Equal(10, _machine.Log.Count(line => line.EndsWith("msg received with no recipient", StringComparison.Ordinal)));
    });

    [Fact]
    public void RM_13_a_header_that_lies_loses_its_buffer_and_the_rest_waits_for_the_next_interrupt() => _machine.Run(4, async () =>
    {
        _ = Endpoint();
        for (int i = 0; i < 4; i++) Send($"{i}");
        BitConverter.TryWriteBytes(_machine.Vdev.RxBuffer(0)[12..], (ushort)600);
        _machine.Vdev.HostKicks.Clear();

        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync());
        Assert.Equal("virtio_rpmsg_bus virtio0: inbound msg too big: (17, 600)", _machine.Log[^1]);
        Assert.Empty(_received);
        Assert.Empty(_machine.Vdev.HostKicks);
        Assert.Equal(4, _machine.Vdev.AvailIndex(0)); // nothing lent again

        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync());
        Assert.Equal(["1", "2", "3"], _received);
        Assert.Equal(7, _machine.Vdev.AvailIndex(0));
    });

    [Theory]
    [InlineData(8u)]   // the kernel subtracts 16, wraps, and lets it pass
    [InlineData(15u)]
    [InlineData(513u)]
    [InlineData(uint.MaxValue)]
    [InlineData(16u)]  // the header claims one byte more
    public void RM_14_a_used_length_that_cannot_be_is_refused(uint usedBytes) => _machine.Run(4, async () =>
    {
        _ = Endpoint();
        Send("x");
        BitConverter.TryWriteBytes(_machine.Vdev.Ring(0)[(_machine.Vdev.Layouts[0].UsedOffset + 8)..], usedBytes); // used.ring[0].len
        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync());
        Assert.Equal($"virtio_rpmsg_bus virtio0: inbound msg too big: ({usedBytes}, 1)", _machine.Log[^1]);
        Assert.Empty(_received);
        Send("y");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal(["y"], _received);
    });

    [Fact]
    public void RM_15_ten_messages_in_one_interrupt_are_ten_calls_in_order_and_one_kick() => _machine.Run(16, async () =>
    {
        _ = Endpoint();
        MakeRemoteWantKicks();
        for (int i = 0; i < 10; i++) Send($"{i}");
        _machine.Vdev.HostKicks.Clear();
        Assert.Equal(IrqReturn.Handled, await _machine.InterruptRxAsync());

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), _received);
        Assert.Equal(26, _machine.Vdev.AvailIndex(0));
        Assert.Equal([0], _machine.Vdev.HostKicks);
    });

    [Fact]
    public void RM_16_an_interrupt_without_used_entries_is_not_ours() => _machine.Run(4, async () =>
    {
        Assert.Equal(IrqReturn.None, await _machine.InterruptRxAsync());
        Assert.Single(_machine.Log);
    });

    [Fact]
    public void The_payload_is_read_in_the_vring_buffer() => _machine.Run(4, async () =>
    {
        bool isInPlace = false;
        RpmsgMessage last = default;
        _ = _machine.Control.CreateEndpoint(message =>
        {
            isInPlace = message.Payload.Overlaps(_machine.Vdev.Buffers!.Memory.Span);
            last = message;
            return ValueTask.CompletedTask;
        }, Ours);
        Send("x");
        _ = await _machine.InterruptRxAsync();
        Assert.True(isInPlace);
        Assert.Throws<InvalidOperationException>(() => last.Payload.Length);
        Assert.Throws<InvalidOperationException>(() => last.Hold());
    });

    [Fact]
    public void Held_messages_stay_and_starve_the_remote_until_released() => _machine.Run(4, async () =>
    {
        List<RpmsgHold> held = [];
        _ = _machine.Control.CreateEndpoint(message =>
        {
            held.Add(message.Hold());
            return ValueTask.CompletedTask;
        }, Ours);
        for (int i = 0; i < 4; i++) Send($"{i}");
        _ = await _machine.InterruptRxAsync();

        Assert.Equal(RemoteStatus.NoBuffer, _machine.Remote.TrySend(Peer, Ours, "4"u8));
        Assert.Equal(["0", "1", "2", "3"], held.Select(hold => Encoding.ASCII.GetString(hold.Payload)));
        _machine.Vdev.HostKicks.Clear();
        held[1].Dispose();
        Assert.Equal([0], _machine.Vdev.HostKicks); // the remote has asked for it
        Assert.Throws<InvalidOperationException>(() => held[1].Dispose());
        Send("4");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal("4"u8, held[4].Payload);
    });

    [Fact]
    public void A_handler_that_releases_more_than_it_holds_is_found() => _machine.Run(4, async () =>
    {
        _ = _machine.Control.CreateEndpoint(message =>
        {
            RpmsgHold hold = message.Hold();
            hold.Dispose();
            hold.Dispose();
            return ValueTask.CompletedTask;
        }, Ours);
        Send("x");
        _ = await Assert.ThrowsAsync<InvalidOperationException>(async () => _ = await _machine.InterruptRxAsync());
        Assert.Equal(5, _machine.Vdev.AvailIndex(0)); // lent once, not twice
    });

    [Fact]
    public void A_hold_is_empty_once_its_device_is_gone() => _machine.Run(4, async () =>
    {
        RpmsgHold held = default;
        _ = _machine.Control.CreateEndpoint(message =>
        {
            held = message.Hold();
            return ValueTask.CompletedTask;
        }, Ours);
        Send("x");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        Assert.True(held.Payload.IsEmpty);
        held.Dispose();
    });

    [Fact]
    public void A_handler_that_waits_holds_up_the_rest_and_loses_nothing() => _machine.Run(4, async () =>
    {
        _ = _machine.Control.CreateEndpoint(async message =>
        {
            await _machine.Scheduler.DelayAsync(1_000_000);
            _received.Add(Encoding.ASCII.GetString(message.Payload));
        }, Ours);
        for (int i = 0; i < 3; i++) Send($"{i}");
        KernelTask irq = _machine.Scheduler.Spawn("irq", async () => _ = await _machine.InterruptRxAsync());
        await _machine.Scheduler.DelayAsync(1_500_000);
        Assert.Equal(["0"], _received);
        Send("3");
        _ = await _machine.InterruptRxAsync(); // comes while the first is still at it
        _ = await irq.Ended.WaitAsync();

        Assert.Equal(["0", "1", "2", "3"], _received);
        Assert.Equal(4_000_000, _machine.Scheduler.NowNs);
        Assert.Equal(8, _machine.Vdev.AvailIndex(0));
    });

    [Fact]
    public void Destroying_an_endpoint_waits_for_its_handler() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(async message =>
        {
            await _machine.Scheduler.DelayAsync(5_000_000);
            _received.Add(Encoding.ASCII.GetString(message.Payload));
        }, Ours)!;
        Send("0");
        Send("1");
        KernelTask irq = _machine.Scheduler.Spawn("irq", async () => _ = await _machine.InterruptRxAsync());
        await _machine.Scheduler.DelayAsync(1_000_000);
        await endpoint.DestroyAsync();

        Assert.Equal(5_000_000, _machine.Scheduler.NowNs);
        Assert.Equal(["0"], _received);
        _ = await irq.Ended.WaitAsync();
        Assert.Equal(["0"], _received); // the second found nobody
        await endpoint.DestroyAsync(); // once more is nothing
    });

    [Fact]
    public void An_endpoint_destroyed_from_its_own_handler_would_sleep_for_ever() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint? endpoint = null;
        endpoint = _machine.Control.CreateEndpoint(_ => endpoint!.DestroyAsync(), Ours);
        Send("x");
        _ = await Assert.ThrowsAsync<InvalidOperationException>(async () => _ = await _machine.InterruptRxAsync());
    });

    [Theory]
    [InlineData(RpmsgMachine.NameService)]
    [InlineData(RpmsgMachine.NameService | RpmsgMachine.EventIndex)]
    public void RM_38_order_is_kept_and_nothing_lost_over_the_wrap_of_the_index(ulong features) => _machine.Run(4, async () =>
    {
        const int Count = 100_000;
        int expectedHere = 0;
        int expectedThere = 0;
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(message =>
        {
            Assert.Equal(expectedHere++, BitConverter.ToInt32(message.Payload));
            return ValueTask.CompletedTask;
        }, Ours)!;
        RemoteMessageHandler echo = (ept, in message) =>
        {
            Assert.Equal(expectedThere++, BitConverter.ToInt32(message.Payload));
            Assert.Equal(RemoteStatus.Ok, ept.TrySendTo(message.Source, message.Payload));
        };
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, echo, out _));
        byte[] payload = new byte[4];
        int sent = 0;
        while (sent < Count)
        {
            for (int i = 0; i < 1 + (sent % 3) && sent < Count; i++)
            {
                BitConverter.TryWriteBytes(payload, sent++);
                Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, payload));
            }

            _ = _machine.Remote.Poll();
            _ = await _machine.InterruptRxAsync();
        }

        Assert.Equal(Count, expectedThere);
        Assert.Equal(Count, expectedHere);
    }, features: features);

    [Fact]
    public void Messages_cost_no_allocation_in_either_direction() => _machine.Run(16, () =>
    {
        RpmsgEndpoint endpoint = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, Ours)!;
        RemoteMessageHandler echo = static (ept, in message) => _ = ept.TrySendTo(message.Source, message.Payload);
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, echo, out _));
        RemoteRpmsg remote = new(_machine.Scheduler, _machine.Vdev.Memory, _machine.Vdev, static _ => { });
        Assert.Equal(RemoteStatus.Ok, remote.TryCreateEndpoint("", Peer, echo, out _));
        _machine.Vdev.HostKicks.Capacity = 100_000;
        for (int i = 0; i < 2_000; i++) Exchange(endpoint, remote);

        long allocated = -1;
        int rounds = 0;
        while (allocated != 0 && rounds++ < 5) // in an early round the code may not be compiled to the end yet
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++) Exchange(endpoint, remote);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
        Assert.Equal(2_000 + (10_000 * rounds), remote.SentCount);
        return ValueTask.CompletedTask;
    });

    private void Exchange(RpmsgEndpoint endpoint, RemoteRpmsg remote)
    {
        if (endpoint.TryReserve(out RpmsgTxBuffer buffer) != Errno.Ok) throw new InvalidOperationException("no buffer");
        buffer.Payload[0] = 1;
        if (buffer.Commit(endpoint.Address, Peer, 100) != Errno.Ok) throw new InvalidOperationException("not sent");
        _ = remote.Poll();
        ValueTask<IrqReturn> irq = _machine.InterruptRxAsync();
        if (!irq.IsCompletedSuccessfully || irq.Result != IrqReturn.Handled) throw new InvalidOperationException("not received at once");
    }

    private RpmsgEndpoint Endpoint() => _machine.Control.CreateEndpoint(message =>
    {
        _received.Add(Encoding.ASCII.GetString(message.Payload));
        return ValueTask.CompletedTask;
    }, Ours)!;

    private void Send(string text) => Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Ours, Encoding.ASCII.GetBytes(text)));

    /// <summary>As a remote does that runs out of buffers: it asks for a kick. Later sends would take the wish back, so they are not
    /// seen.</summary>
    private void MakeRemoteWantKicks()
    {
        _ = _machine.Remote.Poll();
        _machine.Vdev.Ring(0)[_machine.Vdev.Layouts[0].UsedOffset] = 0;
    }
}
