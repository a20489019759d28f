using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Platform.Watch;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>
/// One thread, virtual time, and every decision a call of <see cref="IChoices.Pick"/>: same choices, same run, same trace.
/// </summary>
/// <remarks>
/// Time stands still while anything can run, and then jumps to the next deadline: 15 s of timeout cost microseconds.
/// Not for use by two threads at a time.
/// </remarks>
public sealed class VirtualScheduler : Scheduler
{
    private const int StatesKeptMax = 4096; // of each kind: names that never come back are not to fill the memory

    private IChoices _choices;
    private readonly TimerQueue _timers = new();
    private readonly Dictionary<string, SharedState>[] _states = new Dictionary<string, SharedState>[(int)WaitQueueKind.Doorbell + 2];
    private readonly List<KernelTask> _ready;
    private KernelTask? _current;
    private KernelTask? _chosen; // at a scheduling point, the task that runs instead of the current one
    private Exception? _failure;
    private long _nowNs;
    private long _pointCount;
    private bool _hasProbed;

    /// <summary>Creates a scheduler at time 0.</summary>
    /// <param name="choices">Decides; null for <see cref="FirstChoice"/>.</param>
    /// <param name="trace">Sees every event; null for none.</param>
    public VirtualScheduler(IChoices? choices = null, ITraceSink? trace = null) : base(trace, hasThreads: false)
    {
        _choices = choices ?? FirstChoice.Instance;
        Follow(choices as ISchedule);
        for (int i = 0; i < _states.Length; i++) _states[i] = new Dictionary<string, SharedState>(StringComparer.Ordinal);
        _ready = Host.Ready; // one list for all processors: here a processor is a label
    }

    /// <summary>
    /// Bound on the task switches, and on the scheduling points, of one run: a run that reaches it does not end. Default 100 million.
    /// </summary>
    public long SwitchCountMax { get; init; } = 100_000_000;

    /// <summary>Task switches so far.</summary>
    public long SwitchCount { get; private set; }

    /// <summary>Scheduling points passed so far.</summary>
    public long PointCount => _pointCount;

    /// <summary>Decisions taken so far.</summary>
    public long DecisionCount { get; private set; }

    /// <inheritdoc/>
    public override long NowNs => _nowNs;

    /// <inheritdoc/>
    public override KernelTask? Current => _current;

    /// <summary>Makes it as new: time 0, the first task is number 1. Processors stay.</summary>
    /// <param name="choices">Decides from here on; null for <see cref="FirstChoice"/>.</param>
    /// <exception cref="InvariantException">A task lives: a run that did not end cannot be rewound.</exception>
    public void Rewind(IChoices? choices)
    {
        Invariant.Check(_current is null && _failure is null, "a scheduler is rewound between runs");
        ForgetTasks();
        _timers.Clear();
        _hasProbed = false;
        _nowNs = _pointCount = SwitchCount = DecisionCount = 0;
        _choices = choices ?? FirstChoice.Instance;
        Follow(choices as ISchedule);
    }

    /// <summary>
    /// Where nothing moves: wakes every sleeper for no reason, lets each look at its condition and go back to sleep, and returns. One that
    /// does not go back had lost a wake-up, which <see cref="IWatch.LostWakeUp"/> is told.
    /// </summary>
    /// <remarks>A sleeper must always bear that, so it changes nothing in a sound run; no choice is asked for meanwhile.</remarks>
    public async ValueTask ProbeSleepersAsync()
    {
        (IChoices choices, ISchedule? schedule) = (_choices, Schedule);
        long lostCount = LostWakeUpCount;
        WakeSleepers();
        await DelayAsync(1); // all that can run does, before time passes
        if (LostWakeUpCount != lostCount) return; // something moved that the schedule has not seen: it is not asked again
        _choices = choices;
        Follow(schedule);
    }

    /// <summary>Answers a free question that is not about who runs: whether a fault strikes, which of several events comes.</summary>
    /// <param name="bound">How many answers there are; one answer is not asked for.</param>
    /// <returns>0, which is always "nothing unusual", to <paramref name="bound"/> - 1.</returns>
    public int Choose(int bound) => bound <= 1 ? 0 : Decide(bound);

    /// <inheritdoc/>
    public override SchedulerAwaitable Point(string step)
    {
        KernelTask current = RequireCurrent();
        if (++_pointCount > SwitchCountMax)
            throw new InvalidOperationException($"the run does not end: {SwitchCountMax} scheduling points");
        int pick = Schedule is not null ? DecideTask(current, step) : _ready.Count == 0 ? 0 : Decide(_ready.Count + 1);
        if (pick == 0) return new SchedulerAwaitable(this, current, isCompleted: true);
        Trace.Emit(TraceKind.Preempted, step, (ulong)current.Id, (ulong)pick);
        _chosen = TakeReady(pick - 1);
        return new SchedulerAwaitable(this, current, isCompleted: false);
    }

    /// <inheritdoc/>
    public override void Run(Func<ValueTask> main)
    {
        Invariant.Check(_current is null, "a virtual run is not entered twice");
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // awaits resume here, inline
        AsyncFlowControl? flow = ExecutionContext.IsFlowSuppressed() ? null : ExecutionContext.SuppressFlow(); // tasks share one context
        try
        {
            KernelTask task = Spawn("main", main);
            while (task.State != KernelTaskState.Done && _failure is null) RunOne();
            if (_failure is { } failure) throw failure is DeadlockException ? failure : Rethrowable(failure);
        }
        finally
        {
            _current = null;
            flow?.Undo();
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    internal override SharedState StateOf(string name, WaitQueueKind? kind)
    {
        Dictionary<string, SharedState> states = _states[kind is { } known ? (int)known + 1 : 0];
        if (states.TryGetValue(name, out SharedState? state)) return state;
        state = new SharedState(this, name, kind);
        if (states.Count < StatesKeptMax) states.Add(name, state);
        return state;
    }

    private protected override void MakeReady(KernelTask task)
    {
        task.State = KernelTaskState.Ready;
        _ready.Add(task);
    }

    private protected override void AddTimer(KernelTask task, long deadlineNs) => _timers.Add(task, deadlineNs);

    private protected override void AttachCpu(Cpu cpu) { }

    private protected override void OnTaskEnded(KernelTask task) => _failure ??= task.Failure;

    private static InvalidOperationException Rethrowable(Exception failure) => new(failure.Message, failure);

    private void RunOne()
    {
        KernelTask next;
        if (_chosen is not null)
        {
            next = _chosen;
            _chosen = null;
        }
        else if (_ready.Count > 0)
        {
            next = TakeReady(Schedule is not null ? DecideTask(null, "") : _ready.Count == 1 ? 0 : Decide(_ready.Count));
        }
        else if (TryAdvanceTime())
        {
            return;
        }
        else if (Watch is not null && !_hasProbed)
        {
            _hasProbed = true; // a deadlock, unless somebody sleeps who need not
            WakeSleepers();
            return;
        }
        else
        {
            throw new DeadlockException(LiveTasks);
        }

        if (++SwitchCount > SwitchCountMax) throw new InvalidOperationException($"the run does not end: {SwitchCountMax} task switches");
        Trace.Emit(TraceKind.TaskRuns, next.Name, (ulong)next.Id, 0);
        Action continuation = next.Continuation!;
        next.Continuation = null;
        next.State = KernelTaskState.Running;
        _current = next;
        continuation();
        _current = null;
    }

    private void Follow(ISchedule? schedule)
    {
        Schedule = schedule;
        Listener = schedule is { IsListening: true } ? schedule : null;
    }

    /// <summary>From here on nobody is asked who runs.</summary>
    private void WakeSleepers()
    {
        Follow(null);
        _choices = FirstChoice.Instance;
        foreach (KernelTask task in LiveTasks)
        {
            if (task.State != KernelTaskState.Parked || task.WaitsOn is null) continue;
            Wake(task);
            task.IsProbed = true;
        }
    }

    /// <summary>Jumps to the next deadline and wakes all that are due then, so that their order is a choice as any other.</summary>
    private bool TryAdvanceTime()
    {
        long nextNs = _timers.NextNs();
        if (nextNs == Forever) return false;
        _nowNs = nextNs;
        Schedule?.TimePassed(nextNs);
        while (_timers.NextNs() == _nowNs) Wake(_timers.Take());
        return true;
    }

    private int DecideTask(KernelTask? current, string step)
    {
        int bound = _ready.Count + (current is null ? 0 : 1);
        if (bound > 1) DecisionCount++;
        int pick = Schedule!.PickTask(current, _ready, step);
        Invariant.Check((uint)pick < (uint)bound, "a choice is below its bound");
        KernelTask chosen = current is null ? _ready[pick] : pick == 0 ? current : _ready[pick - 1];
        Listener = Schedule.IsListening ? Schedule : null;
        if (Listener is not null && chosen.Cpu != Host) chosen.Power.Read();
        return pick;
    }

    private KernelTask TakeReady(int index)
    {
        KernelTask task = _ready[index];
        _ready.RemoveAt(index);
        return task;
    }

    private int Decide(int bound)
    {
        DecisionCount++;
        int pick = _choices.Pick(bound);
        Invariant.Check((uint)pick < (uint)bound, "a choice is below its bound");
        return pick;
    }
}
