using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Modules;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Board.Traffic;

/// <summary>The host that a pinging firmware wants: says where it is, and sends every message back.</summary>
public sealed class PingAnswerDriver(KernelModule owner) : RpmsgDriver("rpmsg_ping_answer", owner, [PingProgram.ServiceName])
{
    /// <inheritdoc/>
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    /// <inheritdoc/>
    public override async ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        device.Kernel.Log.Info(device, $"answers {PingProgram.ServiceName}");
        return await device.Endpoint!.SendAsync("hello"u8.ToArray());
    }

    private static async ValueTask OnMessageAsync(RpmsgMessage message)
    {
        RpmsgDevice device = message.Endpoint.Device;
        Errno errno = await message.Endpoint.SendToAsync(message.Source, message.Payload.ToArray());
        if (errno != Errno.Ok) device.Kernel.Log.Error(device, $"rpmsg_send failed: {errno.Kernel()}");
    }
}
