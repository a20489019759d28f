using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.DriverModel;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>rpmsg_exchange: the module of the run's own drivers.</summary>
public sealed class ExchangeModule : KernelModule
{
    /// <summary>As lsmod would show it.</summary>
    public const string ModuleName = "rpmsg_exchange";

    private readonly RpmsgCoreModule _core;
    private readonly ExchangeDriver _exchange;
    private readonly PingAnswerDriver _ping;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core.</param>
    /// <param name="exchanges">What to exchange over which.</param>
    public ExchangeModule(Kernel kernel, RpmsgCoreModule core, IReadOnlyList<VdevExchange> exchanges)
        : base(kernel, ModuleName)
    {
        _core = core;
        _exchange = new ExchangeDriver(this, exchanges);
        _ping = new PingAnswerDriver(this);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn => [RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(_exchange);
        if (errno != Errno.Ok) return errno;
        errno = await _core.Bus.RegisterDriverAsync(_ping);
        if (errno != Errno.Ok) await _core.Bus.UnregisterDriverAsync(_exchange);
        return errno;
    }

    /// <inheritdoc/>
    protected override async ValueTask ExitAsync()
    {
        await _core.Bus.UnregisterDriverAsync(_ping);
        await _core.Bus.UnregisterDriverAsync(_exchange);
    }
}
