using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Resources;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Registers what the table asks for, of the entries of one pass. Kernel: rproc_handle_resources, rproc_resource_cleanup.
/// </summary>
internal sealed class HandleResources(ResourcePass pass) : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_handle_resources";

    /// <inheritdoc/>
    public async ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = await ResourceHandlers.HandleResourcesAsync(rproc, pass);
        if (errno == Errno.Ok) return Errno.Ok;
        rproc.Log.Error(rproc, $"Failed to process resources: {errno.Kernel()}");
        await ResourceCleanup.RunAsync(rproc); // what was registered before the bad entry
        return errno;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc) => ResourceCleanup.RunAsync(rproc);
}
