using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Subdevices;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>Makes a virtio device of a vdev when the processor has started, and takes it away before it stops.</summary>
/// <remarks>Source: remoteproc_virtio.c, rproc_vdev_do_start, rproc_vdev_do_stop.</remarks>
internal sealed class VdevSubdevice(RprocVdev vdev) : Subdevice(s_names[vdev.Index])
{
    private static readonly NameSeries s_names = new("vdev", "");

    /// <inheritdoc/>
    public override ValueTask<Errno> PrepareAsync()
    {
        if (vdev.Rproc.Era.VringContents == VringContents.ClearedTogether) vdev.ClearVrings();
        return new ValueTask<Errno>(Errno.Ok);
    }

    /// <inheritdoc/>
    public override ValueTask<Errno> StartAsync() => vdev.AddVirtioDeviceAsync();

    /// <inheritdoc/>
    public override ValueTask StopAsync(bool crashed) => vdev.RemoveVirtioDeviceAsync();
}
