using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Explain.Order;

/// <summary>Which events of a run are ordered in every run: happens-before, by vector clocks.</summary>
/// <remarks>
/// Ordered are the events of a task; a spawn and what the new task does; a wake-up and what the woken task does; what was before a
/// completion, a doorbell or a condition was signalled, and what comes after a wait for it; and all before time passed with all after it.
/// A mutex orders nothing: it keeps two tasks apart, and who gets it first is a matter of the schedule. Who holds which is told by
/// <see cref="LocksAt"/>. Source: L. Lamport, Time, clocks, and the ordering of events, 1978.
/// </remarks>
internal sealed class CausalOrder
{
    private readonly Recording _run;
    private readonly int[][] _clocks; // by event: what of each other task is before it; a task's own events are, in their order
    private readonly Edge[] _edges;   // by event: the last edge from another task into its task
    private readonly List<LockSpan> _locks = [];
    private readonly Dictionary<string, (int[] Clock, int Place)> _signals = [];
    private readonly Dictionary<string, LockSpan> _held = [];
    private readonly int[][] _tasks;
    private readonly Edge[] _lastEdges;
    private readonly string[] _sleeps; // by task: what it sleeps, or has last slept on

    /// <summary>Orders a run.</summary>
    public CausalOrder(Recording run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _run = run;
        int width = run.Tasks.Count + 1;
        _clocks = new int[run.Events.Count][];
        _edges = new Edge[run.Events.Count];
        _tasks = new int[width][];
        _lastEdges = new Edge[width];
        _sleeps = new string[width];
        for (int task = 0; task < width; task++)
        {
            _tasks[task] = new int[width];
            Array.Fill(_tasks[task], -1);
            _lastEdges[task] = new Edge(-1);
            _sleeps[task] = "";
        }

        for (int place = 0; place < run.Events.Count; place++) Add(place);
    }

    /// <summary>Whether one event is before another in every run that has both.</summary>
    public bool IsBefore(int earlier, int later)
    {
        int task = _run.Events[earlier].Task;
        if (task == _run.Events[later].Task) return earlier < later;
        return earlier < later && _clocks[later][task] >= earlier;
    }

    /// <summary>Whether nothing orders two events.</summary>
    public bool AreUnordered(int a, int b) => !IsBefore(a, b) && !IsBefore(b, a);

    /// <summary>
    /// The event of another task that the task of <paramref name="place"/> has last been waiting for: its creation, a wake-up, a signal.
    /// </summary>
    /// <returns>-1 for none.</returns>
    public int EnablerOf(int place) => _edges[place].Place;

    /// <summary>The mutexes that the event's task holds there, in the order in which it took them.</summary>
    public IReadOnlyList<LockSpan> LocksAt(int place)
    {
        List<LockSpan> held = [];
        int task = _run.Events[place].Task;
        foreach (LockSpan span in _locks)
        {
            if (span.Task == task && span.TakenAt <= place && (span.ReleasedAt < 0 || span.ReleasedAt > place)) held.Add(span);
        }

        return held;
    }

    private void Add(int place)
    {
        RecordedEvent at = _run.Events[place];
        switch (at.Kind)
        {
            case RecordedKind.Spawn or RecordedKind.Wake when at.Task != 0 && !IsOfLock(at):
                Reach((int)at.A, _tasks[at.Task], at.Task, place);
                break;
            case RecordedKind.Sleep:
                _sleeps[at.Task] = at.Name;
                break;
            case RecordedKind.TimePassed:
                Barrier(place);
                break;
            case RecordedKind.Read or RecordedKind.Write when at.Task != 0 && at.A != 0:
                Signal(at, place);
                break;
            default:
                break;
        }

        _clocks[place] = _tasks[at.Task];
        _edges[place] = _lastEdges[at.Task];
    }

    /// <summary>A wake-up out of a mutex: the lock comes free, which orders nothing.</summary>
    private bool IsOfLock(RecordedEvent at) => at.Kind == RecordedKind.Wake && _held.ContainsKey(at.Name);

    private void Signal(RecordedEvent at, int place)
    {
        WaitQueueKind kind = (WaitQueueKind)(at.A - 1);
        bool isWait = _run.IsWait(place);
        if (kind == WaitQueueKind.Mutex)
        {
            if (at.Kind == RecordedKind.Write) TakeOrRelease(at, place);
            return;
        }

        bool takes = isWait || at.Kind == RecordedKind.Read || kind != WaitQueueKind.Completion;
        bool gives = !isWait && at.Kind == RecordedKind.Write;
        if (takes && _signals.TryGetValue(at.Name, out (int[] Clock, int Place) signal) && _run.Events[signal.Place].Task != at.Task)
        {
            bool isNews = _tasks[at.Task][_run.Events[signal.Place].Task] < signal.Place;
            _tasks[at.Task] = Joined(_tasks[at.Task], signal.Clock, 0, -1);
            if (isNews) _lastEdges[at.Task] = new Edge(signal.Place);
        }

        if (!gives) return;
        int[] before = _signals.TryGetValue(at.Name, out (int[] Clock, int Place) earlier) ? earlier.Clock : [];
        int[] given = Joined(_tasks[at.Task], before, at.Task, place);
        _signals[at.Name] = (given, place);
    }

    private void TakeOrRelease(RecordedEvent at, int place)
    {
        if (!_held.TryGetValue(at.Name, out LockSpan? span) || span.ReleasedAt >= 0)
        {
            span = new LockSpan(at.Name, at.Task, place);
            _held[at.Name] = span;
            _locks.Add(span);
        }
        else if (span.Task == at.Task)
        {
            span.ReleasedAt = place;
        }
        // else somebody comes to a lock that is held: it sleeps now
    }

    private void Reach(int task, int[] clock, int byTask, int place)
    {
        _tasks[task] = Joined(_tasks[task], clock, byTask, place);
        _lastEdges[task] = new Edge(place);
    }

    private void Barrier(int place)
    {
        int[] all = new int[_tasks.Length];
        Array.Fill(all, place);
        for (int task = 1; task < _tasks.Length; task++) _tasks[task] = all;
    }

    private static int[] Joined(int[] clock, int[] other, int task, int place)
    {
        int[] joined = [.. clock];
        for (int i = 0; i < other.Length; i++) joined[i] = Math.Max(joined[i], other[i]);
        if (place >= 0) joined[task] = Math.Max(joined[task], place);
        return joined;
    }

    private readonly record struct Edge(int Place);
}
