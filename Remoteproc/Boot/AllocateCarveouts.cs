using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Vdevs;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Gives every carveout its memory, the vrings' among them, while the processor is still off.</summary>
/// <remarks>
/// Kernel: rproc_alloc_registered_carveouts. That vring memory exists before the start is the fix of 2016 (a863af5d4193); that its device
/// address is published here too is v4.10's form of it, which our default era keeps (<see cref="VringPublication"/>).
/// What was allocated is freed by the clean-up of <see cref="HandleResources"/>, as in the kernel.
/// </remarks>
internal sealed class AllocateCarveouts : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_alloc_registered_carveouts";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        Errno errno = rproc.Carveouts.Allocate();
        if (errno != Errno.Ok)
        {
            rproc.Log.Error(rproc, $"Failed to allocate associated carveouts: {errno.Kernel()}");
            return new ValueTask<Errno>(errno);
        }

        if (rproc.Era.VringPublication == VringPublication.WithResources)
        {
            foreach (RprocVdev vdev in rproc.Vdevs) vdev.PublishVrings();
        }

        return new ValueTask<Errno>(Errno.Ok);
    }
}
