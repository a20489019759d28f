using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Gives the processor an IOMMU domain, if it has an IOMMU. Kernel: rproc_enable_iommu, rproc_disable_iommu.</summary>
internal sealed class EnableIommu : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_enable_iommu";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image) => new(Errno.Ok); // the domain is the platform's, and empty

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc)
    {
        Disable(rproc);
        return ValueTask.CompletedTask;
    }

    internal static void Disable(Rproc rproc) =>
        Invariant.Check(rproc.Iommu is null || rproc.Iommu.Windows.Count == 0, "a domain is empty when it is given up");
}
