using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Recovery;

/// <summary>
/// Brings a crashed processor up again; today with its resources and its users as they were (<see cref="RecoveryForm"/>).
/// </summary>
/// <remarks>Source: remoteproc_core.c, rproc_trigger_recovery, rproc_boot_recovery, rproc_attach_recovery (v6.12 stable).</remarks>
internal static class Recovery
{
    internal static ValueTask<Errno> TriggerAsync(Rproc rproc) =>
        rproc.Era.RecoveryForm == RecoveryForm.RestartsInPlace ? RestartAsync(rproc) : BringDownAndUpAsync(rproc);

    private static async ValueTask<Errno> RestartAsync(Rproc rproc)
    {
        Errno errno = await rproc.PowerLock.LockInterruptibleAsync();
        if (errno != Errno.Ok) return errno;
        if (rproc.IsDeleting)
        {
            errno = Errno.ENODEV;
        }
        else if (rproc.State == RprocState.Crashed) // the state can have changed before the lock was got
        {
            rproc.Log.Error(rproc, $"recovering {rproc.RprocName}");
            bool attaches = rproc.Config.AttachOnRecovery && rproc.Era.DetachedStart == DetachedStart.Adopted;
            errno = attaches ? await AttachAsync(rproc) : await BootAsync(rproc);
            if (errno != Errno.Ok) await GiveUpAsync(rproc, errno);
        }

        rproc.PowerLock.Unlock();
        return errno;
    }

    /// <summary>
    /// Kernel: rproc_trigger_recovery up to v4.9, which is called without the lock. It waits for the last user to let go: while a consumer
    /// holds power, for ever.
    /// </summary>
    private static async ValueTask<Errno> BringDownAndUpAsync(Rproc rproc)
    {
        if (rproc.State != RprocState.Crashed) return Errno.Ok;
        rproc.Log.Error(rproc, $"recovering {rproc.RprocName}");
        rproc.CrashComplete.Reset();
        bool registersAnew = rproc.Era.RecoveryForm == RecoveryForm.RegistersAnew;
        if (registersAnew) await ResourceCleanup.RemoveVdevsAsync(rproc);
        else _ = await RprocPower.ShutdownAsync(rproc); // void in those kernels
        _ = await rproc.CrashComplete.WaitAsync(); // no timeout
        if (rproc.IsDeleting) return Errno.ENODEV; // rproc_del came meanwhile; the kernel goes on in freed memory
        if (registersAnew)
        {
            rproc.Table.Drop();
            return RprocRegistration.RequestFirmware(rproc); // drivers boot it from the callback
        }

        Errno errno = await RprocPower.BootAsync(rproc); // a recovery is no user: who was one before still is
        if (errno == Errno.Ok && rproc.Era.RecoveryForm == RecoveryForm.ShutsDownAndBootsTwice) errno = await RprocPower.BootAsync(rproc);
        if (errno != Errno.Ok && rproc.Power == 0) rproc.Kernel.Scheduler.Watch?.UsersGone(rproc.Name);
        return errno;
    }

    /// <summary>
    /// Not a whole boot: the table is not parsed again, and carveouts, vrings, notifyids and users stay. The cached table is put in place
    /// anew, so the firmware finds the same addresses.
    /// </summary>
    private static async ValueTask<Errno> BootAsync(Rproc rproc)
    {
        Errno errno = await StopSequence.RunAsync(rproc, crashed: true);
        if (errno != Errno.Ok) return errno;
        await rproc.Coredump.TakeAsync(); // between stop and start, while nothing moves
        (errno, ReadOnlyMemory<byte> file) = await rproc.Kernel.Firmware.RequestAsync(rproc.FirmwareName);
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"request_firmware failed: {errno.Kernel()}");
            return errno;
        }

        BootImage image = new(file);
        errno = CheckImage.Open(rproc, image); // the kernel loads it unjudged; a file that was replaced meanwhile may be anything
        return errno == Errno.Ok ? await rproc.Module.BootSequence.StartAsync(rproc, image) : errno;
    }

    private static async ValueTask<Errno> AttachAsync(Rproc rproc)
    {
        Errno errno = await AttachSequence.DetachAsync(rproc);
        if (errno != Errno.Ok) return errno;
        await RprocPower.ReleaseAllAsync(rproc);
        return await AttachSequence.AttachAsync(rproc);
    }

    // Upstream leaves power and resources of a processor that is off (RP-43); our default era gives them back.
    private static async ValueTask GiveUpAsync(Rproc rproc, Errno errno)
    {
        rproc.Log.Error(rproc, $"recovery failed: {errno.Kernel()}");
        if (rproc.Era.FailedRecovery != FailedRecovery.ReleasesAll) return;
        if (rproc.State is not (RprocState.Offline or RprocState.Detached)) return; // it would not stop: a shutdown may be tried again
        rproc.Power = 0;
        rproc.Kernel.Scheduler.Watch?.UsersGone(rproc.Name);
        if (rproc.Table.HasTable || rproc.Carveouts.Items.Count > 0) await RprocPower.ReleaseAllAsync(rproc);
    }
}
