using System;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Resources;

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
        rproc.Kernel.Scheduler.Watch?.UsersGone(rproc.Name); // an earlier one of its name may have kept some
        rproc.Log.Info(rproc, $"{rproc.RprocName} is available");
        if (rproc.AutoBoot || rproc.Era.FirmwareCallback != FirmwareCallback.NotAwaited)
        {
            errno = rproc.State == RprocState.Detached ? ScheduleAttach(rproc) : RequestFirmware(rproc);
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

        if (rproc.Era.FirmwareCallback != FirmwareCallback.NotAwaited) _ = await rproc.FirmwareLoaded.WaitAsync(); // no timeout
        await DropUsersAsync(rproc);
        if (rproc.Era.FirmwareCallback != FirmwareCallback.NotAwaited) await ResourceCleanup.RemoveVdevsAsync(rproc); // of a registration
        if (rproc.Era.VdevRegistration == VdevRegistration.AtRegistration) rproc.Table.Drop();
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
        if (policy == DeleteWithUsers.DropsNobody) return;
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

    /// <summary>Asks for the image, for <see cref="OnFirmwareAsync"/>. Kernel: rproc_trigger_auto_boot, rproc_add_virtio_devices.</summary>
    internal static Errno RequestFirmware(Rproc rproc)
    {
        rproc.Get(); // for the callback: the kernel holds the device over request_firmware_nowait
        rproc.FirmwareLoaded.Reset();
        Errno errno = rproc.Kernel.Firmware.RequestNowait(rproc.FirmwareName, rproc.Module, content => OnFirmwareAsync(rproc, content));
        if (errno == Errno.Ok) return Errno.Ok;
        rproc.Log.Error(rproc, $"request_firmware_nowait err: {errno.Kernel()}");
        rproc.FirmwareLoaded.CompleteAll();
        rproc.Put();
        return errno;
    }

    /// <summary>
    /// Kernel: rproc_auto_boot_callback boots whether the image came or not, and the boot asks again; up to v4.8 rproc_fw_config_virtio
    /// boots nothing and registers what the image's table has.
    /// </summary>
    private static async ValueTask OnFirmwareAsync(Rproc rproc, ReadOnlyMemory<byte>? content)
    {
        rproc.FirmwareLoaded.ExpectedFrom = rproc.Kernel.Scheduler.Current;
        if (rproc.Era.VdevRegistration == VdevRegistration.AtRegistration) await RegisterVdevsAsync(rproc, content);
        else if (rproc.AutoBoot) _ = await rproc.BootNowaitAsync(); // dropped, as in the kernel: the log has it
        rproc.FirmwareLoaded.CompleteAll();
        rproc.Put();
    }

    /// <summary>Kernel: rproc_fw_config_virtio up to v4.8. A vdev whose driver is loaded boots the processor from here.</summary>
    private static async ValueTask RegisterVdevsAsync(Rproc rproc, ReadOnlyMemory<byte>? content)
    {
        if (content is not { } file) return;
        BootImage image = new(file);
        if (CheckImage.Open(rproc, image) != Errno.Ok) return;
        if (ResourceTableSection.TryFind(image.Elf, out ResourceTableSection section) != ResourceTableStatus.Ok) return;
        rproc.RegisteredTable = section.Bytes;
        rproc.Table.CacheFromFirmware(section.Bytes.Span);
        rproc.NotifyIds.Reset();
        rproc.VdevCount = 0;
        Errno errno = await ResourceHandlers.HandleResourcesAsync(rproc, ResourcePass.Vdevs);
        if (errno != Errno.Ok) rproc.Log.Error(rproc, $"Failed to process resources: {errno.Kernel()}"); // those before the bad one stay
    }

    /// <summary>Kernel: attach_work of rproc_trigger_auto_boot (v6.12).</summary>
    private static Errno ScheduleAttach(Rproc rproc)
    {
        rproc.Get();
        _ = rproc.Kernel.Scheduler.Spawn($"kworker/{rproc.Name}:attach_work", async () =>
        {
            _ = await rproc.BootAsync(); // dropped, as in the kernel: the log has it
            rproc.Put();
        }, rproc.Kernel.Scheduler.Host);
        return Errno.Ok;
    }
}
