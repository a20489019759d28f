using System;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Virtio.Console;

/// <summary>/dev/vport0p0 of an rproc-serial port, or /dev/hvc0 of a console.</summary>
/// <remarks>
/// <code>
/// after the device went   /dev/vport0p0    /dev/hvc0
/// read                    ENODEV           0, the end of the file
/// write                   ENODEV           EIO
/// poll                    POLLHUP          POLLIN, POLLOUT, POLLHUP, POLLERR
/// </code>
/// Source: drivers/char/virtio_console.c (v6.12), portdev_fops, hv_ops; drivers/tty/tty_io.c, hung_up_tty_fops.
/// </remarks>
internal sealed class ConsoleNode(ConsolePort port, VirtioConsoleModule owner)
    : DeviceNode(port.Kernel, port.IsConsole ? s_consoles[port.ConsoleIndex] : port.Name, port.IsConsole ? null : owner)
{
    private static readonly NameSeries s_consoles = new("hvc", "");

    /// <summary>Something has changed.</summary>
    public void Wake() => WakeAll();

    /// <summary>Kernel: port_fops_open; hvc_open.</summary>
    protected override ValueTask<Errno> OpenAsync(DeviceFile file)
    {
        if (!port.IsPlugged) return new(Errno.ENXIO);
        if (!port.IsConsole)
        {
            if (port.IsOpen) return new(Errno.EBUSY);
            port.IsOpen = true;
            port.ReclaimSent();
        }

        port.Get();
        return new(Errno.Ok);
    }

    /// <summary>Kernel: port_fops_release: what came and was not read is lost. A console keeps it for the next.</summary>
    protected override ValueTask ReleaseAsync(DeviceFile file)
    {
        if (!port.IsConsole)
        {
            port.IsOpen = false;
            port.Discard();
            port.ReclaimSent();
        }

        port.Put();
        return ValueTask.CompletedTask;
    }

    /// <summary>Kernel: port_fops_read.</summary>
    protected override async ValueTask<IoResult> ReadAsync(DeviceFile file, Memory<byte> buffer)
    {
        if (!port.IsPlugged) return Gone(Errno.Ok);
        if (!port.HasData)
        {
            if (file.IsNonBlocking) return IoResult.Failed(Errno.EAGAIN);
            Errno errno = await WaitAsync(port, static port => !port.IsPlugged || port.HasData);
            if (errno != Errno.Ok) return IoResult.Failed(errno);
            if (!port.IsPlugged) return Gone(Errno.Ok);
        }

        return IoResult.Moved(port.Read(buffer.Span));
    }

    /// <summary>Kernel: port_fops_write; hvc_write and put_chars, which spins until the bytes are taken. Here it sleeps.</summary>
    protected override async ValueTask<IoResult> WriteAsync(DeviceFile file, ReadOnlyMemory<byte> buffer)
    {
        if (buffer.IsEmpty) return IoResult.Moved(0);
        if (port.WouldWriteBlock)
        {
            if (file.IsNonBlocking) return IoResult.Failed(Errno.EAGAIN);
            Errno errno = await WaitAsync(port, static port => !port.WouldWriteBlock);
            if (errno != Errno.Ok) return IoResult.Failed(errno);
        }

        if (!port.IsPlugged) return Gone(Errno.EIO);
        IoResult result = port.Send(buffer.Span);
        if (port.IsConsole && result.LengthBytes > 0) _ = await WaitAsync(port, static port => port.IsDrained);
        return result;
    }

    /// <summary>Kernel: port_fops_poll.</summary>
    protected override ValueTask<PollEvents> PollAsync(DeviceFile file)
    {
        const PollEvents Readable = PollEvents.In | PollEvents.RdNorm;
        if (!port.IsPlugged)
        {
            return new(port.IsConsole
                ? Readable | PollEvents.Out | PollEvents.WrNorm | PollEvents.Err | PollEvents.Hup
                : PollEvents.Hup);
        }

        PollEvents events = port.HasData ? Readable : PollEvents.None;
        if (!port.WouldWriteBlock) events |= PollEvents.Out;
        return new(events);
    }

    /// <summary>A port's file fails; a console's was hung up.</summary>
    private IoResult Gone(Errno hungUp) =>
        !port.IsConsole ? IoResult.Failed(Errno.ENODEV) : hungUp == Errno.Ok ? IoResult.Moved(0) : IoResult.Failed(hungUp);
}
