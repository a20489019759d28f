using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>Takes a processor down; its resources stay. Kernel: rproc_stop.</summary>
/// <remarks>
/// subdevices, last first, while the processor still runs; the table back to the cached copy; the processor; unprepare. A processor
/// that will not stop keeps its state, but its subdevices are down.
/// </remarks>
internal static class StopSequence
{
    internal static async ValueTask<Errno> RunAsync(Rproc rproc, bool crashed)
    {
        if (rproc.Ops.Stop is null) return Errno.EINVAL;
        await rproc.Kernel.Scheduler.Point("rproc_stop_subdevices");
        await rproc.Subdevices.StopAsync(crashed);
        if (rproc.Era.LoadedTable == LoadedTable.UntilStop) rproc.Table.BackToCachedForStop();
        Errno errno = await rproc.StepAsync("rproc_ops_stop");
        if (errno == Errno.Ok) errno = await rproc.Ops.Stop(rproc);
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"can't stop rproc: {errno.Kernel()}");
            return errno;
        }

        await rproc.Subdevices.UnprepareAsync();
        rproc.SetState(RprocState.Offline);
        rproc.Log.Info(rproc, $"stopped remote processor {rproc.RprocName}");
        return Errno.Ok;
    }
}
