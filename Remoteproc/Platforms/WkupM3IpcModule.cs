using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>The wkup_m3_ipc module. It uses rproc_get_by_phandle, so the core is held while it is loaded.</summary>
public sealed class WkupM3IpcModule(RemoteprocModule remoteproc, PlatformBus bus) : KernelModule(remoteproc.Kernel, "wkup_m3_ipc")
{
    private WkupM3IpcDriver? _driver;

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn => ["remoteproc"];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        _driver = new WkupM3IpcDriver(remoteproc, this);
        return await bus.RegisterDriverAsync(_driver);
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => bus.UnregisterDriverAsync(_driver!);
}
