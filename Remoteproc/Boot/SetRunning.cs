using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;

namespace RemoteprocEmu.Remoteproc.Boot;

/// <summary>Calls the processor running (<see cref="RunningState"/>). Kernel: rproc_fw_boot, rproc_start.</summary>
internal sealed class SetRunning : IBootStep
{
    /// <inheritdoc/>
    public string? Name => null;

    /// <inheritdoc/>
    public ValueTask<Errno> AcquireAsync(Rproc rproc, BootImage image)
    {
        rproc.SetState(RprocState.Running);
        rproc.Log.Info(rproc, $"remote processor {rproc.RprocName} is now up");
        return new ValueTask<Errno>(Errno.Ok);
    }

    /// <inheritdoc/>
    public ValueTask ReleaseAsync(Rproc rproc)
    {
        rproc.SetState(RprocState.Offline);
        return ValueTask.CompletedTask;
    }
}
