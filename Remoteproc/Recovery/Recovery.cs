using System;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;

namespace RemoteprocEmu.Remoteproc.Recovery;

/// <summary>Brings a crashed processor up again, with its resources and its users as they were.</summary>
/// <remarks>Source: remoteproc_core.c, rproc_trigger_recovery, rproc_boot_recovery, rproc_attach_recovery (v6.12 stable).</remarks>
internal static class Recovery
{
    internal static async ValueTask<Errno> TriggerAsync(Rproc rproc)
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
            errno = rproc.Config.AttachOnRecovery ? await AttachAsync(rproc) : await BootAsync(rproc);
            if (errno != Errno.Ok) await GiveUpAsync(rproc, errno);
        }

        rproc.PowerLock.Unlock();
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
        return errno == Errno.Ok ? await BootSequence.StartAsync(rproc, image) : errno;
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
        if (rproc.Table.HasTable || rproc.Carveouts.Items.Count > 0) await RprocPower.ReleaseAllAsync(rproc);
    }
}
