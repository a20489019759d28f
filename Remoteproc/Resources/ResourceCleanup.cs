using System.Threading.Tasks;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>Gives back everything that handling a table and allocating took.</summary>
internal static class ResourceCleanup
{
    /// <summary>Traces, IOMMU mappings, carveouts, vdevs, dump segments: in this order.</summary>
    /// <remarks>
    /// Kernel: rproc_resource_cleanup. The vdevs free their notifyids and reset their table entries as they go. Vdevs that came with the
    /// registration stay until <see cref="RemoveVdevsAsync"/> is called for them.
    /// </remarks>
    internal static async ValueTask RunAsync(Rproc rproc)
    {
        rproc.ClearTraces();
        rproc.Mappings.Release();
        rproc.Carveouts.Release();
        if (rproc.Era.VdevRegistration != VdevRegistration.AtRegistration) await RemoveVdevsAsync(rproc);
        rproc.ClearDumpSegments();
    }

    /// <summary>Takes every vdev away, in table order, with its virtio device where it still has one.</summary>
    internal static async ValueTask RemoveVdevsAsync(Rproc rproc)
    {
        while (rproc.Vdevs.Count > 0) await rproc.Vdevs[0].RemoveAsync();
    }
}
