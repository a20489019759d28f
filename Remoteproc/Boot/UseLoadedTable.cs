using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Works on the firmware's copy of the table from here on, when the processor runs already: what the host wrote between the copy and
/// this is not in it. Kernel: rproc_fw_boot up to v4.8, the assignment to table_ptr.
/// </summary>
internal sealed class UseLoadedTable : IBootStep
{
    /// <inheritdoc/>
    public string? Name => null;

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        rproc.Table.SwitchToLoaded();
        return new ValueTask<Errno>(Errno.Ok);
    }
}
