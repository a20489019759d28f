using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>The driver for channels to a remote that counts; who sends finds the channel in the stream.</summary>
public sealed class OneWayDriver(KernelModule owner, OneWayStream stream) : RpmsgDriver("rpmsg_one_way", owner, [CountProgram.ServiceName])
{
    /// <inheritdoc/>
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    /// <inheritdoc/>
    public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        stream.Begin(device);
        device.Kernel.Log.Info(device, $"{stream.Target} to send");
        return new ValueTask<Errno>(Errno.Ok);
    }

    /// <inheritdoc/>
    public override ValueTask RemoveAsync(RpmsgDevice device)
    {
        stream.End();
        return ValueTask.CompletedTask;
    }

    private ValueTask OnMessageAsync(RpmsgMessage message)
    {
        RpmsgDevice device = message.Endpoint.Device;
        stream.Take(message.Payload, device.Kernel.Scheduler.NowNs);
        if (stream.IsDone) device.Kernel.Log.Info(device, $"{stream.WholeCount} came whole and in order, {stream.WrongCount} did not");
        return default;
    }
}
