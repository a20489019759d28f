using System;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.RemoteCores;

namespace RemoteprocEmu.Board.Scenarios;

/// <summary>A core whose mailbox may lose a kick of the host's, or deliver it late.</summary>
internal sealed class KickFaultCore(ScriptedCore core, ScenarioFaultPlan faults) : IRemoteCore
{
    private const long LateNs = 1_000_000;

    /// <inheritdoc/>
    public ValueTask<Errno> StartAsync(CoreStart start) => core.StartAsync(start);

    /// <inheritdoc/>
    public ValueTask<Errno> StopAsync() => core.StopAsync();

    /// <inheritdoc/>
    public ValueTask<Errno> AttachAsync(CoreStart start) => core.AttachAsync(start);

    /// <inheritdoc/>
    public ValueTask<Errno> DetachAsync() => core.DetachAsync();

    /// <inheritdoc/>
    public bool TryRewind() => core.TryRewind();

    /// <inheritdoc/>
    public void Kick(int notifyId)
    {
        if (faults.At(ScenarioFault.LoseKick) != Errno.Ok) return;
        if (faults.At(ScenarioFault.DelayKick) == Errno.Ok)
        {
            core.Kick(notifyId);
            return;
        }

        Func<ValueTask> late = async () =>
        {
            await core.Scheduler.DelayAsync(LateNs);
            core.Kick(notifyId);
        };
        _ = core.Scheduler.Spawn("late kick", late, core.Scheduler.Host);
    }
}
