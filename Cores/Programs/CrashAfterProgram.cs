using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>The echo firmware with a defect: it crashes when it has answered so many messages, all vdevs together.</summary>
/// <param name="messages">Answers that the host still gets; 0 crashes at boot.</param>
/// <param name="once">Whether it is sound after the first crash; otherwise each run crashes alike.</param>
/// <param name="kind">What the host is told.</param>
public sealed class CrashAfterProgram(long messages, bool once = true, CoreFaultKind kind = CoreFaultKind.FatalError) : RemoteProgram
{
    private bool _hasCrashed; // the fuse: survives a restart

    /// <inheritdoc/>
    public override string Name => "crash-after";

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        bool crashes = !once || !_hasCrashed;
        List<EchoService> services = [];
        services.AddRange(EchoService.OpenAll(context, () => !crashes || Echoed(services) < messages));
        context.Trace.WriteLine($"crash-after: boot, rpmsg vdevs: {services.Count}");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            if (crashes && Echoed(services) >= messages)
            {
                _hasCrashed = true;
                context.Trace.WriteLine($"crash-after: crash after {messages} messages");
                context.Crash(kind, $"crash after {messages} messages");
            }

            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }
    }

    /// <inheritdoc/>
    public override void Rewind() => _hasCrashed = false;

    private static long Echoed(List<EchoService> services)
    {
        long echoed = 0;
        foreach (EchoService service in services) echoed += service.EchoedCount;
        return echoed;
    }
}
