using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Eras;
using RemoteprocEmu.Remoteproc.Lifecycle;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>A module can be removed, and a processor switched off, once its users are gone.</summary>
/// <remarks>
/// A user of a processor is who asked for a boot that returned Ok, the core's own auto boot included, until a shutdown or a detach returns
/// Ok to it. Power that is more than that, no user can ever drop.
/// </remarks>
internal sealed class RemovabilityOracle(
    FindingList findings, Kernel kernel, RemoteprocModule remoteproc, IReadOnlyList<ScriptedCore> cores)
{
    private readonly Dictionary<string, int> _users = []; // by device name; looked up, never walked

    /// <summary>Whether a processor was found to run without driver.</summary>
    public bool HasRunaway { get; private set; }

    public void Begin()
    {
        _users.Clear();
        HasRunaway = false;
    }

    public void UserCame(string processor) => _users[processor] = _users.GetValueOrDefault(processor) + 1;

    public void UserWent(string processor) => _users[processor] = _users.GetValueOrDefault(processor) - 1;

    public void UsersGone(string processor) => _users[processor] = 0;

    public void AtQuiet()
    {
        foreach (Rproc rproc in remoteproc.Processors)
        {
            if (rproc.State == RprocState.Offline)
            {
                if (rproc.Power == 0) continue;
                findings.Add(OracleRule.Removability, $"{rproc.Name} offline with power",
                    $"{rproc.Name} is offline and its power is {rproc.Power}: start returns 0 and does nothing, stop returns -EINVAL");
            }
            else if (IsUp(rproc.State) && _users.TryGetValue(rproc.Name, out int users) && rproc.Power != users)
            {
                findings.Add(OracleRule.Removability, $"{rproc.Name} power {(rproc.Power > users ? "above" : "below")} its users",
                    $"{rproc.Name} is {rproc.State.Word()} with power {rproc.Power}, and has {users} user{(users == 1 ? "" : "s")}");
            }
        }
    }

    public void AtEnd()
    {
        AtQuiet();
        foreach (KernelModule module in kernel.Modules.Loaded)
        {
            int users = kernel.Modules.Loaded.Count(other => other.DependsOn.Contains(module.Name)) + BootersOf(module);
            if (module.ReferenceCount <= users) continue; // it stays because somebody does
            findings.Add(OracleRule.Removability, $"{module.Name} cannot be removed",
                $"rmmod {module.Name} fails: it is used by {module.ReferenceCount}, and of these {users} are there");
        }

        foreach (ScriptedCore core in cores)
        {
            if (core.State != ScriptedCoreState.Running || remoteproc.Processors.Any(rproc => rproc.RprocName == core.Name)) continue;
            HasRunaway = true;
            findings.Add(OracleRule.Removability, $"{core.Name} runs without driver",
                $"{core.Name} still runs for this host, and no driver is left that could stop it");
        }
    }

    /// <summary>
    /// Users that still have the module's processors booted, where a boot takes the module. The core's own auto boot is none: that is the
    /// module itself.
    /// </summary>
    private int BootersOf(KernelModule module)
    {
        if (remoteproc.Era.ModuleReference != ModuleReference.TakenByBoot) return 0;
        int count = 0;
        foreach (Rproc rproc in remoteproc.Processors)
        {
            if (rproc.Owner != module || !_users.TryGetValue(rproc.Name, out int users)) continue;
            count += rproc.AutoBoot && remoteproc.Era.DriverPower == DriverPower.IsNoUser ? users - 1 : users;
        }

        return count;
    }

    private static bool IsUp(RprocState state) => state is RprocState.Running or RprocState.Attached or RprocState.Crashed;
}
