using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>A driver for channels of some names. Source: Linux include/linux/rpmsg.h, struct rpmsg_driver.</summary>
/// <param name="name">Its name in sysfs and in front of its log lines.</param>
/// <param name="owner">The module whose code it is; null when built in.</param>
/// <param name="idTable">The services that it is for; empty for one that is only bound by override.</param>
public abstract class RpmsgDriver(string name, KernelModule? owner, IReadOnlyList<string> idTable) : Driver(name, owner)
{
    /// <summary>The services that it is for.</summary>
    public IReadOnlyList<string> IdTable { get; } = idTable;

    /// <summary>The device tree nodes that it is for, by their <c>compatible</c>; looked at when no service matches.</summary>
    public virtual IReadOnlyList<string> OfMatchTable => [];

    /// <summary>What the channel's default endpoint does when the remote restricts the flow; null for nothing. Kernel:
    /// rpmsg_driver.flowcontrol.</summary>
    public virtual RpmsgFlowHandler? FlowHandler => null;

    /// <summary>What the channel's default endpoint does with messages; null for a driver that wants no default endpoint.</summary>
    public virtual RpmsgMessageHandler? Handler => null;

    /// <summary>Binds. The default endpoint is there already, so a message may come before this returns. Kernel:
    /// rpmsg_driver.probe.</summary>
    /// <returns>Ok, or why not; on an error it holds nothing.</returns>
    public abstract ValueTask<Errno> ProbeAsync(RpmsgDevice device);

    /// <summary>Lets go. The default endpoint goes after this. Kernel: rpmsg_driver.remove.</summary>
    public virtual ValueTask RemoveAsync(RpmsgDevice device) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public sealed override ValueTask<Errno> ProbeAsync(Device device) => ProbeAsync((RpmsgDevice)device);

    /// <inheritdoc/>
    public sealed override ValueTask RemoveAsync(Device device) => RemoveAsync((RpmsgDevice)device);
}
