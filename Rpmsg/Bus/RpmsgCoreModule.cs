using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>rpmsg_core: the bus. Loaded first, unloaded last.</summary>
public sealed class RpmsgCoreModule(Kernel kernel) : KernelModule(kernel, ModuleName)
{
    /// <summary>As lsmod shows it.</summary>
    public const string ModuleName = "rpmsg_core";

    /// <summary>The bus; empty while the module is not loaded, for whoever uses it depends on the module.</summary>
    public RpmsgBus Bus { get; } = new(kernel);

    /// <inheritdoc/>
    protected override ValueTask<Errno> InitAsync() => new(Errno.Ok);

    /// <inheritdoc/>
    protected override ValueTask ExitAsync()
    {
        Invariant.Check(Bus.Devices.Count == 0 && Bus.Drivers.Count == 0, "whoever uses the rpmsg bus keeps rpmsg_core loaded");
        return ValueTask.CompletedTask;
    }
}
