using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Platform.Trace;

/// <summary>Stamps events with time and task and hands them to the sink, if there is one.</summary>
public sealed class Tracer
{
    private readonly Scheduler _scheduler;
    private readonly ITraceSink? _sink;

    internal Tracer(Scheduler scheduler, ITraceSink? sink)
    {
        _scheduler = scheduler;
        _sink = sink;
    }

    /// <summary>Whose time it stamps.</summary>
    internal Scheduler Scheduler => _scheduler;

    /// <summary>Whether anybody looks; where making the arguments costs something, ask first.</summary>
    public bool IsOn => _sink is not null;

    /// <summary>Who would be stamped on an event now; empty outside of tasks.</summary>
    internal string TaskName => _scheduler.Current?.Name ?? "";

    /// <summary>Whether a search of schedules hears what is touched now.</summary>
    internal bool IsListening => _scheduler.Listener is not null;

    /// <summary>A piece of state that it hears of.</summary>
    internal SharedState StateOf(string name) => _scheduler.StateOf(name, null);

    /// <summary>Emits one event.</summary>
    public void Emit(TraceKind kind, string name, ulong a, ulong b)
    {
        if (_sink is null) return;
        TraceEvent traceEvent = new(_scheduler.NowNs, _scheduler.Current?.Id ?? 0, kind, name, a, b);
        _sink.Emit(in traceEvent);
    }
}
