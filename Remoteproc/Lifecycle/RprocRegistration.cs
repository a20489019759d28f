using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>How a processor becomes known, boots by itself, and goes away.</summary>
internal static class RprocRegistration
{
    /// <summary>Kernel: rproc_add (v6.12): validate, cdev, device_add, debugfs, auto boot, and only then findable by handle.</summary>
    internal static async ValueTask<Errno> AddAsync(Rproc rproc)
    {
        Errno errno = Validate(rproc);
        if (errno != Errno.Ok) return errno;
        errno = await rproc.AddAsync();
        if (errno != Errno.Ok) return errno;
        rproc.Log.Info(rproc, $"{rproc.RprocName} is available");
        if (rproc.AutoBoot)
        {
            errno = TriggerAutoBoot(rproc);
            if (errno != Errno.Ok)
            {
                await rproc.DeleteAsync();
                return errno;
            }
        }

        rproc.Module.AddToList(rproc);
        return Errno.Ok;
    }

    /// <summary>Kernel: rproc_del.</summary>
    internal static async ValueTask<Errno> DeleteAsync(Rproc rproc)
    {
        if (rproc.Era.DeletionMark == DeletionMark.First)
        {
            rproc.IsDeleting = true; // from here on a crash report is ignored and a boot is refused
            await rproc.Crash.CancelSyncAsync();
        }

        await DropUsersAsync(rproc);
        await rproc.PowerLock.LockAsync();
        rproc.IsDeleting = true;
        rproc.PowerLock.Unlock();
        rproc.Module.RemoveFromList(rproc);
        await rproc.DeleteAsync();
        return Errno.Ok;
    }

    private static async ValueTask DropUsersAsync(Rproc rproc)
    {
        DeleteWithUsers policy = rproc.Era.DeleteWithUsers;
        if (policy == DeleteWithUsers.DropsAutoBoot && !rproc.AutoBoot) return;
        Errno errno;
        do
        {
            errno = await rproc.ShutdownAsync(); // an error is ignored, as in the kernel: a processor that is off is fine
        }
        while (errno == Errno.Ok && rproc.Power > 0 && policy == DeleteWithUsers.ShutsDown);
    }

    /// <summary>Kernel: rproc_validate. A processor begins offline and can be started, or detached and can be attached to.</summary>
    private static Errno Validate(Rproc rproc) => rproc.State switch
    {
        RprocState.Offline => rproc.Ops.Start is null ? Errno.EINVAL : Errno.Ok,
        RprocState.Detached when rproc.Era.DetachedStart == DetachedStart.Adopted =>
            rproc.Ops.Attach is null || rproc.Table.HasCached ? Errno.EINVAL : Errno.Ok,
        _ => Errno.EINVAL,
    };

    /// <summary>
    /// Kernel: rproc_trigger_auto_boot. An image is asked for by and by, and only its being asked for matters: rproc_auto_boot_callback
    /// boots whether it came or not, and the boot asks again. An attach is scheduled as work (v6.12).
    /// </summary>
    private static Errno TriggerAutoBoot(Rproc rproc)
    {
        rproc.Get(); // for the callback: the kernel holds the device over request_firmware_nowait
        Func<ValueTask> boot = async () =>
        {
            _ = await rproc.BootAsync(); // dropped, as in the kernel: the log has it
            rproc.Put();
        };
        if (rproc.State == RprocState.Detached)
        {
            _ = rproc.Kernel.Scheduler.Spawn($"kworker/{rproc.Name}:attach_work", boot, rproc.Kernel.Scheduler.Host);
            return Errno.Ok;
        }

        Errno errno = rproc.Kernel.Firmware.RequestNowait(rproc.FirmwareName, rproc.Module, _ => boot());
        if (errno == Errno.Ok) return Errno.Ok;
        rproc.Log.Error(rproc, $"request_firmware_nowait err: {errno.Kernel()}");
        rproc.Put();
        return errno;
    }
}
