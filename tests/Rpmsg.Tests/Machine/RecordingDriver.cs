using System.Collections.Generic;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Rpmsg.Tests.Machine;

/// <summary>A driver that writes down what happens to it.</summary>
internal sealed class RecordingDriver(string service) : RpmsgDriver("recorder", null, [service])
{
    public List<string> Events { get; } = [];

    public Errno ProbeResult { get; set; }

    public RpmsgMessageHandler OnMessage { get; set; } = static _ => ValueTask.CompletedTask;

    public override RpmsgMessageHandler Handler => message =>
    {
        Events.Add($"{message.Source} {Encoding.ASCII.GetString(message.Payload)}");
        return OnMessage(message);
    };

    public override ValueTask<Errno> ProbeAsync(RpmsgDevice device)
    {
        Events.Add($"probe {device.Source}");
        return new ValueTask<Errno>(ProbeResult);
    }

    public override ValueTask RemoveAsync(RpmsgDevice device)
    {
        Events.Add("remove");
        return ValueTask.CompletedTask;
    }
}
