using System.Threading.Tasks;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>Gives back everything that handling a table and allocating took.</summary>
internal static class ResourceCleanup
{
    /// <summary>Traces, IOMMU mappings, carveouts, vdevs, dump segments: in this order.</summary>
    /// <remarks>Kernel: rproc_resource_cleanup. The vdevs free their notifyids and reset their table entries as they go.</remarks>
    internal static async ValueTask RunAsync(Rproc rproc)
    {
        rproc.ClearTraces();
        rproc.Mappings.Release();
        rproc.Carveouts.Release();
        for (int i = rproc.Vdevs.Count - 1; i >= 0; i--) await rproc.Vdevs[i].RemoveAsync();
        rproc.ClearDumpSegments();
    }
}
