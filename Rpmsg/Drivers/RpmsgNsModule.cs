using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_ns: the name service driver.</summary>
public sealed class RpmsgNsModule : KernelModule
{
    /// <summary>As lsmod shows it, and the name of its driver.</summary>
    public const string ModuleName = "rpmsg_ns";

    private readonly RpmsgCoreModule _core;
    private readonly NameServiceDriver _driver;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core, on whose bus it works.</param>
    public RpmsgNsModule(Kernel kernel, RpmsgCoreModule core) : base(kernel, ModuleName)
    {
        _core = core;
        _driver = new NameServiceDriver(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = [RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(_driver);
        if (errno != Errno.Ok) Kernel.Log.Write(DriverModel.Log.LogLevel.Error, "rpmsg_ns_init: Failed to register rpmsg driver");
        return errno;
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _core.Bus.UnregisterDriverAsync(_driver);
}
