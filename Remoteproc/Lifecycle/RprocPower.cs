using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>The users of a processor, and what the first and the last of them cause.</summary>
internal static class RprocPower
{
    /// <summary>Kernel: rproc_boot.</summary>
    internal static async ValueTask<Errno> BootAsync(Rproc rproc)
    {
        Errno errno = await rproc.PowerLock.LockInterruptibleAsync();
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"can't lock rproc {rproc.RprocName}: {errno.Kernel()}");
            return errno;
        }

        if (rproc.IsDeleting)
        {
            rproc.Log.Error(rproc, $"can't boot deleted rproc {rproc.RprocName}");
            errno = Errno.ENODEV;
        }
        else if (++rproc.Power == 1)
        {
            errno = rproc.State == RprocState.Detached ? await AttachAsync(rproc) : await BootFromFileAsync(rproc);
            if (errno != Errno.Ok) rproc.Power--;
        }

        rproc.PowerLock.Unlock();
        return errno;
    }

    /// <summary>Kernel: rproc_shutdown.</summary>
    internal static async ValueTask<Errno> ShutdownAsync(Rproc rproc)
    {
        Errno errno = await rproc.PowerLock.LockInterruptibleAsync();
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"can't lock rproc {rproc.RprocName}: {errno.Kernel()}");
            return errno;
        }

        if (!IsUp(rproc.State))
        {
            errno = Errno.EINVAL;
        }
        else if (--rproc.Power == 0)
        {
            errno = await StopSequence.RunAsync(rproc, crashed: rproc.State == RprocState.Crashed);
            if (errno == Errno.Ok) await ReleaseAllAsync(rproc);
            else rproc.Power++;
        }

        rproc.PowerLock.Unlock();
        return errno;
    }

    /// <summary>Kernel: rproc_detach.</summary>
    internal static async ValueTask<Errno> DetachAsync(Rproc rproc)
    {
        Errno errno = await rproc.PowerLock.LockInterruptibleAsync();
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"can't lock rproc {rproc.RprocName}: {errno.Kernel()}");
            return errno;
        }

        if (rproc.State != RprocState.Attached)
        {
            errno = Errno.EINVAL;
        }
        else if (--rproc.Power == 0)
        {
            errno = await AttachSequence.DetachAsync(rproc);
            if (errno == Errno.Ok) await ReleaseAllAsync(rproc);
            else rproc.Power++;
        }

        rproc.PowerLock.Unlock();
        return errno;
    }

    /// <summary>Whether a shutdown finds something to stop.</summary>
    internal static bool IsUp(RprocState state) => state is RprocState.Running or RprocState.Attached or RprocState.Crashed;

    /// <summary>Under the lock: what follows a stop that was for good. Kernel: the tail of rproc_shutdown and of rproc_detach.</summary>
    internal static async ValueTask ReleaseAllAsync(Rproc rproc)
    {
        await ResourceCleanup.RunAsync(rproc);
        await Prepare.UnprepareAsync(rproc);
        EnableIommu.Disable(rproc);
        rproc.Table.Drop();
        rproc.TableAddress = Platform.Memory.DeviceAddress.Any;
    }

    private static ValueTask<Errno> AttachAsync(Rproc rproc)
    {
        rproc.Log.Info(rproc, $"attaching to {rproc.RprocName}");
        return AttachSequence.AttachAsync(rproc);
    }

    private static async ValueTask<Errno> BootFromFileAsync(Rproc rproc)
    {
        rproc.Log.Info(rproc, $"powering up {rproc.RprocName}");
        (Errno errno, ReadOnlyMemory<byte> file) = await rproc.Kernel.Firmware.RequestAsync(rproc.FirmwareName);
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"request_firmware failed: {errno.Kernel()}");
            return errno;
        }

        return await BootSequence.BootAsync(rproc, new BootImage(file));
    }
}
