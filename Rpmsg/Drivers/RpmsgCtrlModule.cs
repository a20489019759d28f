using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_ctrl: /dev/rpmsg_ctrl0 and on, one a vdev, through which programs make endpoints and channels.</summary>
/// <remarks>
/// <code>
/// (_, DeviceFile? ctrl) = await kernel.Nodes.OpenAsync("/dev/rpmsg_ctrl0", OpenFlags.ReadWrite);
/// RpmsgEndpointInfo info = new("my-service", RpmsgAddress.Any, new RpmsgAddress(1024));
/// _ = await ctrl!.IoctlAsync(RpmsgIoctl.CreateEndpoint, info.ToArray());
/// (_, DeviceFile? rpmsg) = await kernel.Nodes.OpenAsync("/dev/rpmsg0", OpenFlags.ReadWrite);
/// </code>
/// </remarks>
public sealed class RpmsgCtrlModule : KernelModule
{
    /// <summary>As lsmod shows it, and the name of its driver.</summary>
    public const string ModuleName = "rpmsg_ctrl";

    private readonly RpmsgCoreModule _core;
    private readonly RpmsgCtrlDriver _driver;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core, on whose bus it works.</param>
    /// <param name="character">rpmsg_char, which makes the endpoints' nodes.</param>
    public RpmsgCtrlModule(Kernel kernel, RpmsgCoreModule core, RpmsgCharModule character) : base(kernel, ModuleName)
    {
        _core = core;
        _driver = new RpmsgCtrlDriver(this, character);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = [RpmsgCharModule.ModuleName, RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(_driver);
        if (errno != Errno.Ok) Kernel.Log.Write(LogLevel.Error, "rpmsg_ctrl: failed to register rpmsg driver");
        return errno;
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _core.Bus.UnregisterDriverAsync(_driver);
}
