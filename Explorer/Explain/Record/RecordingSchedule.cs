using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Record;

/// <summary>A schedule, and a trace sink, that writes down everything it is told. Who answers is the business of the heirs.</summary>
internal abstract class RecordingSchedule : Schedule, ITraceSink
{
    private readonly List<RecordedEvent> _events = [];
    private readonly List<RecordedTask> _tasks = [];
    private readonly Dictionary<int, string> _pendingSteps = []; // of tasks that gave way: what they do next
    private readonly Dictionary<int, string> _sleeps = [];       // what each sleeper waits for
    private readonly Dictionary<int, KernelTask> _live = [];
    private TraceHash _hash = new();
    private KernelTask? _running;
    private long _nowNs;
    private int _openedAt = -1;
    private int _closedAt = -1;
    private bool _isAsleep; // the running task's sleep, or end, is written down

    /// <summary>What happened since <see cref="Schedule.Begin"/>.</summary>
    /// <param name="result">What the run came to.</param>
    public Recording ToRecording(RunResult result)
    {
        NoteSleep();
        List<int> picks = [.. Picks];
        while (picks.Count > 0 && picks[^1] == 0) picks.RemoveAt(picks.Count - 1);
        int closedAt = _closedAt < 0 ? _events.Count : _closedAt;
        return new Recording([.. _events], [.. _tasks], Math.Max(0, _openedAt), closedAt, result, picks, _hash.Value);
    }

    /// <inheritdoc/>
    public void Emit(in TraceEvent traceEvent)
    {
        _hash.Emit(in traceEvent);
        _nowNs = traceEvent.TimeNs;
        switch (traceEvent.Kind)
        {
            case TraceKind.TaskSpawned or TraceKind.Preempted: // the schedule is told more about these
                return;
            case TraceKind.TaskRuns:
                if (IsClosed) BeginClosedStep((int)traceEvent.A);
                return;
            case TraceKind.Step when IsClosed && traceEvent.TaskId != 0: // there nobody is asked at each step
                AddStep(traceEvent.TaskId, traceEvent.Name, 0);
                break;
            case TraceKind.TaskEnded:
                _isAsleep = true;
                _ = _live.Remove(traceEvent.TaskId); // always there: it was spawned
                break;
            default:
                break;
        }

        _events.Add(new RecordedEvent(traceEvent.TimeNs, traceEvent.TaskId, RecordedKind.Trace, traceEvent.Name, traceEvent.Kind,
            traceEvent.A, traceEvent.B));
    }

    /// <inheritdoc/>
    public override bool IsListening => true;

    /// <inheritdoc/>
    public override void Touched(SharedState state, Touch touch)
    {
        bool isWrite = touch != Touch.Read;
        ArgumentNullException.ThrowIfNull(state);
        if (!isWrite && _running is { } running && IsPowerOf(state.Name, running.Name)) return; // each step of a remote core's looks
        Add(isWrite ? RecordedKind.Write : RecordedKind.Read, state.Name, state.Kind is { } kind ? (ulong)kind + 1 : 0);
    }

    /// <inheritdoc/>
    public override void Spawned(KernelTask task, KernelTask? parent)
    {
        ArgumentNullException.ThrowIfNull(task);
        _tasks.Add(new RecordedTask(task.Id, task.Name, task.Cpu.Name, task.Cpu.Index == 0, parent?.Id ?? 0, task.IsDaemon));
        _live[task.Id] = task;
        Add(RecordedKind.Spawn, task.Name, (ulong)task.Id);
    }

    /// <inheritdoc/>
    public override void Woken(KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        Add(RecordedKind.Wake, _sleeps.GetValueOrDefault(task.Id, ""), (ulong)task.Id);
    }

    /// <inheritdoc/>
    public override void TimePassed(long nowNs)
    {
        NoteSleep();
        _running = null;
        _nowNs = nowNs;
        _events.Add(new RecordedEvent(nowNs, 0, RecordedKind.TimePassed, ""));
    }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _events.Clear();
        _tasks.Clear();
        _pendingSteps.Clear();
        _sleeps.Clear();
        _live.Clear();
        _hash = new TraceHash();
        _running = null;
        _nowNs = 0;
        _openedAt = -1;
        _closedAt = -1;
        _isAsleep = false;
    }

    /// <inheritdoc/>
    protected override void OnClose()
    {
        NoteSleep();
        NoteHolders();
        _closedAt = _events.Count;
    }

    /// <inheritdoc/>
    protected sealed override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound)
    {
        ArgumentNullException.ThrowIfNull(ready);
        if (_openedAt < 0) _openedAt = _events.Count;
        if (current is null) NoteSleep();
        int pick = AnswerTask(current, ready, step, bound);
        bool goesOn = current is not null && pick == 0;
        KernelTask chosen = goesOn ? current! : ready[current is null ? pick : pick - 1];
        if (current is not null && !goesOn) _pendingSteps[current.Id] = step;
        _running = chosen;
        _isAsleep = false;
        AddStep(chosen.Id, goesOn ? step : TakePending(chosen.Id), goesOn || current is null ? 0 : current.Id);
        return pick;
    }

    /// <inheritdoc/>
    protected sealed override int ChooseValue(int bound)
    {
        int pick = AnswerValue(bound);
        if (pick != 0) _events.Add(new RecordedEvent(_nowNs, _running?.Id ?? 0, RecordedKind.Choice, "", 0, (ulong)pick, (ulong)bound));
        return pick;
    }

    /// <summary>What a ready task would do if it were chosen; empty for one that goes on after a sleep, or is new.</summary>
    protected string StepAheadOf(KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return _pendingSteps.GetValueOrDefault(task.Id, "");
    }

    /// <summary>See <see cref="Schedule.ChooseTask"/>.</summary>
    protected abstract int AnswerTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound);

    /// <summary>See <see cref="Schedule.ChooseValue"/>.</summary>
    protected abstract int AnswerValue(int bound);

    private static bool IsPowerOf(string state, string task) => state.Length == task.Length + 6 &&
        state.StartsWith(task, StringComparison.Ordinal) && state.EndsWith(" power", StringComparison.Ordinal);

    private string TakePending(int task) => _pendingSteps.Remove(task, out string? step) ? step : "";

    /// <summary>Who can end a sleep may be known only after it began: what is known at the end is written to each that lasts.</summary>
    private void NoteHolders()
    {
        HashSet<int> seen = [];
        for (int i = _events.Count - 1; i >= 0; i--)
        {
            RecordedEvent at = _events[i];
            if (at.Kind != RecordedKind.Sleep || !seen.Add(at.Task) || !_live.TryGetValue(at.Task, out KernelTask? task)) continue;
            if (task.WaitsOn is { Holder: { } holder } queue && queue.Name == at.Name) _events[i] = at with { B = (ulong)holder.Id };
        }
    }

    /// <summary>In the part that is not explored nobody asks whose step it is: the trace tells who was given the processor.</summary>
    private void BeginClosedStep(int task)
    {
        if (_closedAt < 0) _openedAt = -1; // paused: what has been was not the explored part yet
        NoteSleep();
        _running = _live[task];
        _isAsleep = false;
        AddStep(task, TakePending(task), 0);
    }

    private void AddStep(int task, string name, int gaveWay) =>
        _events.Add(new RecordedEvent(_nowNs, task, RecordedKind.Step, name, 0, 0, (ulong)gaveWay));

    private void Add(RecordedKind kind, string name, ulong a) =>
        _events.Add(new RecordedEvent(_nowNs, _running?.Id ?? 0, kind, name, 0, a));

    /// <summary>Writes down, once, that the task that ran last sleeps, if it does.</summary>
    private void NoteSleep()
    {
        if (_running is not { } task || _isAsleep || task.State is not (KernelTaskState.Parked or KernelTaskState.Parking)) return;
        _isAsleep = true;
        string name = task.WaitsOn?.Name ?? "schedule_timeout";
        _sleeps[task.Id] = name;
        _events.Add(new RecordedEvent(_nowNs, task.Id, RecordedKind.Sleep, name, 0,
            task.WaitsOn is { } queue ? (ulong)queue.Kind + 1 : 0, (ulong)(task.WaitsOn?.Holder?.Id ?? 0)));
    }
}
