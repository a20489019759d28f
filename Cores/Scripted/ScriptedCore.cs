using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.RemoteCores;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Platform.Watch;
using RemoteprocEmu.Rpmsg.Remote;
using RemoteprocEmu.Virtio.Remote;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>A remote processor that runs a <see cref="RemoteProgram"/>: firmware in C#, on tasks of its own processor.</summary>
/// <remarks>
/// <code>
/// state          start      stop      attach     detach         StartAlone
/// InReset        Running    Ok        EINVAL     EINVAL         RunningAlone
/// RunningAlone   EBUSY      InReset   Running    EINVAL         EBUSY
/// Running        EBUSY      InReset   EBUSY      RunningAlone   EBUSY
/// </code>
/// A crash changes no state: a core that has crashed does nothing, and is started again after a stop. Start, stop, attach and detach
/// belong to the host and come one at a time; a kick may come at any time.
/// </remarks>
public sealed class ScriptedCore : IRemoteCore
{
    /// <summary>Lines of the core's doorbell: one for each notifyid below <see cref="StatusLine"/>, and that one.</summary>
    public const int MailboxLineCount = StatusLine + 1;

    /// <summary>The line on which the core's own timer rings when a vdev's status has changed.</summary>
    internal const int StatusLine = 1024;

    private readonly Doorbell _mailbox;
    private readonly SharedState _shared; // whom it rings
    private readonly Lock _countersGate = new();
    private readonly List<(VdevCounters Ended, IRemoteDevice? Current)> _vdevs = []; // by index; under _countersGate
    private CoreRun? _run;
    private RemoteContext? _context; // of _run, once its program has begun
    private CoreStart? _lastStart;
    private volatile CoreStart? _host; // whom to ring; null while nobody listens
    private long _starts;
    private long _faults;
    private long _kicksReceived;
    private long _kicksSent;

    /// <summary>Creates a core, in reset.</summary>
    /// <param name="scheduler">Whose tasks it runs.</param>
    /// <param name="name">What a person calls it; a Cpu of its own has the same name.</param>
    /// <param name="program">What it runs, at every start anew.</param>
    /// <param name="cpu">The processor that its tasks run on; null for one of its own.</param>
    public ScriptedCore(Scheduler scheduler, string name, RemoteProgram program, Cpu? cpu = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(program);
        Scheduler = scheduler;
        Name = name;
        Program = program;
        Cpu = cpu ?? scheduler.CreateCpu(name);
        _mailbox = new Doorbell(scheduler, name, MailboxLineCount);
        _shared = new SharedState(scheduler, $"{name} host");
    }

    /// <summary>Whose tasks it runs.</summary>
    public Scheduler Scheduler { get; }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>The processor that its tasks run on.</summary>
    public Cpu Cpu { get; }

    /// <summary>What it runs.</summary>
    public RemoteProgram Program { get; }

    /// <summary>Whether a core that has crashed boots again by itself when it is detached from; for recovery by attaching.</summary>
    public bool RestartsItself { get; init; }

    /// <summary>See <see cref="RemoteRpmsg.ReturnsWholeBuffers"/>; for every rpmsg vdev that its program opens.</summary>
    public bool ReturnsWholeBuffers { get; init; }

    /// <summary>Whether it never sleeps: a program that waits for a kick goes on at once, and asks for none.</summary>
    public bool Polls { get; init; }

    /// <summary>Its devices, where they come from somewhere else; null where they are the vdevs of the image's table.</summary>
    public IReadOnlyList<RemoteDevice>? Devices { get; init; }

    /// <summary>Who reads what its program writes for people, line by line, besides the trace buffer; null for nobody.</summary>
    public Action<string>? TraceLine { get; init; }

    /// <summary>Whether it runs, and for whom.</summary>
    public ScriptedCoreState State =>
        _run is null ? ScriptedCoreState.InReset : _host is null ? ScriptedCoreState.RunningAlone : ScriptedCoreState.Running;

    /// <summary>The last crash of the program; null when there was none. Kept over a restart.</summary>
    public CoreFault? LastFault { get; private set; }

    /// <summary>The vdevs of the table as the latest run found them before its first instruction; empty before the first run.</summary>
    public IReadOnlyList<VdevSnapshot> FirstInstruction { get; private set; } = [];

    /// <summary>
    /// Whether its program has seen every status byte of the vdevs that it has opened as it stands now. It looks each
    /// <see cref="RemoteContext.ResetPollNs"/> at the latest; true for a core that does not run.
    /// </summary>
    public bool HasSeenStatus => _run is not { Fault: null } || _context is null || _context.HasSeenStatus;

    /// <summary>Whether its program sleeps until it is kicked; otherwise it works, or has ended.</summary>
    public bool IsAwaitingKick => _mailbox.HasSleeper;

    /// <summary>What the core has done so far.</summary>
    public CoreCounters Counters => new(
        Interlocked.Read(ref _starts), Interlocked.Read(ref _faults),
        Interlocked.Read(ref _kicksReceived), Interlocked.Read(ref _kicksSent));

    /// <summary>What passed over a vdev so far.</summary>
    /// <param name="index">Position among the vdevs of the table; one that no program has opened has zeros.</param>
    public VdevCounters GetVdevCounters(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        lock (_countersGate)
        {
            if (index >= _vdevs.Count) return default;
            (VdevCounters ended, IRemoteDevice? current) = _vdevs[index];
            return current is null ? ended : ended + VdevCounters.Of(current);
        }
    }

    /// <summary>The remote half of an rpmsg vdev that the running program has opened.</summary>
    /// <param name="vdevIndex">Position among the vdevs of the table.</param>
    /// <returns>Null when the program has not opened it, has crashed, or does not run.</returns>
    public RemoteRpmsg? FindRpmsg(int vdevIndex)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(vdevIndex);
        if (_run is not { Fault: null }) return null;
        lock (_countersGate) return vdevIndex < _vdevs.Count ? _vdevs[vdevIndex].Current as RemoteRpmsg : null;
    }

    /// <summary>Boots with no host around, as a boot loader does, for a host that attaches later.</summary>
    /// <param name="start">As for a start; its doorbells are not rung.</param>
    /// <returns>Ok, or EBUSY when it runs.</returns>
    public Errno StartAlone(CoreStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (_run is not null) return Errno.EBUSY;
        Begin(start, host: null);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    /// <returns>Ok, or EBUSY when it runs.</returns>
    public ValueTask<Errno> StartAsync(CoreStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (_run is not null) return ValueTask.FromResult(Errno.EBUSY);
        Begin(start, start);
        return ValueTask.FromResult(Errno.Ok);
    }

    /// <inheritdoc/>
    /// <returns>Ok, also when it is in reset.</returns>
    public async ValueTask<Errno> StopAsync()
    {
        if (_run is not { } run) return Errno.Ok;
        _ = run.Halt(fault: null); // a core that has crashed is halted already
        await run.WaitEndedAsync();
        _run = null;
        SetHost(null);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    /// <returns>Ok; EINVAL when it is in reset; EBUSY when it has a host.</returns>
    /// <remarks>The firmware goes on where it is, in the memory that it was started with; only whom it rings is new.</remarks>
    public ValueTask<Errno> AttachAsync(CoreStart start)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (_run is null) return ValueTask.FromResult(Errno.EINVAL);
        if (_host is not null) return ValueTask.FromResult(Errno.EBUSY);
        SetHost(start);
        return ValueTask.FromResult(Errno.Ok);
    }

    /// <inheritdoc/>
    /// <returns>Ok, or EINVAL when it has no host.</returns>
    public async ValueTask<Errno> DetachAsync()
    {
        if (_run is not { } run || _host is null) return Errno.EINVAL;
        SetHost(null);
        if (!RestartsItself || run.Fault is null) return Errno.Ok;
        await run.WaitEndedAsync();
        Begin(_lastStart!, host: null);
        return Errno.Ok;
    }

    /// <inheritdoc/>
    /// <remarks>A ring of a core in reset is forgotten when it starts. A notifyid of 1024 or more rings nothing.</remarks>
    public void Kick(int notifyId)
    {
        if ((uint)notifyId >= StatusLine) return;
        _ = Interlocked.Increment(ref _kicksReceived);
        _ = _mailbox.Ring(notifyId); // it has that line
    }

    /// <inheritdoc/>
    public bool TryRewind()
    {
        if (_run is not null) return false;
        lock (_countersGate) _vdevs.Clear();
        _mailbox.Clear();
        _lastStart = null;
        _context = null;
        _starts = _faults = _kicksReceived = _kicksSent = 0;
        LastFault = null;
        FirstInstruction = [];
        Program.Rewind();
        return true;
    }

    internal void KickHost(int notifyId)
    {
        _shared.Read();
        if (_host is not { } host) return;
        _ = Interlocked.Increment(ref _kicksSent);
        _ = host.HostDoorbell.Ring(notifyId); // a line that the host lacks is a ring that nobody hears
    }

    /// <summary>From here on <paramref name="half"/> counts for the vdev.</summary>
    internal void Count(int vdevIndex, IRemoteDevice half)
    {
        lock (_countersGate)
        {
            while (_vdevs.Count <= vdevIndex) _vdevs.Add(default);
            _vdevs[vdevIndex] = (_vdevs[vdevIndex].Ended, half);
        }
    }

    /// <summary>Runs a piece of the program; what escapes from it ends the run.</summary>
    internal async ValueTask GuardAsync(CoreRun run, Func<ValueTask> body)
    {
        try
        {
            await body();
        }
#pragma warning disable CA1031 // whatever a program throws is its crash, not ours; our own contradictions pass
        catch (Exception exception) when (exception is not InvariantException)
#pragma warning restore CA1031
        {
            OnFault(run, exception);
        }
    }

    private void Begin(CoreStart start, CoreStart? host)
    {
        CoreRun run = new(Scheduler, Cpu);
        EndCounting();
        _ = Interlocked.Increment(ref _starts);
        _mailbox.Clear();
        _lastStart = start;
        _context = null;
        _run = run;
        SetHost(host);
        run.Spawn(Name, () => GuardAsync(run, () => RunProgramAsync(run, start)));
    }

    private ValueTask RunProgramAsync(CoreRun run, CoreStart start)
    {
        RemoteContext context = _context = new RemoteContext(this, run, _mailbox, start);
        FirstInstruction = context.FirstInstruction;
        if (!Program.WaitsForDriver && Scheduler.Watch is { } watch) ReportRings(watch);
        return Program.RunAsync(context);
    }

    /// <summary>The firmware takes its table as it stands now.</summary>
    private void ReportRings(IWatch watch)
    {
        foreach (VdevSnapshot vdev in FirstInstruction)
        {
            if (vdev.Vring0.QueueSize != 0) watch.RingTaken(vdev.Index, 0, vdev.Vring0.Address, vdev.Vring0.NotifyId);
            if (vdev.Vring1.QueueSize != 0) watch.RingTaken(vdev.Index, 1, vdev.Vring1.Address, vdev.Vring1.NotifyId);
        }
    }

    private void OnFault(CoreRun run, Exception exception)
    {
        CoreFaultKind kind = (exception as CoreFaultException)?.Kind ?? CoreFaultKind.FatalError;
        CoreFault fault = new(kind, exception.Message, Scheduler.NowNs, exception);
        if (!run.Halt(fault)) return; // the host was first, or another task of the program
        LastFault = fault;
        _ = Interlocked.Increment(ref _faults);
        if (_host is { } host) _ = host.CrashLine.Ring((int)kind); // a host without that line does not hear of it
    }

    private void SetHost(CoreStart? host)
    {
        ScriptedCoreState before = State;
        _shared.Write();
        _host = host;
        Scheduler.Trace.Emit(TraceKind.State, Name, (ulong)before, (ulong)State);
    }

    private void EndCounting()
    {
        lock (_countersGate)
        {
            for (int i = 0; i < _vdevs.Count; i++)
            {
                (VdevCounters ended, IRemoteDevice? current) = _vdevs[i];
                if (current is not null) _vdevs[i] = (ended + VdevCounters.Of(current), null);
            }
        }
    }
}
