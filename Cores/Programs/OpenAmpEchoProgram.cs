using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>The echo firmware of OpenAMP's demo: it ends when the host sends the shutdown word, or takes its own channel back.</summary>
/// <remarks>Source: open-amp, examples/legacy_apps/examples/echo/rpmsg-echo.c.</remarks>
public sealed class OpenAmpEchoProgram : RemoteProgram
{
    /// <summary>The service that it announces.</summary>
    public const string ServiceName = "rpmsg-openamp-demo-channel";

    /// <summary>A message that begins with this word ends it: SHUTDOWN_MSG.</summary>
    public const uint ShutdownWord = 0xEF56A55A;

    private volatile bool _hasEnded;

    /// <inheritdoc/>
    public override string Name => "openamp-echo";

    /// <summary>Whether the host has ended it, since the last start. From any thread.</summary>
    public bool HasEnded => _hasEnded;

    /// <inheritdoc/>
    public override async ValueTask RunAsync(RemoteContext context)
    {
        _hasEnded = false;
        List<EchoService> services = [];
        foreach (RemoteTableVdev vdev in context.Table.Vdevs)
        {
            if (!vdev.IsRpmsg) continue;
            RemoteRpmsg rpmsg = context.OpenRpmsg(vdev);
            rpmsg.HostAnnounced = OnAnnounced;
            services.Add(new EchoService(rpmsg, RpmsgAddress.Any, name: ServiceName) { Takes = TakeShutdown });
        }

        context.Trace.WriteLine($"openamp-echo: boot, rpmsg vdevs: {services.Count}");
        while (true)
        {
            bool moreWaits = context.PollRpmsg();
            foreach (EchoService service in services) service.AnswerWaiting();
            if (_hasEnded) break;
            if (moreWaits) await context.Yield();
            else _ = await context.WaitKickAsync(); // no timeout
        }

        foreach (EchoService service in services) service.Close();
        context.Trace.WriteLine("openamp-echo: ended by the host");
    }

    /// <inheritdoc/>
    public override void Rewind() => _hasEnded = false;

    private bool TakeShutdown(ReadOnlySpan<byte> payload)
    {
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(payload, out uint word) || word != ShutdownWord) return false;
        _hasEnded = true;
        return true;
    }

    private void OnAnnounced(string name, RpmsgAddress address, bool isCreated) => _hasEnded |= !isCreated && name == ServiceName;
}
