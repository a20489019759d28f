using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Lets each subdevice prepare, before the processor starts. Kernel: rproc_prepare_subdevices, rproc_unprepare_subdevices.
/// </summary>
internal sealed class PrepareSubdevices : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_prepare_subdevices";

    /// <inheritdoc/>
    public async ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = await rproc.Subdevices.PrepareAsync();
        if (errno != Errno.Ok) rproc.Log.Error(rproc, $"failed to prepare subdevices for {rproc.RprocName}: {errno.Kernel()}");
        return errno;
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc) => rproc.Subdevices.UnprepareAsync();
}
