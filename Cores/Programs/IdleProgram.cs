using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Says hello in its trace buffer and sleeps: for images without rpmsg, and for tests that need a core and no traffic.</summary>
public sealed class IdleProgram : RemoteProgram
{
    /// <inheritdoc/>
    public override string Name => "idle";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        context.Trace.WriteLine("idle: boot");
        while (true) _ = await context.WaitKickAsync(); // no timeout
    }
}
