using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Virtio.Console;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>Writes numbered records to a console or serial port whose remote echoes, and verifies each that comes back.</summary>
/// <remarks>As a program of the host does it: by open, write, read and close of /dev/vport0p0 or /dev/hvc0.</remarks>
/// <param name="vdevIndex">The vdev's place in the table.</param>
/// <param name="count">Records to exchange.</param>
public sealed class ByteExchange(int vdevIndex, long count)
{
    private const int UnderWayMax = 4;

    private readonly byte[] _record = new byte[MessageStream.MessageBytes];
    private readonly byte[] _echo = new byte[MessageStream.MessageBytes];

    /// <summary>The vdev's place in the table.</summary>
    public int VdevIndex { get; } = vdevIndex;

    /// <summary>Its records.</summary>
    public MessageStream Stream { get; } = new(count);

    /// <summary>Whether the last is back.</summary>
    public bool IsDone => Stream.IsDone;

    /// <summary>A port is there: exchanges until all is done, or the port goes.</summary>
    /// <returns>Ok when all is done; or what open, read or write said, with EPIPE for an end of the stream.</returns>
    public async ValueTask<Errno> RunAsync(ConsolePort port)
    {
        ArgumentNullException.ThrowIfNull(port);
        Stream.BeginChannel();
        (Errno errno, DeviceFile? file) = await port.Kernel.Nodes.OpenAsync(port.Node.Name, OpenFlags.ReadWrite);
        if (errno != Errno.Ok) return errno;
        int length = 0;
        while (errno == Errno.Ok && !Stream.IsDone)
        {
            while (errno == Errno.Ok && Stream.HasMore && Stream.UnderWayCount < UnderWayMax)
            {
                _ = Stream.WriteNext(_record);
                errno = (await file!.WriteAsync(_record)).Errno; // a record is shorter than what one write takes
            }

            if (errno != Errno.Ok) break;
            IoResult read = await file!.ReadAsync(_echo.AsMemory(length));
            errno = read.Errno == Errno.Ok && read.LengthBytes == 0 ? Errno.EPIPE : read.Errno;
            length += read.LengthBytes;
            if (length < _echo.Length) continue;
            _ = Stream.Take(_echo); // the stream counts what is wrong
            length = 0;
        }

        _ = await file!.CloseAsync(); // it is open
        return errno;
    }
}
