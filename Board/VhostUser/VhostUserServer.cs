using System;
using System.Collections.Generic;
using System.Threading;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.VhostUser;

/// <summary>Serves devices to vhost-user front ends, each on a socket and a thread of its own.</summary>
/// <remarks>
/// <code>
/// VhostUserPortOptions port = new() { Name = "rpmsg", SocketPath = "rpmsg.sock", Program = new EchoProgram() };
/// using VhostUserServer server = new([port], Console.WriteLine);
/// server.Run(cancellation.Token);
/// </code>
/// </remarks>
public sealed class VhostUserServer : IDisposable
{
    private readonly ThreadedScheduler _scheduler = new();
    private readonly List<VhostUserPort> _ports = [];
    private bool _disposed;

    /// <summary>Makes the sockets. Front ends can connect from here on.</summary>
    /// <param name="ports">The devices.</param>
    /// <param name="onEvent">Hears what happens, from the ports' threads, one call at a time.</param>
    /// <exception cref="System.IO.IOException">A socket cannot be made; then none is left.</exception>
    public VhostUserServer(IReadOnlyList<VhostUserPortOptions> ports, Action<VhostUserEvent> onEvent)
    {
        ArgumentNullException.ThrowIfNull(ports);
        Lock gate = new();
        void Tell(VhostUserEvent happened)
        {
            lock (gate) onEvent(happened);
        }

        try
        {
            foreach (VhostUserPortOptions options in ports) _ports.Add(new VhostUserPort(_scheduler, options, Tell));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What has passed over a device so far.</summary>
    /// <param name="port">Its position among the ports.</param>
    public VdevCounters CountersOf(int port) => _ports[port].Counters;

    /// <summary>Front ends that have connected to a port.</summary>
    /// <param name="port">Its position.</param>
    public long ConnectionsOf(int port) => _ports[port].ConnectionCount;

    /// <summary>Times that a port's firmware has crashed.</summary>
    /// <param name="port">Its position.</param>
    public long CrashesOf(int port) => _ports[port].CrashCount;

    /// <summary>Serves until it is told to stop.</summary>
    public void Run(CancellationToken stop)
    {
        Doorbell end = new(_scheduler, "end", lineCount: 1);
        using CancellationTokenRegistration registration = stop.Register(() => _ = end.Ring(0)); // it has that line
        _scheduler.Run(async () => _ = await end.WaitAsync()); // no timeout
    }

    /// <summary>Closes connections and removes the sockets.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _scheduler.Dispose();
        foreach (VhostUserPort port in _ports) port.Dispose();
    }
}
