using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Drivers;

/// <summary>/dev/rpmsg*.</summary>
public sealed class EndpointNodeTests : IDisposable
{
    private const PollEvents AnyEvent = PollEvents.In | PollEvents.Pri | PollEvents.Out | PollEvents.RdNorm | PollEvents.WrNorm;
    private static readonly RpmsgAddress Peer = new(30);
    private static readonly RpmsgAddress Ours = new(2000);

    private readonly RpmsgMachine _machine = new();
    private readonly byte[] _buffer = new byte[600];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void One_program_at_a_time_has_the_endpoint() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal((Errno.EBUSY, null), await _machine.Kernel.Nodes.OpenAsync("/dev/rpmsg0", OpenFlags.ReadWrite));
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(Errno.EBADF, await file.CloseAsync());
        Assert.Equal(Errno.EBADF, (await file.ReadAsync(_buffer)).Errno);
        Send("nobody");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal("virtio_rpmsg_bus virtio0: msg received with no recipient", _machine.Log[^1]);
        file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal((Errno.ENOENT, null), await _machine.Kernel.Nodes.OpenAsync("/dev/rpmsg1", OpenFlags.ReadWrite));
    });

    [Fact]
    public void RM_26_an_address_that_is_taken_cannot_be_opened() => Run(async () =>
    {
        RpmsgEndpoint other = _machine.Control.CreateEndpoint(static _ => ValueTask.CompletedTask, Ours)!;
        Assert.Equal((Errno.EINVAL, null), await _machine.Kernel.Nodes.OpenAsync("/dev/rpmsg0", OpenFlags.ReadWrite));
        Assert.Equal(
            ["rpmsg_ctrl virtio0.rpmsg_ctrl.0.0: idr_alloc failed: -28", "rpmsg rpmsg0: failed to open svc"], _machine.Log.TakeLast(2));
        await other.DestroyAsync();
        _ = await _machine.OpenAsync("/dev/rpmsg0");
    });

    [Fact]
    public void A_read_is_one_message_and_what_does_not_fit_is_lost() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0", OpenFlags.ReadOnly | OpenFlags.NonBlock);
        Assert.Equal(IoResult.Failed(Errno.EAGAIN), await file.ReadAsync(_buffer));
        Send("first");
        Send("");
        Send("third");
        Send("fourth");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal("first", await ReadAsync(file));
        Assert.Equal(IoResult.Moved(0), await file.ReadAsync(_buffer));
        Assert.Equal("th", await ReadAsync(file, 2));
        Assert.Equal("fourth", await ReadAsync(file));
        Assert.Equal(IoResult.Failed(Errno.EBADF), await file.WriteAsync("x"u8.ToArray()));
    });

    [Fact]
    public void A_read_waits_for_a_message_a_signal_or_the_end() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        List<IoResult> results = [];
        async ValueTask ReadOnceAsync() => results.Add(await file.ReadAsync(new byte[16]));
        KernelTask first = _machine.Scheduler.Spawn("reader", ReadOnceAsync);
        await _machine.Scheduler.DelayAsync(1_000);
        Assert.Empty(results);
        Send("hello");
        _ = await _machine.InterruptRxAsync();
        _ = await first.Ended.WaitAsync();

        KernelTask second = _machine.Scheduler.Spawn("reader", ReadOnceAsync);
        await _machine.Scheduler.DelayAsync(1_000);
        _machine.Scheduler.Signal(second);
        _ = await second.Ended.WaitAsync();

        KernelTask third = _machine.Scheduler.Spawn("reader", ReadOnceAsync);
        await _machine.Scheduler.DelayAsync(1_000);
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        _ = await third.Ended.WaitAsync();
        Assert.Equal([IoResult.Moved(5), IoResult.Failed(Errno.ERESTARTSYS), IoResult.Failed(Errno.EPIPE)], results);
        Assert.Equal(IoResult.Failed(Errno.EPIPE), await file.ReadAsync(_buffer));
        Assert.Equal(IoResult.Failed(Errno.EPIPE), await file.WriteAsync("x"u8.ToArray()));
        Assert.Equal((Errno.Ok, PollEvents.Err), await file.PollAsync(AnyEvent));
        Assert.Equal((Errno.ENOENT, null), await _machine.Kernel.Nodes.OpenAsync("/dev/rpmsg0", OpenFlags.ReadWrite));
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal([_machine.Device], _machine.Kernel.Devices);
    });

    [Fact]
    public void A_write_is_one_message() => Run(async () =>
    {
        List<string> heard = [];
        RemoteMessageHandler listen = (_, in message) => heard.Add($"{message.Source} {message.Payload.Length}");
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, listen, out _));
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(IoResult.Moved(496), await file.WriteAsync(new byte[496]));
        Assert.Equal(IoResult.Failed(Errno.EMSGSIZE), await file.WriteAsync(new byte[497]));
        Assert.Equal("rpmsg_ctrl virtio0.rpmsg_ctrl.0.0: message is too big (497)", _machine.Log[^1]);
        Assert.Equal(IoResult.Moved(0), await file.WriteAsync(default)); // also a message
        _ = _machine.Remote.Poll();
        Assert.Equal(["0x7d0 496", "0x7d0 0"], heard);
    });

    [Fact]
    public void A_write_without_a_destination_is_EINVAL() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(IoResult.Failed(Errno.EINVAL), await file.WriteAsync("x"u8.ToArray()));
    }, destination: RpmsgAddress.Any);

    [Fact]
    public void Without_a_buffer_a_write_waits_15_s_or_is_EAGAIN() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        for (int i = 0; i < 4; i++) Assert.Equal(IoResult.Moved(1), await file.WriteAsync("x"u8.ToArray()));
        file.Flags |= OpenFlags.NonBlock;
        Assert.Equal(IoResult.Failed(Errno.EAGAIN), await file.WriteAsync("x"u8.ToArray()));
        Assert.Equal(0, _machine.Scheduler.NowNs);
        file.Flags &= ~OpenFlags.NonBlock;
        Assert.Equal(IoResult.Failed(Errno.ERESTARTSYS), await file.WriteAsync("x"u8.ToArray()));
        Assert.Equal(15_000_000_000, _machine.Scheduler.NowNs);
    });

    [Fact]
    public void Poll_knows_what_has_come_and_not_whether_there_is_room() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal((Errno.Ok, PollEvents.None), await file.PollAsync(AnyEvent, timeoutNs: 5_000));
        Assert.Equal(5_000, _machine.Scheduler.NowNs);
        PollEvents seen = PollEvents.None;
        KernelTask poller = _machine.Scheduler.Spawn("poller", async () => seen = (await file.PollAsync(AnyEvent)).Events);
        await _machine.Scheduler.DelayAsync(1_000);
        Send("x");
        _ = await _machine.InterruptRxAsync();
        _ = await poller.Ended.WaitAsync();
        Assert.Equal(PollEvents.In | PollEvents.RdNorm, seen);

        Assert.Equal("x", await ReadAsync(file));
        Errno errno = Errno.Ok;
        poller = _machine.Scheduler.Spawn("poller", async () => errno = (await file.PollAsync(AnyEvent)).Errno);
        await _machine.Scheduler.DelayAsync(1_000);
        _machine.Scheduler.Signal(poller);
        _ = await poller.Ended.WaitAsync();
        Assert.Equal(Errno.EINTR, errno);
    });

    [Fact]
    public void Virtio_has_no_flow_control() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        Assert.Equal(Errno.EINVAL, await file.IoctlAsync(RpmsgIoctl.SetIncomingFlowControl, 2));
        Assert.Equal(Errno.EOPNOTSUPP, await file.IoctlAsync(RpmsgIoctl.SetIncomingFlowControl, 1));
        byte[] value = [9, 9, 9, 9];
        Assert.Equal(Errno.Ok, await file.IoctlAsync(RpmsgIoctl.GetOutgoingFlowControl, value));
        Assert.Equal([0, 0, 0, 0], value);
        Assert.Equal(Errno.EFAULT, await file.IoctlAsync(RpmsgIoctl.GetOutgoingFlowControl, new byte[3]));
        Assert.Equal(Errno.EINVAL, await file.IoctlAsync(0xDEAD));
    });

    [Fact]
    public void Who_takes_the_device_away_waits_for_a_writer_that_waits_for_a_buffer() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        for (int i = 0; i < 4; i++) Assert.Equal(IoResult.Moved(1), await file.WriteAsync("x"u8.ToArray()));
        IoResult result = default;
        KernelTask writer = _machine.Scheduler.Spawn("writer", async () => result = await file.WriteAsync("x"u8.ToArray()));
        await _machine.Scheduler.DelayAsync(1_000_000_000);
        KernelTask poller = _machine.Scheduler.Spawn("poller", async () =>
        {
            (Errno, PollEvents) seen = await file.PollAsync(PollEvents.In, timeoutNs: 0); // looks once, and waits all the same
            Assert.Equal((Errno.Ok, PollEvents.None), seen);
            Assert.Equal(15_000_000_000, _machine.Scheduler.NowNs);
        });
        await _machine.Scheduler.DelayAsync(1_000_000_000);
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("virtio_rpmsg_bus"));
        Assert.Equal(15_000_000_000, _machine.Scheduler.NowNs);
        _ = await writer.Ended.WaitAsync();
        _ = await poller.Ended.WaitAsync();
        Assert.Equal(IoResult.Failed(Errno.ERESTARTSYS), result);
    });

    [Fact]
    public void A_file_that_is_closed_under_a_reader_goes_when_the_reader_returns() => Run(async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/rpmsg0");
        IoResult result = default;
        KernelTask reader = _machine.Scheduler.Spawn("reader", async () => result = await file.ReadAsync(new byte[8]));
        await _machine.Scheduler.DelayAsync(1_000);
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(1, file.Node.OpenCount);
        Send("late");
        _ = await _machine.InterruptRxAsync();
        _ = await reader.Ended.WaitAsync();
        Assert.Equal(IoResult.Moved(4), result);
        Assert.Equal(0, file.Node.OpenCount);
        _ = await _machine.OpenAsync("/dev/rpmsg0");
    });

    private void Run(Func<ValueTask> test, RpmsgAddress? destination = null) => _machine.Run(4, async () =>
    {
        await _machine.InsmodCharacterDevicesAsync();
        DeviceFile ctrl = await _machine.OpenAsync("/dev/rpmsg_ctrl0");
        RpmsgEndpointInfo info = new("svc", Ours, destination ?? Peer);
        Assert.Equal(Errno.Ok, await ctrl.IoctlAsync(RpmsgIoctl.CreateEndpoint, info.ToArray()));
        Assert.Equal(Errno.Ok, await ctrl.CloseAsync());
        await test();
    });

    private void Send(string text) => Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Ours, Encoding.ASCII.GetBytes(text)));

    private async ValueTask<string> ReadAsync(DeviceFile file, int lengthBytes = 600)
    {
        IoResult result = await file.ReadAsync(_buffer.AsMemory(0, lengthBytes));
        Assert.Equal(Errno.Ok, result.Errno);
        return Encoding.ASCII.GetString(_buffer, 0, result.LengthBytes);
    }
}
