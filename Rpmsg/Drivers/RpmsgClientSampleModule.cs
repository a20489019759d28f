using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Drivers;

/// <summary>rpmsg_client_sample: the kernel's sample driver, for channels named <c>rpmsg-client-sample</c>.</summary>
public sealed class RpmsgClientSampleModule : KernelModule
{
    /// <summary>As lsmod shows it, and the name of its driver.</summary>
    public const string ModuleName = "rpmsg_client_sample";

    private readonly RpmsgCoreModule _core;
    private readonly ClientSampleDriver _driver;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core, on whose bus it works.</param>
    public RpmsgClientSampleModule(Kernel kernel, RpmsgCoreModule core) : base(kernel, ModuleName)
    {
        _core = core;
        _driver = new ClientSampleDriver(this);
    }

    /// <summary>The module parameter: messages that a channel takes before it says goodbye. Default 100.</summary>
    public int Count { get; set; } = 100;

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn { get; } = [RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override ValueTask<Errno> InitAsync() => _core.Bus.RegisterDriverAsync(_driver);

    /// <inheritdoc/>
    protected override ValueTask ExitAsync() => _core.Bus.UnregisterDriverAsync(_driver);
}
