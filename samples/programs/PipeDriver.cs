using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Pipes;

namespace RemoteprocEmu.Samples;

/// <summary>A driver that makes a pipe of the channel's endpoint.</summary>
internal sealed class PipeDriver(Completion isBound) : RpmsgDriver("pipe", owner: null, ["shout"])
{
    public RpmsgPipe? Pipe { get; private set; }

    public override RpmsgMessageHandler Handler => message => Pipe?.OnMessageAsync(message) ?? ValueTask.CompletedTask;

    public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        Pipe = new RpmsgPipe(device.Endpoint!);
        isBound.Complete();
        return new ValueTask<Errno>(Errno.Ok);
    }

    public override ValueTask RemoveAsync(RpmsgDevice device)
    {
        Pipe!.Detach(); // what is unread stays readable
        return ValueTask.CompletedTask;
    }
}
