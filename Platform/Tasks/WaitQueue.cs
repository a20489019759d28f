using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>How a sleep ended.</summary>
public enum WaitResult
{
    /// <summary>The condition holds.</summary>
    Ok,
    /// <summary>The time ran out first.</summary>
    TimedOut,
    /// <summary>A signal came first (interruptible sleeps only).</summary>
    Interrupted,
}

/// <summary>Tasks that sleep until a condition holds: the kernel's wait_event family, and what all other primitives are made of.</summary>
/// <remarks>
/// Waking does not hand anything over: each woken task looks at its condition again, in the order in which the scheduler lets them run.
/// Source: include/linux/wait.h, wait_event, wait_event_interruptible_timeout.
/// </remarks>
public sealed class WaitQueue(Scheduler scheduler, string name, WaitQueueKind kind = WaitQueueKind.Event)
{
    private List<KernelTask>? _sleepers; // most queues never have one

    /// <summary>Whose tasks sleep here.</summary>
    public Scheduler Scheduler { get; } = scheduler;

    /// <summary>What a person calls the thing waited for.</summary>
    public string Name { get; } = name;

    /// <summary>What kind of thing is waited for.</summary>
    public WaitQueueKind Kind { get; } = kind;

    /// <summary>Who can end the wait, where that is one task: a mutex' owner, the worker of an item of work. Null otherwise.</summary>
    public KernelTask? Holder { get; internal set; }

    private SharedState State => field ??= Scheduler.StateOf(Name, Kind);

    /// <summary>Tasks that sleep here now.</summary>
    public int SleeperCount
    {
        get
        {
            using (Scheduler.Gate.Enter()) return _sleepers?.Count ?? 0;
        }
    }

    /// <summary>Sleeps until <paramref name="condition"/> holds. A scheduling point, also when it holds at once.</summary>
    /// <param name="state">Handed to the condition, so that it needs no closure.</param>
    /// <param name="condition">Evaluated under the scheduler's gate; it may take what it tests for, and must not wait.</param>
    /// <param name="timeoutNs">Bound on the sleep, ns; <see cref="Scheduler.Forever"/> for none, 0 to look once.</param>
    /// <param name="interruptible">Whether a signal ends the sleep.</param>
    /// <param name="holds">
    /// The condition, without taking anything. In a search of schedules, a task that comes when it does not hold sleeps at once: to look in
    /// vain is no step of its own. Null where looking and taking cannot be told apart.
    /// </param>
    /// <param name="touch">What the condition does to what the queue stands for when it holds.</param>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // sleeps come one a message: they must not allocate
    public async ValueTask<WaitResult> WaitAsync<T>(T state, Func<T, bool> condition, long timeoutNs = Scheduler.Forever,
        bool interruptible = false, Func<T, bool>? holds = null, Touch touch = Tasks.Touch.Write)
    {
        KernelTask task = Scheduler.RequireCurrent();
        bool sleepsAtOnce = Scheduler.Schedule is not null && holds is not null && timeoutNs > 0 && !holds(state);
        if (!sleepsAtOnce) await Scheduler.Point(Name);
        long deadlineNs = Scheduler.Add(Scheduler.NowNs, timeoutNs);
        while (true)
        {
            using (Scheduler.Gate.Enter())
            {
                bool isOver = condition(state);
                bool isInterrupted = interruptible && task.SignalPending;
                bool isLate = Scheduler.NowNs >= deadlineNs;
                if (isOver || holds is null) Touch(touch);
                else if (isInterrupted || isLate) Touch(Tasks.Touch.Read); // it has seen that the condition does not hold
                if (isOver && task.IsProbed) ReportLostWakeUp(task);
                if (isOver) return WaitResult.Ok;
                if (isInterrupted) return WaitResult.Interrupted;
                if (isLate) return WaitResult.TimedOut;
                (_sleepers ??= []).Add(task);
                if (holds is not null) Scheduler.Listener?.Blocked(task, State, touch);
                Scheduler.BeginPark(task, this, deadlineNs, interruptible);
            }

            await Scheduler.Park(task);
            using (Scheduler.Gate.Enter()) Forget(task);
        }
    }

    /// <summary>Makes every sleeper look at its condition again.</summary>
    public void WakeAll() => WakeAll(Tasks.Touch.Add);

    /// <summary>Makes every sleeper look at its condition again.</summary>
    /// <param name="touch">What was done to what the queue stands for.</param>
    internal void WakeAll(Touch touch)
    {
        using (Scheduler.Gate.Enter())
        {
            Touch(touch);
            if (_sleepers is null) return;
            foreach (KernelTask task in _sleepers) Scheduler.Wake(task);
            _sleepers.Clear();
        }
    }

    /// <summary>Under the gate: the task sleeps here no longer. Absent when a wake-up took it off.</summary>
    internal void Forget(KernelTask task) => _ = _sleepers?.Remove(task);

    /// <summary>It was woken for no reason, and its condition holds: whoever made it hold has woken nobody.</summary>
    private void ReportLostWakeUp(KernelTask task)
    {
        task.IsProbed = false;
        Scheduler.LostWakeUpCount++;
        Scheduler.Watch?.LostWakeUp(task, this);
    }

    /// <summary>What the queue stands for has been looked at, or changed. See <see cref="SharedState"/>.</summary>
    internal void Touch(Touch touch)
    {
        if (Scheduler.Listener is not null) State.Do(touch);
    }
}

/// <summary>What a <see cref="WaitQueue"/> stands for, for reports.</summary>
public enum WaitQueueKind
{
    /// <summary>A condition.</summary>
    Event,
    /// <summary>A mutex.</summary>
    Mutex,
    /// <summary>A completion.</summary>
    Completion,
    /// <summary>A doorbell.</summary>
    Doorbell,
}
