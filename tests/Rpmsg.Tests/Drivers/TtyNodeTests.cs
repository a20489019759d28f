using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Tests.Machine;
using RemoteprocEmu.Rpmsg.Wire;
using Xunit;

namespace RemoteprocEmu.Rpmsg.Tests.Drivers;

/// <summary>/dev/ttyRPMSG*.</summary>
public sealed class TtyNodeTests : IDisposable
{
    private const uint Fionread = 0x541B;
    private static readonly RpmsgAddress Peer = new(1030);
    private static readonly RpmsgAddress Ours = new(1024);

    private readonly RpmsgMachine _machine = new();
    private readonly List<string> _heard = [];

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void What_comes_is_a_stream() => Run(8, async () =>
    {
        Send("before it is opened, ");
        _ = await _machine.InterruptRxAsync();
        DeviceFile file = await _machine.OpenAsync("/dev/ttyRPMSG0", OpenFlags.ReadWrite | OpenFlags.NonBlock);
        Send("hello ");
        Send(""); // -EINVAL for the kernel's handler
        Send("world");
        _ = await _machine.InterruptRxAsync();
        byte[] count = new byte[4];
        Assert.Equal(Errno.Ok, await file.IoctlAsync(Fionread, count));
        Assert.Equal(32, BinaryPrimitives.ReadInt32LittleEndian(count));
        Assert.Equal("before it is open", await ReadAsync(file, 17));
        Assert.Equal("ed, hello world", await ReadAsync(file, 100));
        Assert.Equal(IoResult.Failed(Errno.EAGAIN), await file.ReadAsync(new byte[1]));
        Assert.Equal(Errno.ENOTTY, await file.IoctlAsync(0x1234));
    });

    [Fact]
    public void A_write_is_cut_into_messages_of_at_most_496_bytes_and_pieces_of_2048() => Run(16, async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/ttyRPMSG0");
        Assert.Equal(IoResult.Moved(5000), await file.WriteAsync(new byte[5000]));
        Assert.Equal(IoResult.Moved(0), await file.WriteAsync(default)); // no message
        _ = _machine.Remote.Poll();
        int[] lengths = [496, 496, 496, 496, 64, 496, 496, 496, 496, 64, 496, 408];
        Assert.Equal(lengths.Select(length => $"0x400 {length}"), _heard);
    });

    [Fact]
    public void A_full_ring_takes_what_it_can_and_then_says_ENOMEM() => Run(4, async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/ttyRPMSG0");
        Assert.Equal(IoResult.Moved(4 * 496), await file.WriteAsync(new byte[5 * 496]));
        Assert.Equal(IoResult.Failed(Errno.ENOMEM), await file.WriteAsync(new byte[1])); // as write(2) says it, and not after 15 s
        Assert.Equal(0, _machine.Scheduler.NowNs);
        Assert.Equal((Errno.Ok, PollEvents.Out), await file.PollAsync(PollEvents.Out, timeoutNs: 0)); // poll does not know
        _ = _machine.Remote.Poll();
        Assert.Equal(IoResult.Moved(1), await file.WriteAsync(new byte[1]));
    });

    [Fact]
    public void A_terminal_hangs_up_when_its_channel_goes() => Run(8, async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/ttyRPMSG0");
        DeviceFile other = await _machine.OpenAsync("/dev/ttyRPMSG0"); // a terminal may be opened twice
        IoResult result = IoResult.Failed(Errno.EIO);
        KernelTask reader = _machine.Scheduler.Spawn("cat", async () => result = await file.ReadAsync(new byte[8]));
        await _machine.Scheduler.DelayAsync(1_000);
        await _machine.AnnounceAsync("rpmsg-tty", 1030, NameServiceFlags.Destroy);
        _ = await reader.Ended.WaitAsync();
        Assert.Equal(IoResult.Moved(0), result);
        Assert.Equal(IoResult.Moved(0), await file.ReadAsync(new byte[8]));
        Assert.Equal(IoResult.Failed(Errno.EIO), await file.WriteAsync("x"u8.ToArray()));
        Assert.Equal(Errno.EIO, await file.IoctlAsync(Fionread, new byte[4]));
        Assert.Equal(
            (Errno.Ok, PollEvents.In | PollEvents.Err | PollEvents.Hup), await file.PollAsync(PollEvents.In | PollEvents.Pri));

        await _machine.AnnounceAsync("rpmsg-tty", 1030);
        Assert.Equal(["ttyRPMSG1"], Nodes()); // 0 is still open, hung up as it is
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(Errno.Ok, await other.CloseAsync());
        await _machine.AnnounceAsync("rpmsg-tty", 1031);
        Assert.Equal(["ttyRPMSG0", "ttyRPMSG1"], Nodes());
    });

    [Fact]
    public void There_are_32_terminals() => Run(8, async () =>
    {
        for (uint i = 1; i < 32; i++) await _machine.AnnounceAsync("rpmsg-tty", 1030 + i);
        Assert.Equal(32, Nodes().Length);
        await _machine.AnnounceAsync("rpmsg-tty", 2000);
        Assert.Equal(32, Nodes().Length);
        const string Prefix = "rpmsg_tty virtio0.rpmsg-tty.-1.2000: ";
        Assert.Contains(Prefix + "error -ENOSPC: Failed to alloc tty port", _machine.Log);
        Assert.Contains(Prefix + "rpmsg_dev_probe: failed: -28", _machine.Log);
    });

    [Fact]
    public void What_nobody_reads_is_kept_up_to_640_KB_and_then_cut() => Run(256, async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/ttyRPMSG0");
        int sent = 0;
        while (sent < 700_000)
        {
            for (int i = 0; i < 200; i++, sent += 496)
                Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Ours, new byte[496], more: true));
            _machine.Remote.Flush();
            _ = await _machine.InterruptRxAsync();
        }

        byte[] buffer = new byte[1 << 20];
        Assert.Equal(IoResult.Moved(640 << 10), await file.ReadAsync(buffer));
        Assert.Equal("rpmsg_tty virtio0.rpmsg-tty.-1.1030: Trunc buffer: available space is 144", _machine.Log[^10]);
        Assert.Equal("rpmsg_tty virtio0.rpmsg-tty.-1.1030: Trunc buffer: available space is 0", _machine.Log[^1]);

        Send("again");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal("again", await ReadAsync(file, 100));
        Send("for nobody");
        _ = await _machine.InterruptRxAsync();
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        file = await _machine.OpenAsync("/dev/ttyRPMSG0", OpenFlags.NonBlock);
        Assert.Equal(IoResult.Failed(Errno.EAGAIN), await file.ReadAsync(buffer)); // the last close has dropped it
    });

    [Fact]
    public void The_module_stays_while_a_terminal_is_open() => Run(8, async () =>
    {
        DeviceFile file = await _machine.OpenAsync("/dev/ttyRPMSG0");
        Assert.Equal(Errno.EAGAIN, await _machine.Kernel.Modules.RmmodAsync("rpmsg_tty"));
        Assert.Equal(Errno.Ok, await file.CloseAsync());
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync("rpmsg_tty"));
        Assert.Empty(Nodes());
    });

    private void Run(int size, Func<ValueTask> test) => _machine.Run(size, async () =>
    {
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(_machine.Tty));
        RemoteMessageHandler listen = (_, in message) => _heard.Add($"{message.Source} {message.Payload.Length}");
        Assert.Equal(RemoteStatus.Ok, _machine.Remote.TryCreateEndpoint("", Peer, listen, out _));
        await _machine.AnnounceAsync("rpmsg-tty", Peer.Value);
        await test();
    });

    private string[] Nodes() => [.. _machine.Kernel.Nodes.All.Select(node => node.Name)];

    private void Send(string text) => Assert.Equal(RemoteStatus.Ok, _machine.Remote.TrySend(Peer, Ours, Encoding.ASCII.GetBytes(text)));

    private static async ValueTask<string> ReadAsync(DeviceFile file, int lengthBytes)
    {
        byte[] buffer = new byte[lengthBytes];
        IoResult result = await file.ReadAsync(buffer);
        Assert.Equal(Errno.Ok, result.Errno);
        return Encoding.ASCII.GetString(buffer, 0, result.LengthBytes);
    }
}
