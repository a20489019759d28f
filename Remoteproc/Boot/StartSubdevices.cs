using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Starts the subdevices: the vdevs register their virtio devices here, and drivers bind. Kernel: rproc_start_subdevices.
/// </summary>
internal sealed class StartSubdevices : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_start_subdevices";

    /// <inheritdoc/>
    public async ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = await rproc.Subdevices.StartAsync();
        if (errno != Errno.Ok) rproc.Log.Error(rproc, $"failed to probe subdevices for {rproc.RprocName}: {errno.Kernel()}");
        return errno;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc) => rproc.Subdevices.StopAsync(crashed: true);
}
