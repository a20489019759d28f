using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>/dev/ttyRPMSG0 and on: a byte stream over a channel's messages, raw.</summary>
/// <remarks>
/// What comes waits here until it is read, 640 KiB at most; the last close drops the rest. When the channel goes the terminal hangs up:
/// files that are open read their end, and a write gets EIO. Source: Linux drivers/tty/rpmsg_tty.c; tty_io.c, file_tty_write,
/// hung_up_tty_fops; n_tty.c, n_tty_write; tty_buffer.c, TTYB_DEFAULT_MEM_LIMIT.
/// </remarks>
internal sealed class RpmsgTtyNode(RpmsgTtyModule owner, Device device, RpmsgDevice channel)
    : DeviceNode(device.Kernel, device.Name, owner, device)
{
    private const int ReceivedBytesMax = 640 << 10;
    private const int WriteChunkBytes = 2048; // file_tty_write hands this much at a time to the line discipline
    private const uint Fionread = 0x541B;
    private const uint Tiocoutq = 0x5411;

    private readonly Queue<byte[]> _received = new();
    private int _firstOffset;   // what was read of the oldest message
    private int _receivedBytes; // what was not read of all of them
    private bool _isHungUp;

    /// <summary>A message has come. Kernel: rpmsg_tty_cb.</summary>
    public void OnMessage(RpmsgMessage message)
    {
        if (message.LengthBytes == 0) return; // -EINVAL, which nobody looks at
        int copied = Math.Min(message.LengthBytes, ReceivedBytesMax - _receivedBytes);
        if (copied != message.LengthBytes)
            Kernel.Log.ErrorRateLimited(channel, "rpmsg_tty_cb", $"Trunc buffer: available space is {copied}");
        if (copied == 0) return;
        _received.Enqueue(message.Payload[..copied].ToArray());
        _receivedBytes += copied;
        WakeAll();
    }

    /// <summary>The channel goes. Kernel: rpmsg_tty_remove.</summary>
    public ValueTask HangUpAsync()
    {
        _isHungUp = true;
        Drop();
        WakeAll();
        _ = Kernel.Nodes.Remove(this);
        return Device!.UnregisterAsync();
    }

    /// <inheritdoc/>
    protected override ValueTask<Errno> OpenAsync(DeviceFile file)
    {
        Device!.Get();
        return new ValueTask<Errno>(Errno.Ok);
    }

    /// <inheritdoc/>
    protected override ValueTask ReleaseAsync(DeviceFile file)
    {
        if (OpenCount == 0) Drop();
        Device!.Put();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async ValueTask<IoResult> ReadAsync(DeviceFile file, Memory<byte> buffer)
    {
        while (_receivedBytes == 0 && !_isHungUp && !buffer.IsEmpty)
        {
            if (file.IsNonBlocking) return IoResult.Failed(Errno.EAGAIN);
            Errno errno = await WaitAsync(this, static node => node._receivedBytes > 0 || node._isHungUp);
            if (errno != Errno.Ok) return IoResult.Failed(errno);
        }

        return IoResult.Moved(Take(buffer.Span));
    }

    /// <inheritdoc/>
    protected override ValueTask<IoResult> WriteAsync(DeviceFile file, ReadOnlyMemory<byte> buffer)
    {
        if (_isHungUp) return new ValueTask<IoResult>(IoResult.Failed(Errno.EIO));
        int written = 0;
        while (written < buffer.Length)
        {
            int chunkEnd = Math.Min(buffer.Length, written - (written % WriteChunkBytes) + WriteChunkBytes);
            int length = Math.Min(chunkEnd - written, channel.Endpoint!.MtuBytes);
            Errno errno = channel.Endpoint.TrySend(buffer.Span.Slice(written, length));
            if (errno != Errno.Ok) // ENOMEM is returned as such, not after a wait
                return new ValueTask<IoResult>(written > 0 ? IoResult.Moved(written) : IoResult.Failed(errno));
            written += length;
        }

        return new ValueTask<IoResult>(IoResult.Moved(written));
    }

    /// <inheritdoc/>
    protected override ValueTask<PollEvents> PollAsync(DeviceFile file)
    {
        PollEvents events = PollEvents.Out | PollEvents.WrNorm; // the room is said to be one message, whatever the ring has
        if (_receivedBytes > 0 || _isHungUp) events |= PollEvents.In | PollEvents.RdNorm;
        if (_isHungUp) events |= PollEvents.Err | PollEvents.Hup;
        return new ValueTask<PollEvents>(events);
    }

    /// <inheritdoc/>
    protected override ValueTask<Errno> IoctlAsync(DeviceFile file, uint command, ulong argument, Memory<byte> memory)
    {
        if (_isHungUp) return new ValueTask<Errno>(Errno.EIO);
        if (command is not (Fionread or Tiocoutq)) return new ValueTask<Errno>(Errno.ENOTTY);
        int count = command == Fionread ? _receivedBytes : 0; // nothing waits to be sent
        return new ValueTask<Errno>(BinaryPrimitives.TryWriteInt32LittleEndian(memory.Span, count) ? Errno.Ok : Errno.EFAULT);
    }

    private int Take(Span<byte> buffer)
    {
        int taken = 0;
        while (taken < buffer.Length && _received.TryPeek(out byte[]? message))
        {
            ReadOnlySpan<byte> rest = message.AsSpan(_firstOffset);
            int length = Math.Min(rest.Length, buffer.Length - taken);
            rest[..length].CopyTo(buffer[taken..]);
            taken += length;
            _firstOffset += length;
            if (length < rest.Length) break;
            _ = _received.Dequeue();
            _firstOffset = 0;
        }

        _receivedBytes -= taken;
        return taken;
    }

    private void Drop()
    {
        _received.Clear();
        _firstOffset = _receivedBytes = 0;
    }
}
