using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Lets the processor out of reset: what was published by now is what its first instruction reads. Kernel: rproc->ops->start.
/// </summary>
internal sealed class StartCore : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_ops_start";

    /// <inheritdoc/>
    public async ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = rproc.Ops.Start is null ? Errno.EINVAL : await rproc.Ops.Start(rproc);
        if (errno != Errno.Ok) rproc.Log.Error(rproc, $"can't start rproc {rproc.RprocName}: {errno.Kernel()}");
        return errno;
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(Rproc rproc)
    {
        if (rproc.Ops.Stop is not null) _ = await rproc.Ops.Stop(rproc); // on this path the kernel ignores it too
    }
}
