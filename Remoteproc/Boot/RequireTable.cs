using System.Threading.Tasks;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>
/// Refuses to boot a processor whose table was not read when it was added: the image was missing then, or has not come yet.
/// Kernel: rproc_fw_boot up to v4.8, table_ptr.
/// </summary>
internal sealed class RequireTable : IBootStep
{
    /// <inheritdoc/>
    public string Name => "rproc_fw_boot";

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image) => new(rproc.Table.HasTable ? Errno.Ok : Errno.ENOMEM);
}
