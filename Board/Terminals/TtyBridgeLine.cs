using System;
using System.Collections.Concurrent;
using System.IO;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.Terminals;

/// <summary>One pseudo-terminal, and the ttyRPMSG behind it while there is one.</summary>
/// <remarks>
/// What programs write is read on the polling processor and handed over in order; when the firmware takes no more, it is not read any more,
/// and the writer sleeps in its write. What the firmware writes is written by the host's task; when nobody reads it, the task waits.
/// </remarks>
public sealed class TtyBridgeLine
{
    private const int ChunkBytes = 4096;
    private const int TypedChunksMax = 16;
    private const long RetryNs = 1_000_000;
    private const long FullNs = 5_000_000;

    private readonly PseudoTerminal _terminal;
    private readonly Scheduler _scheduler;
    private readonly Cpu _cpu;
    private readonly DescriptorPoller _poller;
    private readonly ConcurrentQueue<byte[]> _typed = new();
    private readonly Doorbell _bell; // something was typed, or a file has come, or it is over
    private DeviceFile? _file;
    private volatile bool _isPaused; // too much was typed: the terminal is not read
    private bool _isClosing;

    internal TtyBridgeLine(string channel, PseudoTerminal terminal, Scheduler scheduler, Cpu cpu, DescriptorPoller poller)
    {
        Channel = channel;
        _terminal = terminal;
        _scheduler = scheduler;
        _cpu = cpu;
        _poller = poller;
        _bell = new Doorbell(scheduler, terminal.Path, 1);
        Watch();
    }

    /// <summary>The channel: <c>virtio0.rpmsg-tty.-1.1024</c>.</summary>
    public string Channel { get; }

    /// <summary>What programs open: <c>/dev/pts/3</c>.</summary>
    public string Path => _terminal.Path;

    internal void BeginClose()
    {
        _isClosing = true;
        _ = _bell.Ring(0);
    }

    internal void Dispose() => _terminal.Dispose();

    /// <summary>An older file of the same channel has hung up, and is about to be closed.</summary>
    internal async ValueTask WaitUntilFreeAsync()
    {
        while (_file is not null && !_isClosing) await _scheduler.DelayAsync(RetryNs);
    }

    /// <summary>From the firmware to programs, until the file hangs up.</summary>
    internal async ValueTask ServeAsync(DeviceFile file)
    {
        _file = file;
        _ = _bell.Ring(0);
        byte[] buffer = new byte[ChunkBytes];
        while (!_isClosing)
        {
            IoResult result = await file.ReadAsync(buffer);
            if (result.Errno == Errno.Ok && result.LengthBytes == 0) break; // hung up
            if (!await ShowAsync(file, buffer.AsMemory(0, result.LengthBytes))) break;
        }

        _file = null;
        _ = await file.CloseAsync();
    }

    /// <summary>From programs to the firmware, until the end.</summary>
    internal async ValueTask TypeAsync()
    {
        byte[]? chunk = null;
        int done = 0;
        while (!_isClosing)
        {
            if (chunk is null && _typed.TryDequeue(out chunk))
            {
                done = 0;
                if (_isPaused) Watch();
            }

            IoResult result = chunk is not null && _file is { } file
                ? await file.WriteAsync(chunk.AsMemory(done))
                : IoResult.Failed(Errno.EIO);
            done += result.LengthBytes;
            if (chunk is not null && done == chunk.Length) chunk = null;
            if (result.Errno == Errno.Ok) continue;
            if (result.Errno == Errno.ENOMEM) await _scheduler.DelayAsync(RetryNs); // the ring is full
            else await WaitAsync(); // nothing to say, or nobody to say it to
        }
    }

    private async ValueTask WaitAsync()
    {
        _ = await _bell.WaitAsync(); // no timeout
        while (_bell.TryTake(out _)) { }
    }

    private async ValueTask<bool> ShowAsync(DeviceFile file, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty && !_isClosing)
        {
            int count = _terminal.Write(bytes.Span);
            bytes = bytes[count..];
            if (count > 0) continue;
            if (((await file.PollAsync(PollEvents.None, timeoutNs: 0)).Events & PollEvents.Hup) != 0) return false;
            await _scheduler.DelayAsync(FullNs); // nobody reads it now
        }

        return true;
    }

    /// <summary>On the polling processor, to which the poller belongs: reads the terminal from here on.</summary>
    private void Watch()
    {
        _isPaused = false;
        _ = _scheduler.Spawn($"watch {Path}", () =>
        {
            _poller.Watch(_terminal.Handle, OnReadable);
            return ValueTask.CompletedTask;
        }, _cpu, isDaemon: true);
    }

    /// <summary>On the polling processor, between its tasks.</summary>
    private void OnReadable()
    {
        Span<byte> buffer = stackalloc byte[ChunkBytes];
        int count = 0;
        bool isOver = false;
        try
        {
            count = _terminal.Read(buffer);
        }
        catch (IOException)
        {
            isOver = true;
        }

        if (count > 0) _typed.Enqueue(buffer[..count].ToArray());
        if (isOver || _typed.Count >= TypedChunksMax)
        {
            _ = _poller.Unwatch(_terminal.Handle); // it is watched: it has called
            _isPaused = !isOver;
        }

        _ = _bell.Ring(0);
    }
}
