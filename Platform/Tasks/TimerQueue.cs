using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>The deadlines of sleeping tasks: the soonest first, those of one moment in the order in which they were set.</summary>
/// <remarks>
/// A task that is woken early leaves its deadline behind. Such leftovers are passed over, and swept out when the queue has doubled:
/// a million messages under a timeout of 15 s do not keep a million deadlines for 15 s. Under the scheduler's gate.
/// </remarks>
internal sealed class TimerQueue
{
    private const int SweepAtLeast = 64;

    private readonly PriorityQueue<(KernelTask Task, uint SleepNumber), (long DeadlineNs, long Order)> _queue = new();
    private long _order;
    private int _sweepAt = SweepAtLeast;

    /// <summary>Deadlines kept, leftovers included.</summary>
    public int Count => _queue.Count;

    /// <summary>Sets the deadline of the sleep that <paramref name="task"/> begins.</summary>
    public void Add(KernelTask task, long deadlineNs)
    {
        if (_queue.Count >= _sweepAt) Sweep();
        _queue.Enqueue((task, task.SleepNumber), (deadlineNs, _order++));
    }

    /// <summary>The soonest deadline that a task still sleeps for, ns; <see cref="Scheduler.Forever"/> when there is none.</summary>
    public long NextNs()
    {
        while (_queue.TryPeek(out (KernelTask Task, uint SleepNumber) timer, out (long DeadlineNs, long Order) due))
        {
            if (!IsLeftover(timer)) return due.DeadlineNs;
            _ = _queue.Dequeue(); // nobody sleeps for it any more
        }

        return Scheduler.Forever;
    }

    /// <summary>Takes off the task of <see cref="NextNs"/>, which has just named it.</summary>
    public KernelTask Take() => _queue.Dequeue().Task;

    /// <summary>Forgets every deadline.</summary>
    public void Clear()
    {
        _queue.Clear();
        _order = 0;
        _sweepAt = SweepAtLeast;
    }

    private static bool IsLeftover((KernelTask Task, uint SleepNumber) timer) =>
        timer.Task.SleepNumber != timer.SleepNumber || timer.Task.State is not (KernelTaskState.Parking or KernelTaskState.Parked);

    private void Sweep()
    {
        List<((KernelTask Task, uint SleepNumber), (long DeadlineNs, long Order))> kept = [];
        foreach (((KernelTask Task, uint SleepNumber) timer, (long DeadlineNs, long Order) due) in _queue.UnorderedItems)
        {
            if (!IsLeftover(timer)) kept.Add((timer, due));
        }

        _queue.Clear();
        _queue.EnqueueRange(kept);
        _sweepAt = Math.Max(SweepAtLeast, 2 * kept.Count);
    }
}
