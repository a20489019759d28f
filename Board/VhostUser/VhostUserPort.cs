using System;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Board.VhostUser;

/// <summary>A scripted core whose device is served on a socket: one front end after the other, for as long as the server runs.</summary>
/// <remarks>
/// <code>
/// socket ------ VhostUserConnection --- VhostUserBackend --- VhostUserVdev --- RemoteRpmsg --- the program
/// kick eventfd ---------------------------- Kicked ---- the core's doorbell -----------------------'
/// call descriptor ---- VhostUserBackend.Call ---- the host's doorbell ------------- its kicks ------'
/// </code>
/// All of it runs on one thread, the core's: what comes from outside is handled between two steps of the program. So memory is never
/// unmapped, and a ring never stopped, in the middle of an access, and there is no lock.
/// </remarks>
internal sealed class VhostUserPort : IVhostUserHost, IDisposable
{
    private const int CrashLineCount = 8;
    private const int SpinLooks = 200; // about as long as a guest takes from one message to the next when it waits for each
    private const long RestartNs = 100_000_000; // a firmware that crashes at once would else take the processor

    private readonly VhostUserPortOptions _options;
    private readonly Action<VhostUserEvent> _onEvent;
    private readonly ThreadedScheduler _scheduler;
    private readonly DescriptorPoller _poller = new() { SpinLooks = Environment.ProcessorCount > 1 ? SpinLooks : 0 };
    private readonly DescriptorListener _listener;
    private readonly VhostUserBackend _backend;
    private readonly ScriptedCore _core;
    private readonly Doorbell _calls;
    private readonly Doorbell _crashes;
    private VhostUserConnection? _connection;
    private bool _hasDriver;

    /// <summary>Makes the socket, the core and its thread.</summary>
    /// <exception cref="System.IO.IOException">The socket cannot be made.</exception>
    public VhostUserPort(ThreadedScheduler scheduler, VhostUserPortOptions options, Action<VhostUserEvent> onEvent)
    {
        _scheduler = scheduler;
        _options = options;
        _onEvent = onEvent;
        _listener = DescriptorListener.Open(options.SocketPath);
        _backend = new VhostUserBackend(options.Protocol, this);
        _calls = new Doorbell(scheduler, $"{options.Name} calls", VhostUserOptions.RingCount);
        _crashes = new Doorbell(scheduler, $"{options.Name} crash", CrashLineCount);
        _poller.Watch(_listener.Handle, OnConnect);
        Cpu cpu = scheduler.CreatePollingCpu(options.Name, _poller);
        _core = new ScriptedCore(scheduler, options.Name, options.Program, cpu)
        {
            Devices = [new RemoteDevice(options.DeviceId, options.Protocol.Features, _backend.Device)],
            TraceLine = line => Tell(VhostUserEventKind.Firmware, line),
        };
        Tell(VhostUserEventKind.Listening, $"listening on {options.SocketPath}");
        _ = scheduler.Spawn($"{options.Name}/calls", CallAsync, cpu, isDaemon: true);
        _ = scheduler.Spawn($"{options.Name}/crash", StartAsync, cpu, isDaemon: true);
    }

    /// <summary>What has passed over the device so far.</summary>
    public VdevCounters Counters => _core.GetVdevCounters(0);

    /// <summary>Front ends that have connected.</summary>
    public long ConnectionCount { get; private set; }

    /// <summary>Times that the firmware has crashed.</summary>
    public long CrashCount { get; private set; }

    /// <inheritdoc/>
    public bool WantsNotes => _options.TracesMessages;

    /// <inheritdoc/>
    public void WatchKick(int ring, NotifyDescriptor kick) => _poller.Watch(kick.Handle, () => _backend.OnKickDescriptor(ring));

    /// <inheritdoc/>
    public void UnwatchKick(NotifyDescriptor kick) => _ = _poller.Unwatch(kick.Handle); // it is watched while it is a ring's

    /// <inheritdoc/>
    public void Kicked(int ring) => _core.Kick(ring);

    /// <inheritdoc/>
    public void Note(string text) => Tell(VhostUserEventKind.Message, text);

    /// <inheritdoc/>
    public void DeviceChanged()
    {
        bool hasDriver = _backend.HasDriver;
        if (!hasDriver) _ = _core.FindRpmsg(0)?.Poll(); // it sees that the driver has gone, and uses nothing of it any more
        else _core.Kick(0);
        if (hasDriver == _hasDriver) return;
        _hasDriver = hasDriver;
        if (hasDriver) Tell(VhostUserEventKind.DriverOk, $"driver ready, features 0x{_backend.DriverFeatures:x}");
        else Tell(VhostUserEventKind.DriverGone, "driver gone");
    }

    /// <summary>Ends the connection and removes the socket. After the scheduler has ended its threads.</summary>
    public void Dispose()
    {
        if (_connection is not null) Close("the server ends");
        _poller.Dispose(); // first: a socket that is watched does not close
        _listener.Dispose();
        _backend.Dispose();
    }

    private void OnConnect()
    {
        if (_listener.TryAccept() is not { } socket) return;
        _ = _poller.Unwatch(_listener.Handle); // one at a time: the others wait
        ConnectionCount++;
        _connection = new VhostUserConnection(socket, _backend);
        _poller.Watch(_connection.Handle, OnReadable);
        Tell(VhostUserEventKind.Connected, "front end connected");
    }

    private void OnReadable()
    {
        if (_connection is not { } connection) return;
        VhostUserFault fault = connection.OnReadable();
        if (connection.TakeRefusal(out VhostUserRequest request, out VhostUserFault refused))
            Tell(VhostUserEventKind.Refused, $"{VhostUserText.Name(request)} refused: {VhostUserText.Reason(refused)}");
        if (fault != VhostUserFault.None) Close(VhostUserText.Reason(fault));
    }

    private void Close(string reason)
    {
        if (_connection is not { } connection) return;
        _connection = null;
        _ = _poller.Unwatch(connection.Handle); // it is watched as long as it is the connection
        connection.Dispose();
        Tell(VhostUserEventKind.Disconnected, $"connection closed: {reason}");
        _poller.Watch(_listener.Handle, OnConnect);
    }

    private async ValueTask CallAsync()
    {
        while (true)
        {
            _ = await _calls.WaitAsync(); // no timeout
            while (_calls.TryTake(out int ring)) _backend.Call(ring);
            if (_backend.Memory.HasShrunk) Close(VhostUserText.Reason(VhostUserFault.MemoryShrank));
            else if (_backend.ChannelFault != VhostUserFault.None) Close(VhostUserText.Reason(_backend.ChannelFault));
        }
    }

    private async ValueTask StartAsync()
    {
        CoreStart start = new(0, _backend.Memory.Remote, DeviceAddress.Any, 0, _calls, _crashes);
        while (true)
        {
            _ = await _core.StartAsync(start); // it was stopped: Ok
            _ = await _crashes.WaitAsync();    // no timeout
            while (_crashes.TryTake(out _)) { } // it crashes once a start
            CrashCount++;
            CoreFault fault = _core.LastFault!; // there was one: it rang
            Tell(VhostUserEventKind.Crashed, $"firmware crashed, {fault.Kind}: {fault.Message}");
            if (_backend.Memory.HasShrunk) Close(VhostUserText.Reason(VhostUserFault.MemoryShrank));
            else if (fault.Kind == CoreFaultKind.MmuFault) Close($"a ring or a buffer is in no memory: {fault.Message}");
            _ = await _core.StopAsync(); // always Ok
            _backend.OnProgramRestarted();
            await _scheduler.DelayAsync(RestartNs);
        }
    }

    private void Tell(VhostUserEventKind kind, string text) => _onEvent(new VhostUserEvent(_scheduler.NowNs, _options.Name, kind, text));
}
