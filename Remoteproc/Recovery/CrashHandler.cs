using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Lifecycle;

namespace RemoteprocEmu.Remoteproc.Recovery;

/// <summary>Takes crash reports, from any context, and handles them in a worker: the first of several wins.</summary>
/// <remarks>Source: remoteproc_core.c, rproc_report_crash, rproc_crash_handler_work.</remarks>
public sealed class CrashHandler
{
    private readonly Rproc _rproc;
    private readonly Work _work;

    internal CrashHandler(Rproc rproc)
    {
        _rproc = rproc;
        _work = rproc.Module.RecoveryQueue.CreateWork(rproc.Name, HandleAsync);
    }

    /// <summary>Whether a report waits or is being handled.</summary>
    public bool IsBusy => _work.IsBusy;

    /// <summary>Waits until every report made so far has been handled.</summary>
    public ValueTask FlushAsync() => _work.FlushAsync();

    internal void Report(RprocCrashType type)
    {
        if (_rproc.IsDeleting) return;
        _ = _work.Queue(); // one that waits stands for this one too
        _rproc.Log.Error(_rproc, $"crash detected in {_rproc.RprocName}: type {type.Word()}");
    }

    internal ValueTask CancelSyncAsync() => _work.CancelSyncAsync();

    private async ValueTask HandleAsync()
    {
        await _rproc.PowerLock.LockAsync();
        if (_rproc.IsDeleting || _rproc.State is RprocState.Crashed or RprocState.Offline)
        {
            _rproc.PowerLock.Unlock();
            return;
        }

        _rproc.SetState(RprocState.Crashed);
        _rproc.CrashCount++;
        _rproc.Log.Error(_rproc, $"handling crash #{_rproc.CrashCount} in {_rproc.RprocName}");
        _rproc.PowerLock.Unlock();

        if (!_rproc.RecoveryDisabled) _ = await Recovery.TriggerAsync(_rproc); // dropped, as in the kernel: the log has it
    }
}
