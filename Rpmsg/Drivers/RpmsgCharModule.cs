using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_char: /dev/rpmsg0 and on, for programs that talk to an endpoint of the remote's.</summary>
/// <remarks>
/// A channel named rpmsg-raw gets one by itself; others are made through /dev/rpmsg_ctrl0, see <see cref="RpmsgCtrlModule"/>. They are
/// opened by <see cref="DriverModel.Nodes.DeviceNodes.OpenAsync"/>.
/// </remarks>
public sealed class RpmsgCharModule : KernelModule
{
    /// <summary>As lsmod shows it.</summary>
    public const string ModuleName = "rpmsg_char";

    private readonly RpmsgCoreModule _core;
    private readonly RpmsgCharDriver _driver;
    private readonly IdAllocator _ids = new();

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core, on whose bus it works.</param>
    public RpmsgCharModule(Kernel kernel, RpmsgCoreModule core) : base(kernel, ModuleName)
    {
        _core = core;
        _driver = new RpmsgCharDriver(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = [RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(_driver);
        if (errno != Errno.Ok) Kernel.Log.Write(LogLevel.Error, "rpmsg_char: rpmsg: failed to register rpmsg raw driver");
        return errno;
    }

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _core.Bus.UnregisterDriverAsync(_driver);

    /// <summary>Makes a /dev/rpmsg*. Kernel: rpmsg_chrdev_eptdev_create, and rpmsg_chrdev_probe's half of it.</summary>
    /// <inheritdoc cref="RpmsgEndpointDevice.CreateAsync"/>
    internal ValueTask<(Errno Errno, RpmsgEndpointDevice? Device)> CreateEndpointAsync(
        Device parent, RpmsgDevice channel, RpmsgChannelInfo info, RpmsgEndpoint? endpoint = null) =>
        RpmsgEndpointDevice.CreateAsync(this, _ids, parent, channel, info, endpoint);
}
