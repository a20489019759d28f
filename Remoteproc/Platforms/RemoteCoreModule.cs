using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Platforms;

/// <summary>
/// A module whose init registers a <see cref="RemoteCoreDriver"/> and whose exit unregisters it: a board's own remoteproc module.
/// </summary>
/// <param name="remoteproc">The core, which must be loaded first.</param>
/// <param name="bus">The platform bus.</param>
/// <param name="name">Module, driver and compatible: <c>emu_rproc</c>, <c>wkup_m3_rproc</c>.</param>
public sealed class RemoteCoreModule(RemoteprocModule remoteproc, PlatformBus bus, string name) : KernelModule(remoteproc.Kernel, name)
{
    private RemoteCoreDriver? _driver;

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = ["remoteproc"];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        _driver = new RemoteCoreDriver(remoteproc, Name, this);
        return await bus.RegisterDriverAsync(_driver);
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => bus.UnregisterDriverAsync(_driver!);
}
