using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Platform.Watch;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Runs tasks, keeps time, and decides who moves next.</summary>
/// <remarks>
/// Lifecycle code is <c>async</c> over the primitives of this folder and nothing else. An <c>await</c> of anything but them (and of
/// methods made of them) leaves the scheduler's hands and is a defect.
/// <para>A primitive changes its state and wakes its sleepers under <see cref="Gate"/>; a sleeper evaluates its condition and
/// goes to sleep under the same gate, so no wake-up is lost on either scheduler.</para>
/// </remarks>
public abstract class Scheduler
{
    /// <summary>A timeout that never comes.</summary>
    public const long Forever = long.MaxValue;

    private readonly List<KernelTask> _live = [];
    private int _cpuCount;
    private int _taskCount;
    private int _busyCount;

    /// <summary>Creates the scheduler with its host processor.</summary>
    /// <param name="trace">Sees every event of the run; null for none.</param>
    /// <param name="hasThreads">Whether several threads run its tasks.</param>
    private protected Scheduler(ITraceSink? trace, bool hasThreads)
    {
        Gate = new Gate(hasThreads);
        Trace = new Tracer(this, trace);
        Host = CreateCpu("host");
    }

    /// <summary>Time since the scheduler was made, ns. Virtual or real.</summary>
    public abstract long NowNs { get; }

    /// <summary>The task that runs on the calling thread; null outside of tasks.</summary>
    public abstract KernelTask? Current { get; }

    /// <summary>The host processor.</summary>
    public Cpu Host { get; }

    /// <summary>Where events go.</summary>
    public Tracer Trace { get; }

    /// <summary>Who watches the run; null for nobody. Kept over runs.</summary>
    public IWatch? Watch { get; set; }

    /// <summary>The search that this run is part of; null for a run of its own.</summary>
    internal ISchedule? Schedule { get; private protected set; }

    /// <summary>The search that wants to hear what the running step does; null for none.</summary>
    internal ISchedule? Listener { get; private protected set; }

    /// <summary>Sleepers that were found to need no sleep.</summary>
    internal long LostWakeUpCount { get; set; }

    /// <summary>The lock under which every primitive keeps its state and its sleepers.</summary>
    internal Gate Gate { get; }

    /// <summary>Tasks that have not ended, in order of creation: a copy.</summary>
    public IReadOnlyList<KernelTask> LiveTasks
    {
        get
        {
            using (Gate.Enter()) return [.. _live];
        }
    }

    /// <summary>How many tasks have not ended.</summary>
    public int LiveCount
    {
        get
        {
            using (Gate.Enter()) return _live.Count;
        }
    }

    /// <summary>Tasks that have not ended and that somebody may wait for: without the daemons.</summary>
    public int BusyCount
    {
        get
        {
            using (Gate.Enter()) return _busyCount;
        }
    }

    /// <summary>Adds a processor.</summary>
    public Cpu CreateCpu(string name) => CreateCpu(name, waiter: null);

    private protected Cpu CreateCpu(string name, ICpuWaiter? waiter)
    {
        using (Gate.Enter())
        {
            Cpu cpu = new(name, _cpuCount++) { Waiter = waiter };
            AttachCpu(cpu);
            return cpu;
        }
    }

    /// <summary>Creates a task, ready to run.</summary>
    /// <param name="name">What a person calls it.</param>
    /// <param name="body">What it does.</param>
    /// <param name="cpu">Where; null for the spawning task's processor, or the host outside of tasks.</param>
    /// <param name="isDaemon">Whether it may sleep for ever without that being a deadlock.</param>
    public KernelTask Spawn(string name, Func<ValueTask> body, Cpu? cpu = null, bool isDaemon = false)
    {
        ArgumentNullException.ThrowIfNull(body);
        using (Gate.Enter())
        {
            KernelTask? parent = Current;
            KernelTask task = new(this, ++_taskCount, parent, name, cpu ?? parent?.Cpu ?? Host, isDaemon, body);
            _live.Add(task);
            if (!isDaemon) _busyCount++;
            Trace.Emit(TraceKind.TaskSpawned, name, (ulong)task.Id, 0);
            Listener?.Spawned(task, parent);
            MakeReady(task);
            return task;
        }
    }

    /// <summary>Runs <paramref name="main"/> as the first task and returns when it has ended.</summary>
    /// <exception cref="DeadlockException">Nothing can move and <paramref name="main"/> has not ended (virtual time only).</exception>
    /// <remarks>An exception that escapes from <paramref name="main"/>, or from any other task, is thrown here.</remarks>
    public abstract void Run(Func<ValueTask> main);

    /// <summary>A scheduling point: others of its processor may run here.</summary>
    /// <param name="step">What comes next, in the kernel's words.</param>
    public abstract SchedulerAwaitable Point(string step);

    /// <summary>Sleeps.</summary>
    /// <param name="durationNs">How long, ns; 0 or less is a scheduling point.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))] // a sleep allocates nothing
    public async ValueTask DelayAsync(long durationNs)
    {
        if (durationNs <= 0)
        {
            await Point("schedule");
            return;
        }

        KernelTask task = RequireCurrent();
        long deadlineNs = Add(NowNs, durationNs);
        while (NowNs < deadlineNs)
        {
            using (Gate.Enter()) BeginPark(task, null, deadlineNs, interruptible: false);
            await Park(task);
        }
    }

    /// <summary>Takes a task's processor away: it ends at its present or next await, and one that has not begun never does.</summary>
    /// <remarks>
    /// For remote cores that are switched off; kernel tasks are not killed. As on silicon, nothing of the task runs any more, not its
    /// <c>finally</c> blocks either: what it held that outlives its processor, somebody else gives back.
    /// </remarks>
    public void Kill(KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        using (Gate.Enter())
        {
            if (Listener is not null) task.Power.Write();
            task.KillRequested = true;
            if (task.WaitsOn is { } queue)
            {
                queue.Touch(Touch.Write); // whoever would wake it races with us: it may run before, or not at all
                queue.Forget(task);
            }

            Wake(task);
            if (task.State == KernelTaskState.Ready) task.Continuation = task.End;
        }
    }

    /// <summary>Sends a signal: an interruptible sleep of the task ends with -EINTR.</summary>
    /// <param name="task">The receiver.</param>
    /// <param name="pending">False clears a signal that was not taken.</param>
    public void Signal(KernelTask task, bool pending = true)
    {
        ArgumentNullException.ThrowIfNull(task);
        using (Gate.Enter())
        {
            task.SignalPending = pending;
            if (!pending || !task.Interruptible) return;
            task.WaitsOn?.Touch(Touch.Write); // who would end the sleep otherwise may come first
            Wake(task);
        }
    }

    /// <summary>See <see cref="SharedState.Of"/>.</summary>
    internal virtual SharedState StateOf(string name, WaitQueueKind? kind) => new(this, name, kind);

    /// <summary>The running task; throws outside of tasks.</summary>
    internal KernelTask RequireCurrent() =>
        Current ?? throw new InvalidOperationException("a kernel primitive was awaited outside of a task: use Scheduler.Run or Spawn");

    internal static long Add(long timeNs, long durationNs) => durationNs >= Forever - timeNs ? Forever : timeNs + durationNs;

    internal SchedulerAwaitable Park(KernelTask task) => new(this, task, isCompleted: false);

    /// <summary>Under the gate: the task is about to sleep; from here on a wake-up is kept.</summary>
    internal void BeginPark(KernelTask task, WaitQueue? queue, long deadlineNs, bool interruptible)
    {
        task.State = KernelTaskState.Parking;
        task.WaitsOn = queue;
        task.DeadlineNs = deadlineNs;
        task.Interruptible = interruptible;
        task.SleepNumber++;
        task.IsProbed = false;
        if (deadlineNs != Forever) AddTimer(task, deadlineNs);
        if (task.KillRequested) Wake(task);
    }

    /// <summary>Under the gate: ends a sleep; no effect on a task that does not sleep.</summary>
    internal void Wake(KernelTask task)
    {
        task.IsProbed = false;
        if (task.State == KernelTaskState.Parking)
        {
            task.State = KernelTaskState.WokenEarly;
            Listener?.Woken(task);
        }
        else if (task.State == KernelTaskState.Parked)
        {
            Listener?.Woken(task);
            task.WaitsOn = null;
            MakeReady(task);
        }
    }

    /// <summary>The awaiter's suspension: the compiler hands over what to run when the task moves again.</summary>
    internal void Suspend(KernelTask task, Action continuation)
    {
        using (Gate.Enter())
        {
            task.Continuation = continuation;
            if (task.KillRequested)
            {
                task.WaitsOn?.Forget(task);
                task.Continuation = task.End;
            }

            if (task.State == KernelTaskState.Parking)
            {
                task.State = KernelTaskState.Parked;
            }
            else // woken early, or a scheduling point at which another task was chosen
            {
                task.WaitsOn = null;
                MakeReady(task);
            }
        }
    }

    internal void EndTask(KernelTask task)
    {
        using (Gate.Enter())
        {
            task.State = KernelTaskState.Done;
            task.WaitsOn = null;
            Invariant.Check(_live.Remove(task), "a task ends once");
            if (!task.IsDaemon) _busyCount--;
            Trace.Emit(TraceKind.TaskEnded, task.Name, (ulong)task.Id, task.Failure is null ? 0u : 1u);
            task.Ended.CompleteAll();
            if (task.Failure is not null || !task.IsDaemon) OnTaskEnded(task);
        }
    }

    /// <summary>Makes it as new, for another run: nothing may live any more.</summary>
    private protected void ForgetTasks()
    {
        Invariant.Check(_live.Count == 0, "a scheduler is rewound when every task has ended");
        _taskCount = 0;
    }

    /// <summary>Under the gate: marks the task ready and lets its processor know.</summary>
    private protected abstract void MakeReady(KernelTask task);

    /// <summary>Under the gate: wakes <paramref name="task"/> at <paramref name="deadlineNs"/> if it is still in this sleep.</summary>
    private protected abstract void AddTimer(KernelTask task, long deadlineNs);

    /// <summary>Under the gate: makes what runs the processor's tasks.</summary>
    private protected abstract void AttachCpu(Cpu cpu);

    private protected abstract void OnTaskEnded(KernelTask task);
}
