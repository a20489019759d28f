using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.IO.Pipelines;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Console;
using RemoteprocEmu.Virtio.Device;
using RemoteprocEmu.Virtio.Direct;
using RemoteprocEmu.Virtio.Remote;
using RemoteprocEmu.Virtio.Tests.Device;
using Xunit;

namespace RemoteprocEmu.Virtio.Tests.Console;

/// <summary>virtio_console and virtio_rproc_serial against a device half.</summary>
public sealed class ConsoleTests : IDisposable
{
    private readonly DirectMachine _machine = new();
    private readonly VirtioConsoleModule _module;

    public ConsoleTests() => _module = new VirtioConsoleModule(_machine.Kernel, _machine.Bus);

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData(OpenFlags.ReadWrite)]
    [InlineData(OpenFlags.ReadWrite | OpenFlags.NonBlock)]
    public void A_port_is_a_pipe_for_what_reads_and_writes_pipes(OpenFlags flags)
    {
        (DirectTransport transport, RemoteConsole half) = Create(VirtioDeviceId.RprocSerial);
        half.Received = Echo;
        byte[] sent = [.. Enumerable.Range(0, 50_000).Select(i => (byte)(i * 13))];
        byte[] received = [];
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            (Errno errno, DeviceFile? file) = await _machine.Kernel.Nodes.OpenAsync("/dev/vport0p0", flags);
            Assert.Equal(Errno.Ok, errno);
            PipeReader input = PipeReader.Create(new DeviceFileStream(file!));
            PipeWriter output = PipeWriter.Create(new DeviceFileStream(file!));
            KernelTask reader = _machine.Scheduler.Spawn("reader", async () =>
            {
                ReadResult read = await input.ReadAtLeastAsync(sent.Length);
                received = read.Buffer.ToArray();
                input.AdvanceTo(read.Buffer.End);
            });
            Assert.False((await output.WriteAsync(sent)).IsCompleted);
            _ = await reader.Ended.WaitAsync();
            Assert.Equal(Errno.Ok, await file!.CloseAsync());
            try
            {
                _ = await input.ReadAsync();
                Assert.Fail("a closed file is read");
            }
            catch (IOException exception)
            {
                Assert.Contains("/dev/vport0p0: read: -EBADF", exception.Message, StringComparison.Ordinal);
            }

            await UnloadAsync(transport);
        });
        Assert.Equal(sent, received);
    }

    [Theory]
    [InlineData(VirtioDeviceId.RprocSerial, "/dev/vport0p0", "virtio_rproc_serial")]
    [InlineData(VirtioDeviceId.Console, "/dev/hvc0", "virtio_console")]
    public void Bytes_go_there_and_back_and_nothing_is_left(uint id, string path, string driver)
    {
        (DirectTransport transport, RemoteConsole half) = Create(id);
        half.Received = Echo;
        byte[] sent = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
        List<byte> received = [];
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(driver, transport.Device!.Driver!.Name);
            Assert.Equal(0x07, transport.Status);
            DeviceFile file = await OpenAsync(path);
            KernelTask reader = _machine.Scheduler.Spawn("reader", async () =>
            {
                byte[] buffer = new byte[3000];
                while (received.Count < sent.Length)
                {
                    IoResult read = await file.ReadAsync(buffer);
                    Assert.Equal(Errno.Ok, read.Errno);
                    received.AddRange(buffer.AsSpan(0, read.LengthBytes));
                }
            });
            for (int at = 0; at < sent.Length;)
            {
                IoResult written = await file.WriteAsync(sent.AsMemory(at, Math.Min(5000, sent.Length - at)));
                Assert.Equal(Errno.Ok, written.Errno);
                at += written.LengthBytes;
            }

            _ = await reader.Ended.WaitAsync();
            Assert.Equal(Errno.Ok, await file.CloseAsync());
            await UnloadAsync(transport);
        });
        Assert.Equal(sent, received);
        Assert.Equal((100_000, 100_000), (half.ReceivedBytes, half.SentBytes));
        Assert.Equal(0, _machine.Bank.LiveBytes);
        Assert.Empty(_machine.Kernel.Devices);
        Assert.Empty(_machine.Kernel.Nodes.All);
    }

    [Fact]
    public void The_ring_is_filled_with_pages_one_kick_each()
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.RprocSerial, 0, null, 16, 16);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(0, transport.Device!.Virtqueues[0].FreeCount);
            Assert.Equal(16, _machine.Bank.LiveBlocks.Count(block => block.Owner == "vport0p0" && block.SizeBytes == 4096));
            Assert.Equal(16 + 4, transport.DeviceBell.RingCount); // the status was reset, and became 1, 3 and 7
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void A_serial_port_is_no_console_and_a_console_has_no_port_to_open()
    {
        (DirectTransport serial, _) = Create(VirtioDeviceId.RprocSerial);
        (DirectTransport console, _) = Create(VirtioDeviceId.Console);
        _machine.Run(async () =>
        {
            await LoadAsync(serial);
            Assert.Equal(Errno.Ok, await console.RegisterAsync());
            Assert.Equal(["hvc0", "vport0p0"], _machine.Kernel.Nodes.All.Select(node => node.Name));
            Assert.Equal([false, true], _module.Ports.Select(port => port.IsConsole));
            await console.UnregisterAsync();
            await UnloadAsync(serial);
        });
    }

    [Fact]
    public void A_serial_port_is_opened_by_one_at_a_time_and_keeps_what_came_before()
    {
        (DirectTransport transport, RemoteConsole half) = Create(VirtioDeviceId.RprocSerial);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal(RemoteIoStatus.Ok, half.TryWrite("early"u8, out _));
            await _machine.SettleAsync();
            DeviceFile file = await OpenAsync("/dev/vport0p0", OpenFlags.ReadWrite | OpenFlags.NonBlock);
            Assert.Equal(Errno.EBUSY, (await _machine.Kernel.Nodes.OpenAsync("/dev/vport0p0", OpenFlags.ReadOnly)).Errno);
            Assert.Equal("ear", await ReadAsync(file, 3));
            Assert.Equal("ly", await ReadAsync(file, 100));
            Assert.Equal(Errno.EAGAIN, (await file.ReadAsync(new byte[1])).Errno);
            Assert.Equal((Errno.Ok, PollEvents.Out), await file.PollAsync(PollEvents.In | PollEvents.Out, 0));
            Assert.Equal(RemoteIoStatus.Ok, half.TryWrite("unread"u8, out _));
            await _machine.SettleAsync();
            Assert.Equal((Errno.Ok, PollEvents.In), await file.PollAsync(PollEvents.In, 0));
            Assert.Equal(Errno.Ok, await file.CloseAsync());
            file = await OpenAsync("/dev/vport0p0", OpenFlags.ReadWrite | OpenFlags.NonBlock);
            Assert.Equal(Errno.EAGAIN, (await file.ReadAsync(new byte[1])).Errno); // a close throws away
            Assert.Equal(6, _module.Ports[0].DiscardedBytes);
            Assert.Equal(Errno.Ok, await file.CloseAsync());
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void A_full_ring_makes_a_writer_wait_until_the_device_takes_some()
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.RprocSerial, 0, null, 4, 4);
        RemoteConsole half = Half(transport);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            DeviceFile file = await OpenAsync("/dev/vport0p0", OpenFlags.ReadWrite | OpenFlags.NonBlock);
            for (int i = 0; i < 4; i++) Assert.Equal(IoResult.Moved(10), await file.WriteAsync(new byte[10]));
            Assert.Equal(IoResult.Failed(Errno.EAGAIN), await file.WriteAsync(new byte[10]));
            Assert.Equal((Errno.Ok, PollEvents.None), await file.PollAsync(PollEvents.Out, 0));
            file.Flags = OpenFlags.ReadWrite;
            KernelTask writer = _machine.Scheduler.Spawn("writer",
                async () => Assert.Equal(IoResult.Moved(32 * 1024), await file.WriteAsync(new byte[40_000]))); // no more at once
            await _machine.SettleAsync();
            Assert.NotEqual(KernelTaskState.Done, writer.State);
            Assert.False(half.PollOnce());
            _ = await writer.Ended.WaitAsync();
            Assert.Equal(Errno.Ok, await file.CloseAsync());
            await UnloadAsync(transport);
        });
    }

    [Fact]
    public void A_console_s_write_returns_when_the_device_has_taken_the_bytes()
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.Console, 0);
        RemoteConsole half = Half(transport);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            DeviceFile file = await OpenAsync("/dev/hvc0");
            KernelTask writer = _machine.Scheduler.Spawn("writer",
                async () => Assert.Equal(IoResult.Moved(5), await file.WriteAsync("hello"u8.ToArray())));
            await _machine.SettleAsync();
            Assert.NotEqual(KernelTaskState.Done, writer.State);
            Assert.False(half.PollOnce());
            _ = await writer.Ended.WaitAsync();
            Assert.Equal(5, half.ReceivedBytes);
            Assert.Equal(Errno.Ok, await file.CloseAsync());
            await UnloadAsync(transport);
        });
    }

    [Theory]
    [InlineData(VirtioDeviceId.RprocSerial, "/dev/vport0p0", Errno.ENODEV, Errno.ENODEV, PollEvents.Hup)]
    [InlineData(VirtioDeviceId.Console, "/dev/hvc0", Errno.Ok, Errno.EIO, PollEvents.In | PollEvents.Err | PollEvents.Hup)]
    public void A_device_that_goes_hangs_up_on_who_has_it_open(uint id, string path, Errno read, Errno write, PollEvents poll)
    {
        (DirectTransport transport, _) = Create(id);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            DeviceFile file = await OpenAsync(path);
            KernelTask reader = _machine.Scheduler.Spawn("reader",
                async () => Assert.Equal(new IoResult(read, 0), await file.ReadAsync(new byte[10])));
            KernelTask poller = _machine.Scheduler.Spawn("poller",
                async () => Assert.Equal((Errno.Ok, poll), await file.PollAsync(PollEvents.In)));
            await _machine.SettleAsync();
            await transport.UnregisterAsync();
            _ = await reader.Ended.WaitAsync();
            _ = await poller.Ended.WaitAsync();
            Assert.Equal(new IoResult(read, 0), await file.ReadAsync(new byte[10]));
            Assert.Equal(new IoResult(write, 0), await file.WriteAsync(new byte[10]));
            Assert.Equal(Errno.ENOENT, (await _machine.Kernel.Nodes.OpenAsync(path, OpenFlags.ReadOnly)).Errno);
            Assert.Equal(id == VirtioDeviceId.RprocSerial ? Errno.EAGAIN : Errno.Ok, // an open port holds its module; an hvc does not
                await _machine.Kernel.Modules.RmmodAsync(_module.Name));
            Assert.Equal(Errno.Ok, await file.CloseAsync());
        });
        Assert.Empty(_machine.Kernel.Devices);
        Assert.Equal(0, _machine.Bank.LiveBytes);
    }

    [Fact]
    public void Multiple_ports_need_queues_that_remoteproc_does_not_have()
    {
        DirectTransport two = _machine.Create(VirtioDeviceId.Console, 2, VirtioConsoleConfig.Create(80, 25, portCount: 3));
        DirectTransport eight = _machine.Create(VirtioDeviceId.Console, 2, VirtioConsoleConfig.Create(80, 25, portCount: 3),
            4, 4, 4, 4, 4, 4, 4, 4);
        DirectTransport none = _machine.Create(VirtioDeviceId.Console, 2, VirtioConsoleConfig.Create(80, 25, portCount: 0));
        _machine.Run(async () =>
        {
            await LoadAsync(two);
            Assert.Equal(Errno.Ok, await eight.RegisterAsync());
            Assert.Equal(Errno.Ok, await none.RegisterAsync());
            foreach (DirectTransport transport in (DirectTransport[])[two, eight, none])
            {
                Assert.Equal(0x83, transport.Status);
                await transport.UnregisterAsync();
            }
        });
        Assert.Contains("virtio_console: probe of virtio0 failed with error -22", _machine.LogText);
        Assert.Contains("virtio_console: probe of virtio1 failed with error -95", _machine.LogText);
        Assert.Contains(_machine.LogText, text => text.Contains("Invalidate max_nr_ports 0", StringComparison.Ordinal));
        Assert.Equal(0, _machine.Bank.LiveBytes);
    }

    [Fact]
    public void The_size_is_known_when_the_device_says_that_it_changed()
    {
        (DirectTransport transport, _) = Create(VirtioDeviceId.Console, features: 1, VirtioConsoleConfig.Create(80, 25));
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            Assert.Equal((0, 0), _module.Ports[0].Size);
            Assert.True(((IRemoteVdev)transport).TryWriteConfig(0, [132, 0, 43, 0]));
            await _machine.SettleAsync();
            Assert.Equal((132, 43), _module.Ports[0].Size);
            await UnloadAsync(transport);
        });
    }

    [Theory]
    [InlineData(0u, "")]                         // an empty buffer reads like an end
    [InlineData(3u, "\u0001\u0001\u0001")]
    [InlineData(uint.MaxValue, null)]            // cut to what was lent
    public void A_used_length_is_bounded_by_the_buffer(uint usedBytes, string? expected)
    {
        DirectTransport transport = _machine.Create(VirtioDeviceId.RprocSerial, 0, null, 4, 4);
        LyingHalf half = new(_machine.Scheduler, transport);
        _machine.Run(async () =>
        {
            await LoadAsync(transport);
            DeviceFile file = await OpenAsync("/dev/vport0p0");
            half.Claim(usedBytes);
            string text = await ReadAsync(file, 5000);
            if (expected is null) Assert.Equal(4096, text.Length);
            else Assert.Equal(expected, text);
            Assert.Equal(0, transport.Device!.Virtqueues[0].FreeCount); // lent again
            Assert.Equal(Errno.Ok, await file.CloseAsync());
            await UnloadAsync(transport);
        });
    }

    private static void Echo(RemoteConsole console, ReadOnlySpan<byte> bytes) =>
        Assert.Equal(RemoteIoStatus.Ok, console.TryWrite(bytes, out _));

    private static async ValueTask<string> ReadAsync(DeviceFile file, int lengthBytes)
    {
        byte[] buffer = new byte[lengthBytes];
        IoResult result = await file.ReadAsync(buffer);
        Assert.Equal(Errno.Ok, result.Errno);
        return Encoding.ASCII.GetString(buffer, 0, result.LengthBytes);
    }

    private async ValueTask<DeviceFile> OpenAsync(string path, OpenFlags flags = OpenFlags.ReadWrite)
    {
        (Errno errno, DeviceFile? file) = await _machine.Kernel.Nodes.OpenAsync(path, flags);
        Assert.Equal(Errno.Ok, errno);
        return file!;
    }

    private (DirectTransport Transport, RemoteConsole Half) Create(uint id, ulong features = 0, byte[]? config = null)
    {
        DirectTransport transport = _machine.Create(id, features, config);
        RemoteConsole half = Half(transport);
        _machine.Serve(transport, half);
        return (transport, half);
    }

    private RemoteConsole Half(DirectTransport transport) => new(_machine.Scheduler, transport.Memory, transport, transport.Interrupt);

    private async ValueTask LoadAsync(DirectTransport transport)
    {
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.InsmodAsync(_module));
        Assert.Equal(Errno.Ok, await transport.RegisterAsync());
    }

    private async ValueTask UnloadAsync(DirectTransport transport)
    {
        await transport.UnregisterAsync();
        Assert.Equal(Errno.Ok, await _machine.Kernel.Modules.RmmodAsync(_module.Name));
    }

    /// <summary>A device half that writes 1 everywhere and claims what it is told.</summary>
    private sealed class LyingHalf(Scheduler scheduler, DirectTransport transport)
        : RemoteDevice(scheduler, transport.Memory, transport, transport.Interrupt, 4)
    {
        public void Claim(uint usedBytes)
        {
            Assert.Equal(RemoteIoStatus.Ok, TakeToSend());
            Assert.True(SendQueue.TryBytes(0, out Span<byte> bytes));
            bytes.Fill(1);
            Send(usedBytes);
        }

        protected override void OnLinked() { }

        protected override void Receive() { }
    }
}
