using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Virtio.Net;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Samples;

/// <summary>Firmware in C# with two network cards: says hello over the first, and writes down what the second hears.</summary>
internal sealed class WireProgram : RemoteProgram
{
    public override string Name => "wire";

    public override async ValueTask RunAsync(RemoteContext context)
    {
        RemoteNet left = context.OpenNet(context.Table.Vdevs[0]);
        RemoteNet right = context.OpenNet(context.Table.Vdevs[1]);
        right.Received = (_, frame) => context.Trace.WriteLine($"right heard: {Encoding.ASCII.GetString(frame[14..])}");
        byte[] hello = [255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, .. "hello, wire"u8]; // to everybody
        bool isSaid = false;
        while (true)
        {
            if (!isSaid) isSaid = left.TrySend(hello) == RemoteIoStatus.Ok;
            if (context.PollVdevs()) await context.Yield(); // more waits already
            else _ = await context.WaitKickAsync();
        }
    }
}
