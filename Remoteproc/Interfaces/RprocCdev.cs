using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;

namespace RemoteprocEmu.Remoteproc.Interfaces;

/// <summary>The character device <c>/dev/remoteprocN</c>.</summary>
/// <remarks>
/// Source: remoteproc_cdev.c; include/uapi/linux/remoteproc_cdev.h. The flag belongs to the processor, not to the open file.
/// </remarks>
public sealed class RprocCdev(Rproc rproc)
{
    /// <summary>RPROC_SET_SHUTDOWN_ON_RELEASE: _IOW(0xB7, 1, s32).</summary>
    public const uint SetShutdownOnRelease = 0x4004B701;

    /// <summary>RPROC_GET_SHUTDOWN_ON_RELEASE: _IOR(0xB7, 2, s32).</summary>
    public const uint GetShutdownOnRelease = 0x8004B702;

    private const int CommandLengthMax = 10;

    private bool _shutdownOnRelease;

    /// <summary>Writes a command: start, stop, detach, or a prefix of one; no newline. Kernel: rproc_cdev_write.</summary>
    /// <returns>
    /// Ok (the kernel returns the length); EINVAL for a length of 0 or above 10 or an unknown word; or the action's errno.
    /// </returns>
    public async ValueTask<Errno> WriteAsync(string command)
    {
        ArgumentNullException.ThrowIfNull(command);
        if (command.Length is 0 or > CommandLengthMax) return Errno.EINVAL;
        if ("start".StartsWith(command, StringComparison.Ordinal)) return await rproc.BootAsync();
        if ("stop".StartsWith(command, StringComparison.Ordinal)) return await rproc.ShutdownAsync();
        if ("detach".StartsWith(command, StringComparison.Ordinal)) return await rproc.DetachAsync();
        rproc.Log.Error(rproc, "Unrecognized option");
        return Errno.EINVAL;
    }

    /// <summary>The two ioctls. Kernel: rproc_device_ioctl.</summary>
    /// <param name="request">Which.</param>
    /// <param name="value">In for the setter, out for the getter.</param>
    /// <returns>Ok; EINVAL for another request.</returns>
    public Errno Ioctl(uint request, ref int value)
    {
        switch (request)
        {
            case SetShutdownOnRelease:
                _shutdownOnRelease = value != 0;
                return Errno.Ok;
            case GetShutdownOnRelease:
                value = _shutdownOnRelease ? 1 : 0;
                return Errno.Ok;
            default:
                rproc.Log.Error(rproc, "Unsupported ioctl");
                return Errno.EINVAL;
        }
    }

    /// <summary>The last close of an open file. Kernel: rproc_cdev_release.</summary>
    /// <returns>Ok, also when a shutdown failed; what a detach returned.</returns>
    public async ValueTask<Errno> ReleaseAsync()
    {
        if (!_shutdownOnRelease) return Errno.Ok;
        if (rproc.State == RprocState.Running) _ = await rproc.ShutdownAsync(); // dropped, as in the kernel
        else if (rproc.State == RprocState.Attached) return await rproc.DetachAsync();
        return Errno.Ok;
    }
}
