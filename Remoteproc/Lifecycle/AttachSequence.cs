using System;
using System.Threading.Tasks;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Boot;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Lifecycle;

/// <summary>Adopts a processor that something else has started, and lets it go again.</summary>
internal static class AttachSequence
{
    /// <summary>Kernel: rproc_attach. No image; the table is the one that the processor runs on.</summary>
    internal static async ValueTask<Errno> AttachAsync(Rproc rproc)
    {
        Errno errno = await rproc.StepAsync("rproc_prepare_device");
        if (errno == Errno.Ok) errno = await Prepare.PrepareAsync(rproc);
        if (errno != Errno.Ok) return errno;

        errno = await rproc.StepAsync("rproc_set_rsc_table");
        if (errno == Errno.Ok) errno = SetTable(rproc);
        if (errno == Errno.Ok)
        {
            rproc.NotifyIds.Reset();
            rproc.VdevCount = 0;
            errno = await AttachWithTableAsync(rproc);
            if (errno == Errno.Ok) return Errno.Ok;
            await ResourceCleanup.RunAsync(rproc);
            rproc.Table.Drop();
        }

        await Prepare.UnprepareAsync(rproc);
        EnableIommu.Disable(rproc);
        return errno;
    }

    /// <summary>Kernel: __rproc_detach. The live table is put back as it was found, for whoever attaches next.</summary>
    internal static async ValueTask<Errno> DetachAsync(Rproc rproc)
    {
        if (rproc.Ops.Detach is null) return Errno.EINVAL;
        await rproc.Kernel.Scheduler.Point("rproc_stop_subdevices");
        await rproc.Subdevices.StopAsync(crashed: false);
        Errno errno = rproc.Table.BackToCachedForDetach();
        if (errno == Errno.Ok) errno = await rproc.StepAsync("rproc_ops_detach");
        if (errno == Errno.Ok) errno = await rproc.Ops.Detach(rproc);
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"can't detach from rproc: {errno.Kernel()}");
            return errno;
        }

        await rproc.Subdevices.UnprepareAsync();
        rproc.SetState(RprocState.Detached);
        rproc.Log.Info(rproc, $"detached remote processor {rproc.RprocName}");
        return Errno.Ok;
    }

    private static Errno SetTable(Rproc rproc)
    {
        if (rproc.Ops.GetLoadedTable is null) return Errno.Ok;
        (Errno errno, Memory<byte> table) = rproc.Ops.GetLoadedTable(rproc);
        if (errno != Errno.Ok || table.IsEmpty) return errno;
        ResourceTableStatus status = ResourceTableReader.TryOpen(table.Span, out _);
        if (status != ResourceTableStatus.Ok)
        {
            rproc.Log.Error(rproc, $"loaded resource table: {status.Explanation()} (rule {status.RuleId()})");
            return status.ToErrno();
        }

        rproc.Table.UseAttached(table, keepClean: rproc.Ops.Detach is not null);
        return Errno.Ok;
    }

    private static async ValueTask<Errno> AttachWithTableAsync(Rproc rproc)
    {
        Errno errno = await rproc.StepAsync("rproc_handle_resources");
        if (errno == Errno.Ok) errno = await ResourceHandlers.HandleResourcesAsync(rproc, ResourcePass.All);
        if (errno == Errno.Ok) errno = await rproc.StepAsync("rproc_alloc_registered_carveouts");
        if (errno == Errno.Ok) errno = rproc.Carveouts.Allocate();
        if (errno != Errno.Ok) return errno;
        foreach (Vdevs.RprocVdev vdev in rproc.Vdevs)
        {
            if (rproc.Era.VringPublication == Eras.VringPublication.WithResources) vdev.PublishVrings();
        }

        return await AttachCoreAsync(rproc);
    }

    /// <summary>Kernel: __rproc_attach. When a subdevice does not start it calls ops->stop, not detach.</summary>
    private static async ValueTask<Errno> AttachCoreAsync(Rproc rproc)
    {
        Errno errno = await rproc.StepAsync("rproc_prepare_subdevices");
        if (errno == Errno.Ok) errno = await rproc.Subdevices.PrepareAsync();
        if (errno != Errno.Ok) return errno;
        errno = await rproc.StepAsync("rproc_ops_attach");
        if (errno == Errno.Ok) errno = rproc.Ops.Attach is null ? Errno.EINVAL : await rproc.Ops.Attach(rproc);
        if (errno == Errno.Ok)
        {
            errno = await rproc.StepAsync("rproc_start_subdevices");
            if (errno == Errno.Ok) errno = await rproc.Subdevices.StartAsync();
            if (errno == Errno.Ok)
            {
                rproc.SetState(RprocState.Attached);
                rproc.Log.Info(rproc, $"remote processor {rproc.RprocName} is now attached");
                return Errno.Ok;
            }

            if (rproc.Ops.Stop is not null) _ = await rproc.Ops.Stop(rproc); // ignored, as in the kernel
        }

        await rproc.Subdevices.UnprepareAsync();
        return errno;
    }
}
