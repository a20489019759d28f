using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>The users of a processor, and what the first and the last of them cause.</summary>
internal static class RprocPower
{
    /// <summary>Kernel: rproc_boot.</summary>
    /// <param name="rproc">The processor.</param>
    /// <param name="isNowait">Called from within the image's callback, for which it must not wait. Kernel: rproc_boot_nowait.</param>
    internal static async ValueTask<Errno> BootAsync(Rproc rproc, bool isNowait = false)
    {
        Errno errno = await rproc.PowerLock.LockInterruptibleAsync();
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"can't lock rproc {rproc.RprocName}: {errno.Kernel()}");
            return errno;
        }

        errno = TakeDriver(rproc);
        if (errno == Errno.Ok && ++rproc.Power == 1)
        {
            errno = rproc.State == RprocState.Detached ? await AttachAsync(rproc) : await BootFromFileAsync(rproc, isNowait);
            if (errno != Errno.Ok)
            {
                rproc.Power--;
                DropDriver(rproc);
            }
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
            bool crashed = rproc.State == RprocState.Crashed;
            errno = await StopSequence.RunAsync(rproc, crashed);
            if (errno == Errno.Ok) await ReleaseAllAsync(rproc);
            else rproc.Power++;
            if (errno == Errno.Ok && crashed) rproc.CrashComplete.CompleteAll(); // whoever recovers it may go on
        }

        if (errno == Errno.Ok) DropDriver(rproc);
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
        if (rproc.Era.VdevRegistration == VdevRegistration.AtRegistration) rproc.Table.BackToCachedForStop(); // the next boot uses it again
        else rproc.Table.Drop();
        rproc.TableAddress = Platform.Memory.DeviceAddress.Any;
    }

    /// <summary>Kernel: the begin of rproc_boot: RPROC_DELETED, or try_module_get where a boot takes the driver's module.</summary>
    private static Errno TakeDriver(Rproc rproc)
    {
        if (rproc.IsDeleting && rproc.Era.DeletionMark != DeletionMark.None)
        {
            rproc.Log.Error(rproc, $"can't boot deleted rproc {rproc.RprocName}");
            return Errno.ENODEV;
        }

        if (rproc.Era.ModuleReference != ModuleReference.TakenByBoot) return Errno.Ok;
        if (rproc.Parent!.Driver is null)
        {
            bool isUnloaded = rproc.Owner?.State is ModuleState.Going or ModuleState.Unloaded;
            string how = isUnloaded ? $"its module {rproc.Owner} was unloaded" : "it was unbound";
            throw new KernelOopsException($"rproc_boot: dereference of rproc->dev.parent->driver->owner after {how}");
        }

        if (rproc.Owner?.TryGet() == false)
        {
            rproc.Log.Error(rproc, "rproc_boot: can't get owner");
            return Errno.EINVAL;
        }

        if (rproc.IsDeleting) throw new KernelOopsException($"rproc_boot: use of rproc->ops of {rproc.Name} after rproc_del");
        return Errno.Ok;
    }

    private static void DropDriver(Rproc rproc)
    {
        if (rproc.Era.ModuleReference == ModuleReference.TakenByBoot) rproc.Owner?.Put();
    }

    private static ValueTask<Errno> AttachAsync(Rproc rproc)
    {
        rproc.Log.Info(rproc, $"attaching to {rproc.RprocName}");
        return AttachSequence.AttachAsync(rproc);
    }

    private static async ValueTask<Errno> BootFromFileAsync(Rproc rproc, bool isNowait)
    {
        rproc.Log.Info(rproc, $"powering up {rproc.RprocName}");
        (Errno errno, ReadOnlyMemory<byte> file) = await rproc.Kernel.Firmware.RequestAsync(rproc.FirmwareName);
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"request_firmware failed: {errno.Kernel()}");
            return errno;
        }

        if (!isNowait && rproc.Era.FirmwareCallback == FirmwareCallback.AwaitedByBootAndDelete)
            _ = await rproc.FirmwareLoaded.WaitAsync(); // no timeout; and with the lock held
        return await rproc.Module.BootSequence.BootAsync(rproc, new BootImage(file));
    }
}
