using System;
using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>What <c>await</c> sees of a sleep or a scheduling point. Await it at once; it is good for one await.</summary>
public readonly struct SchedulerAwaitable : ICriticalNotifyCompletion
{
    private readonly Scheduler? _scheduler;
    private readonly KernelTask? _task;

    internal SchedulerAwaitable(Scheduler scheduler, KernelTask task, bool isCompleted)
    {
        _scheduler = scheduler;
        _task = task;
        IsCompleted = isCompleted;
    }

    /// <summary>Whether the task goes on without giving way.</summary>
    public bool IsCompleted { get; }

    /// <summary>This is its own awaiter.</summary>
    public SchedulerAwaitable GetAwaiter() => this;

    /// <summary>Ends the await; throws <see cref="TaskKilledException"/> when the task was killed meanwhile.</summary>
    public void GetResult()
    {
        if (_task is { KillRequested: true }) throw new TaskKilledException();
    }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _scheduler!.Suspend(_task!, continuation);
}
