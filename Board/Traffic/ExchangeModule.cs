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
    private readonly OneWayDriver? _oneWay;

    /// <summary>Creates the module; it is not loaded yet.</summary>
    /// <param name="kernel">Where.</param>
    /// <param name="core">rpmsg_core.</param>
    /// <param name="exchanges">What to exchange over which.</param>
    /// <param name="oneWay">What to send to a remote that counts; null for nothing.</param>
    public ExchangeModule(Kernel kernel, RpmsgCoreModule core, IReadOnlyList<VdevExchange> exchanges, OneWayStream? oneWay = null)
        : base(kernel, ModuleName)
    {
        _core = core;
        _exchange = new ExchangeDriver(this, exchanges);
        _ping = new PingAnswerDriver(this);
        _oneWay = oneWay is null ? null : new OneWayDriver(this, oneWay);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> DependsOn => [RpmsgCoreModule.ModuleName];

    /// <inheritdoc/>
    protected override async ValueTask<Errno> InitAsync()
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(_exchange);
        if (errno != Errno.Ok) return errno;
        errno = await _core.Bus.RegisterDriverAsync(_ping);
        if (errno == Errno.Ok && _oneWay is not null) errno = await RegisterOneWayAsync(_oneWay);
        if (errno != Errno.Ok) await _core.Bus.UnregisterDriverAsync(_exchange);
        return errno;
    }

    private async ValueTask<Errno> RegisterOneWayAsync(OneWayDriver oneWay)
    {
        Errno errno = await _core.Bus.RegisterDriverAsync(oneWay);
        if (errno != Errno.Ok) await _core.Bus.UnregisterDriverAsync(_ping);
        return errno;
    }

    /// <inheritdoc/>
    protected override async ValueTask ExitAsync()
    {
        if (_oneWay is not null) await _core.Bus.UnregisterDriverAsync(_oneWay);
        await _core.Bus.UnregisterDriverAsync(_ping);
        await _core.Bus.UnregisterDriverAsync(_exchange);
    }
}
