using System.Collections.Generic;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Choices that know what they choose between, and see what each step touches: what a search of schedules needs.</summary>
/// <remarks>
/// A run is a row of steps. A step begins when a task is given the processor, or goes on at a scheduling point, and ends at its next
/// scheduling point, sleep or end; nothing else moves meanwhile. Two steps of which neither touches what the other writes, and neither
/// spawned or woke the other's task, can change places without a difference: that is what <see cref="Touched"/> is for.
/// <para>On the <see cref="VirtualScheduler"/> only; all calls come from the thread that runs it.</para>
/// </remarks>
public interface ISchedule : IChoices
{
    /// <summary>A step begins: whose? Asked for every step, also when there is one answer.</summary>
    /// <param name="current">The task that stands at a scheduling point and could go on; null when it sleeps or has ended.</param>
    /// <param name="ready">The others that could run; not empty when <paramref name="current"/> is null.</param>
    /// <param name="step">What <paramref name="current"/> would do next, in the kernel's words; empty without one.</param>
    /// <returns>With a current task 0 for it and i + 1 for ready[i]; without one, i.</returns>
    int PickTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step);

    /// <summary>
    /// Whether it wants to be told what the running step touches, creates, wakes and waits for. Asked when a run begins, and again after
    /// each <see cref="PickTask"/>; telling costs more than most steps.
    /// </summary>
    bool IsListening { get; }

    /// <summary>The running step has touched something that other tasks may touch.</summary>
    void Touched(SharedState state, Touch touch);

    /// <summary>The running step has created a task. The first task of a run has no parent.</summary>
    void Spawned(KernelTask task, KernelTask? parent);

    /// <summary>The running step ends with a sleep: what the task wants to touch cannot be had yet.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="state">What it waits for.</param>
    /// <param name="touch">What it will do to it once it can.</param>
    void Blocked(KernelTask task, SharedState state, Touch touch);

    /// <summary>The running step, or time, has ended a sleep. <see cref="KernelTask.WaitsOn"/> still says of what.</summary>
    void Woken(KernelTask task);

    /// <summary>Nothing could move, so time did: sleeps end whose time has come.</summary>
    void TimePassed(long nowNs);
}
