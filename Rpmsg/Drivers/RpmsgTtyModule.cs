using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_tty: /dev/ttyRPMSG0 and on, one for each channel named rpmsg-tty.</summary>
public sealed class RpmsgTtyModule : KernelModule
{
    /// <summary>As lsmod shows it, and the name of its driver.</summary>
    public const string ModuleName = "rpmsg_tty";

    /// <summary>The service that it is for.</summary>
    public const string ServiceName = "rpmsg-tty";

    /// <summary>What its nodes are named, before their number.</summary>
    public const string NodeName = "ttyRPMSG";

    /// <summary>MAX_TTY_RPMSG: terminals at a time.</summary>
    public const int TerminalCountMax = 32;

    private readonly RpmsgCoreModule _core;
    private readonly RpmsgTtyDriver _driver;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core, on whose bus it works.</param>
    public RpmsgTtyModule(Kernel kernel, RpmsgCoreModule core) : base(kernel, ModuleName)
    {
        _core = core;
        _driver = new RpmsgTtyDriver(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = [RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(_driver);
        if (errno != Errno.Ok) Kernel.Log.Write(LogLevel.Error, $"rpmsg_tty: Couldn't register driver: {errno.Kernel()}");
        return errno;
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _core.Bus.UnregisterDriverAsync(_driver);
}
