using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.DriverModel.Nodes;

/// <summary>An open file of a character device: what a program gets from open(2). Used on the host processor.</summary>
/// <remarks>
/// Calls may come from several tasks at once, as from several threads. A file that is closed while a call is under way is released when
/// that call returns. Source: fs/read_write.c, fs/ioctl.c, fs/select.c, fs/file_table.c.
/// </remarks>
public sealed class DeviceFile
{
    private int _referenceCount = 1; // the descriptor, and each call under way
    private bool _isClosed;

    internal DeviceFile(DeviceNode node, OpenFlags flags)
    {
        Node = node;
        Flags = flags;
    }

    /// <summary>What was opened.</summary>
    public DeviceNode Node { get; }

    /// <summary>How. A program may set and clear O_NONBLOCK later, by fcntl(2).</summary>
    public OpenFlags Flags { get; set; }

    /// <summary>Whether it has O_NONBLOCK.</summary>
    public bool IsNonBlocking => (Flags & OpenFlags.NonBlock) != 0;

    /// <summary>read(2).</summary>
    /// <param name="buffer">Filled from its beginning.</param>
    /// <returns>What the node says; EBADF when it was opened for writing only, or is closed.</returns>
    public async ValueTask<IoResult> ReadAsync(Memory<byte> buffer)
    {
        if (_isClosed || (Flags & OpenFlags.WriteOnly) != 0) return IoResult.Failed(Errno.EBADF);
        Enter();
        IoResult result = await Node.ReadAsync(this, buffer);
        await PutAsync();
        return result;
    }

    /// <summary>write(2).</summary>
    /// <returns>What the node says; EBADF when it was opened for reading only, or is closed.</returns>
    public async ValueTask<IoResult> WriteAsync(ReadOnlyMemory<byte> buffer)
    {
        if (_isClosed || (Flags & (OpenFlags.WriteOnly | OpenFlags.ReadWrite)) == 0) return IoResult.Failed(Errno.EBADF);
        Enter();
        IoResult result = await Node.WriteAsync(this, buffer);
        await PutAsync();
        return result;
    }

    /// <summary>ioctl(2) with a pointer.</summary>
    /// <param name="command">Which.</param>
    /// <param name="memory">What the pointer points at; empty for a bad one.</param>
    /// <returns>What the node says; EBADF when it is closed.</returns>
    public ValueTask<Errno> IoctlAsync(uint command, Memory<byte> memory) => IoctlAsync(command, 0, memory);

    /// <summary>ioctl(2) with a number.</summary>
    /// <returns>What the node says; EBADF when it is closed.</returns>
    public ValueTask<Errno> IoctlAsync(uint command, ulong argument = 0) => IoctlAsync(command, argument, default);

    /// <summary>poll(2) on this file alone.</summary>
    /// <param name="wanted">What to wait for; <see cref="PollEvents.Err"/> and <see cref="PollEvents.Hup"/> in any case.</param>
    /// <param name="timeoutNs">Bound, ns; 0 to look once.</param>
    /// <returns>Ok and what it is ready for, None when the time ran out; EINTR; EBADF when it is closed.</returns>
    public async ValueTask<(Errno Errno, PollEvents Events)> PollAsync(PollEvents wanted, long timeoutNs = Scheduler.Forever)
    {
        if (_isClosed) return (Errno.EBADF, PollEvents.None);
        Enter();
        (Errno Errno, PollEvents Events) result = await Node.PollAsync(this, wanted, timeoutNs);
        await PutAsync();
        return result;
    }

    /// <summary>close(2). Once more is EBADF.</summary>
    public async ValueTask<Errno> CloseAsync()
    {
        if (_isClosed) return Errno.EBADF;
        _isClosed = true;
        await PutAsync();
        return Errno.Ok;
    }

    /// <inheritdoc/>
    public override string ToString() => Node.ToString();

    private async ValueTask<Errno> IoctlAsync(uint command, ulong argument, Memory<byte> memory)
    {
        if (_isClosed) return Errno.EBADF;
        Enter();
        Errno errno = await Node.IoctlAsync(this, command, argument, memory);
        await PutAsync();
        return errno;
    }

    private void Enter()
    {
        _referenceCount++;
        Node.Enter();
    }

    /// <summary>Kernel: fput.</summary>
    private async ValueTask PutAsync()
    {
        if (--_referenceCount > 0) return;
        Node.Enter();
        Node.OpenCount--;
        await Node.ReleaseAsync(this);
        Node.Owner?.Put();
    }
}
