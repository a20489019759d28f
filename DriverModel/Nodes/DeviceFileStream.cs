using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>An open device file as a stream, for what .NET reads and writes: a terminal, a serial port, an endpoint.</summary>
/// <remarks>
/// <code>
/// PipeReader input = PipeReader.Create(new DeviceFileStream(file));
/// PipeWriter output = PipeWriter.Create(new DeviceFileStream(file));
/// </code>
/// For the tasks of the kernel's scheduler: a read or write sleeps there, also on a file with O_NONBLOCK, and a token is looked at only
/// before. Nothing is buffered. A read of 0 bytes is the end; what the node refuses is an <see cref="IOException"/> with the errno's name.
/// The file stays its opener's: it is closed by <see cref="DeviceFile.CloseAsync"/>, not here.
/// </remarks>
/// <param name="file">The file.</param>
public sealed class DeviceFileStream(DeviceFile file) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => (file.Flags & OpenFlags.WriteOnly) == 0;

    /// <inheritdoc/>
    public override bool CanWrite => (file.Flags & (OpenFlags.WriteOnly | OpenFlags.ReadWrite)) != 0;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw NoSeek();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw NoSeek();
        set => throw NoSeek();
    }

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0; // else it would look like the end
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            IoResult result = await file.ReadAsync(buffer);
            if (result.Errno == Errno.Ok) return result.LengthBytes;
            if (result.Errno != Errno.EAGAIN) throw Refused("read", result.Errno);
            await WaitAsync(PollEvents.In);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            IoResult result = await file.WriteAsync(buffer);
            if (result.Errno == Errno.EAGAIN) await WaitAsync(PollEvents.Out);
            else if (result.Errno != Errno.Ok) throw Refused("write", result.Errno);
            else buffer = buffer[result.LengthBytes..]; // a node may take less than it is given
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override void Flush() { }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw NoBlocking();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw NoBlocking();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw NoSeek();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw NoSeek();

    private static InvalidOperationException NoBlocking() => new("a task of the scheduler cannot block: read and write asynchronously");

    private static NotSupportedException NoSeek() => new("a character device is a stream");

    private async ValueTask WaitAsync(PollEvents wanted)
    {
        (Errno errno, _) = await file.PollAsync(wanted);
        if (errno != Errno.Ok) throw Refused("poll", errno);
    }

    private IOException Refused(string call, Errno errno) => new($"{file}: {call}: {errno.Name()}");
}
