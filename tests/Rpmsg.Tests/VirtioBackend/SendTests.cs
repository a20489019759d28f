using System;
using System.Collections.Generic;
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

public sealed class SendTests : IDisposable
{
    private static readonly RpmsgAddress Peer = new(30);
    private static readonly ReadOnlyMemory<byte> Payload = new byte[] { 1, 2, 3 };

    private readonly RpmsgMachine _machine = new();
    private readonly List<byte[]> _received = [];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void RM_06_a_payload_is_0_to_496_bytes() => _machine.Run(8, () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, new byte[496]));
        Assert.Equal(Errno.EMSGSIZE, endpoint.TrySendTo(Peer, new byte[497]));
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: message is too big (497)", _machine.Log[^1]);
        Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, []));
        Assert.Equal(Errno.Ok, endpoint.TryReserve(out RpmsgTxBuffer buffer));
        Assert.Equal(Errno.EMSGSIZE, buffer.Commit(endpoint.Address, Peer, -1));
        Assert.Equal(Errno.EMSGSIZE, buffer.Commit(endpoint.Address, Peer, 497));
        Assert.Equal(2, _machine.Vdev.AvailIndex(1));

        Poll();
        Assert.Equal([496, 0], [_received[0].Length, _received[1].Length]);
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void RM_07_without_a_free_buffer_a_try_fails() => _machine.Run(4, () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, Payload.Span));
        Assert.Equal(Errno.ENOMEM, endpoint.TrySendTo(Peer, Payload.Span));
        Assert.Equal(Errno.ENOMEM, endpoint.TryReserve(out _));
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void RM_08_without_a_free_buffer_a_send_waits_15_s() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Fill();
        bool wereOn = false;
        KernelTask observer = _machine.Scheduler.Spawn("observer", async () =>
        {
            await _machine.Scheduler.DelayAsync(7_000_000_000);
            wereOn = _machine.Vdev.AvailFlags(1) == 0;
        });

        Assert.Equal(Errno.ERESTARTSYS, await endpoint.SendToAsync(Peer, Payload));

        _ = await observer.Ended.WaitAsync();
        Assert.Equal(15_000_000_000, _machine.Scheduler.NowNs);
        Assert.True(wereOn);
        Assert.Equal(1, _machine.Vdev.AvailFlags(1)); // off again
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: timeout waiting for a tx buffer", _machine.Log[^1]);
    });

    [Fact]
    public void RM_09_a_buffer_that_comes_back_ends_the_wait_and_is_used_again() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Fill();
        List<RemoteRxBuffer> held = [];
        RemoteMessageHandler hold = (_, in message) => held.Add(message.Hold());
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, hold, out _));
        _ = _machine.Remote.Poll();
        KernelTask remote = _machine.Scheduler.Spawn("remote", async () =>
        {
            await _machine.Scheduler.DelayAsync(100_000_000);
            _machine.RemoteKicks.Clear();
            _machine.Remote.Release(held[2]);
            Assert.Equal([1], _machine.RemoteKicks);
            _ = await _machine.InterruptTxAsync();
        });

        Assert.Equal(Errno.Ok, await endpoint.SendToAsync(Peer, "again"u8.ToArray()));

        _ = await remote.Ended.WaitAsync();
        Assert.Equal(100_000_000, _machine.Scheduler.NowNs);
        Assert.Equal("again"u8, _machine.Vdev.Buffers!.Memory.Span.Slice((512 * (4 + 2)) + 16, 5));
    });

    [Fact]
    public void RM_10_one_buffer_lets_one_of_two_sleepers_go() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Fill();
        List<RemoteRxBuffer> held = [];
        RemoteMessageHandler hold = (_, in message) => held.Add(message.Hold());
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, hold, out _));
        _ = _machine.Remote.Poll();
        List<Errno> results = [];
        KernelTask first = _machine.Scheduler.Spawn("sender 1", async () => results.Add(await endpoint.SendToAsync(Peer, Payload)));
        KernelTask second = _machine.Scheduler.Spawn("sender 2", async () => results.Add(await endpoint.SendToAsync(Peer, Payload)));
        await _machine.Scheduler.DelayAsync(1_000_000);
        _machine.Remote.Release(held[0]);
        _ = await _machine.InterruptTxAsync();
        await _machine.Scheduler.DelayAsync(1_000_000);

        Assert.Equal([Errno.Ok], results);
        Assert.Equal(0, _machine.Vdev.AvailFlags(1)); // still on
        _ = await first.Ended.WaitAsync();
        _ = await second.Ended.WaitAsync();
        Assert.Equal([Errno.Ok, Errno.ERESTARTSYS], results);
        Assert.Equal(1, _machine.Vdev.AvailFlags(1));
    });

    [Fact]
    public void RM_11_nobody_is_at_ANY() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        Assert.Equal(Errno.EINVAL, endpoint.TrySendTo(RpmsgAddress.Any, Payload.Span));
        Assert.Equal(Errno.EINVAL, await endpoint.SendToAsync(RpmsgAddress.Any, Payload));
        Assert.Equal(Errno.EINVAL, endpoint.TrySendOffchannel(RpmsgAddress.Any, Peer, Payload.Span));
        Assert.Equal("rpmsg virtio0.rpmsg_ctrl.0.0: invalid addr (src 0xffffffff, dst 0x1e)", _machine.Log[^1]);
        Assert.Equal(Errno.EINVAL, endpoint.TrySendTo(RpmsgAddress.Any, new byte[497])); // before the length is looked at
    });

    [Fact]
    public void A_signal_does_not_end_the_wait_but_begins_it_anew() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Fill();
        Errno result = Errno.Ok;
        KernelTask sender = _machine.Scheduler.Spawn("sender", async () => result = await endpoint.SendToAsync(Peer, Payload));
        await _machine.Scheduler.DelayAsync(10_000_000_000);
        _machine.Scheduler.Signal(sender);
        _ = await sender.Ended.WaitAsync();
        Assert.Equal(Errno.ERESTARTSYS, result);
        Assert.Equal(25_000_000_000, _machine.Scheduler.NowNs);
    });

    [Fact]
    public void Whoever_waits_when_the_device_goes_learns_of_it() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Fill();
        Errno result = Errno.Ok;
        KernelTask sender = _machine.Scheduler.Spawn("sender", async () => result = await endpoint.SendToAsync(Peer, Payload));
        await _machine.Scheduler.DelayAsync(1_000_000);
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        _ = await sender.Ended.WaitAsync();
        Assert.Equal(Errno.ENODEV, result);
        Assert.Equal(1_000_000, _machine.Scheduler.NowNs);
    });

    [Fact]
    public void A_reserved_buffer_is_written_in_place_and_sent_once() => _machine.Run(4, () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        Assert.Equal(Errno.Ok, endpoint.TryReserve(out RpmsgTxBuffer buffer));
        Assert.Equal(496, buffer.Payload.Length);
        "in place"u8.CopyTo(buffer.Payload);
        Assert.True(buffer.Payload.Overlaps(_machine.Vdev.Buffers!.Memory.Span));
        Assert.Equal(Errno.Ok, buffer.Commit(endpoint.Address, Peer, 8));
        Assert.Throws<InvalidOperationException>(() => buffer.Commit(endpoint.Address, Peer, 8));
        Assert.Throws<InvalidOperationException>(() => buffer.Payload.Length);
        buffer.Dispose();

        Poll();
        Assert.Equal("in place"u8, _received[0]);
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void A_buffer_given_back_unsent_is_the_next_to_be_taken() => _machine.Run(4, () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        Assert.Equal(Errno.Ok, endpoint.TryReserve(out RpmsgTxBuffer first));
        first.Payload[0] = 0x5a;
        first.Dispose();
        first.Dispose();
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TryReserve(out _));
        Assert.Equal(Errno.ENOMEM, endpoint.TryReserve(out _)); // disposed twice, and yet there are four
        Assert.Equal(0x5a, _machine.Vdev.Buffers!.Memory.Span[(512 * 4) + 16]);
        Assert.Equal(0, _machine.Vdev.AvailIndex(1));
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void A_buffer_is_empty_once_its_device_is_gone() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        Assert.Equal(Errno.Ok, endpoint.TryReserve(out RpmsgTxBuffer buffer));
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        Assert.True(buffer.Payload.IsEmpty);
        Assert.Equal(Errno.ENODEV, buffer.Commit(endpoint.Address, Peer, 0));
        buffer.Dispose();
        Assert.Equal(Errno.ENODEV, endpoint.TrySendTo(Peer, Payload.Span));
        Assert.Equal(Errno.ENODEV, endpoint.TryReserve(out _));
        Assert.Equal(Errno.ENODEV, await endpoint.SendToAsync(Peer, Payload));
        Assert.Equal(Errno.ENODEV, (await endpoint.ReserveAsync()).Errno);
    });

    [Theory]
    [InlineData(RpmsgMachine.NameService, new[] { 0, 1, 1, 1 })]
    [InlineData(RpmsgMachine.NameService | RpmsgMachine.EventIndex, new[] { 0, 1 })] // RM-30: the event is passed once
    public void RM_30_a_remote_that_sleeps_is_kicked_and_one_that_did_not_ask_is_not(ulong features, int[] kicks) => _machine.Run(4, () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        for (int i = 0; i < 3; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, Payload.Span));
        Assert.Equal(kicks, _machine.Vdev.HostKicks);
        return ValueTask.CompletedTask;
    }, features: features);

    [Fact]
    public void RM_31_a_remote_that_wants_no_kick_gets_none() => _machine.Run(4, () =>
    {
        _machine.Vdev.Ring(1)[_machine.Vdev.Layouts[1].UsedOffset] = 1; // VRING_USED_F_NO_NOTIFY
        Assert.Equal(Errno.Ok, Endpoint().TrySendTo(Peer, Payload.Span));
        Assert.Equal([0], _machine.Vdev.HostKicks);
        return ValueTask.CompletedTask;
    });

    [Fact]
    public void RM_32_an_interrupt_that_was_not_asked_for_is_harmless() => _machine.Run(4, async () =>
    {
        RpmsgEndpoint endpoint = Fill();
        Poll();
        Assert.Equal(1, _machine.Vdev.AvailFlags(1));
        Assert.Equal(IrqReturn.Handled, await _machine.InterruptTxAsync());
        Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, Payload.Span));
    });

    [Fact]
    public void RM_33_a_used_id_out_of_range_breaks_that_ring_alone() => _machine.Run(4, () =>
    {
        RpmsgEndpoint endpoint = Endpoint();
        Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, Payload.Span));
        Poll();
        for (int i = 0; i < 3; i++) Assert.Equal(Errno.Ok, endpoint.TryReserve(out _));
        _machine.Vdev.Ring(1)[_machine.Vdev.Layouts[1].UsedOffset + 4] = 200; // used.ring[0].id
        Assert.Equal(Errno.ENOMEM, endpoint.TrySendTo(Peer, Payload.Span));
        Assert.Equal("virtio_rpmsg_bus virtio0: output:id 200 out of range", _machine.Log[^1]);
        Assert.True(_machine.Device.Virtqueues[1].IsBroken);
        Assert.False(_machine.Device.Virtqueues[0].IsBroken);
        return ValueTask.CompletedTask;
    });

    private RpmsgEndpoint Endpoint() => _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, RpmsgAddress.Any)!;

    private RpmsgEndpoint Fill()
    {
        RpmsgEndpoint endpoint = Endpoint();
        for (int i = 0; i < 4; i++) Assert.Equal(Errno.Ok, endpoint.TrySendTo(Peer, Payload.Span));
        return endpoint;
    }

    private void Poll()
    {
        RemoteMessageHandler handler = (_, in message) => _received.Add(message.Payload.ToArray());
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, handler, out _));
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.Poll());
    }
}
