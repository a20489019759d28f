using System;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Samples;

/// <summary>The host's end of <see cref="ShoutProgram"/>: a driver for channels of its name.</summary>
internal sealed class ShoutDriver(Completion answered) : RpmsgDriver("shout", owner: null, ["shout"])
{
    public override RpmsgMessageHandler Handler => OnMessageAsync;

    public override ValueTask<Errno> ProbeAsync(RpmsgDevice device) => device.Endpoint!.SendAsync("hello, remote"u8.ToArray());

    private ValueTask OnMessageAsync(RpmsgMessage message)
    {
        Console.WriteLine($"the remote says: {Encoding.ASCII.GetString(message.Payload)}");
        answered.Complete();
        return ValueTask.CompletedTask;
    }
}
