using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Lets the platform driver prepare: clocks, power, memory. Kernel: rproc_prepare_device, rproc_unprepare_device.</summary>
internal sealed class Prepare : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_prepare_device";

    /// <inheritdoc/>
    public async ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = await PrepareAsync(rproc);
        if (errno == Errno.Ok) return Errno.Ok;
        rproc.Log.Error(rproc, $"can't prepare rproc {rproc.RprocName}: {errno.Kernel()}");
        rproc.Carveouts.Release();
        return errno;
    }

    /// <summary>
    /// Unprepares, and forgets carveouts that the driver registered: the kernel keeps those, and the next boot registers them twice.
    /// </summary>
    public ValueTask ReleaseAsync(Rproc rproc)
    {
        rproc.Carveouts.Release();
        return UnprepareAsync(rproc);
    }

    internal static ValueTask<Errno> PrepareAsync(Rproc rproc) => rproc.Ops.Prepare?.Invoke(rproc) ?? new ValueTask<Errno>(Errno.Ok);

    internal static ValueTask UnprepareAsync(Rproc rproc) => rproc.Ops.Unprepare?.Invoke(rproc) ?? ValueTask.CompletedTask;
}
