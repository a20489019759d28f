using System;
using System.Runtime.CompilerServices;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>What <c>await</c> sees of a sleep or a scheduling point. Await it at once; it is good for one await.</summary>
public readonly struct SchedulerAwaitable : ICriticalNotifyCompletion
{
    private readonly Scheduler? _scheduler;
    private readonly KernelTask? _task;
    private readonly bool _isCompleted;

    internal SchedulerAwaitable(Scheduler scheduler, KernelTask task, bool isCompleted)
    {
        _scheduler = scheduler;
        _task = task;
        _isCompleted = isCompleted;
    }

    /// <summary>Whether the task goes on without giving way; one that was killed meanwhile does not go on.</summary>
    public bool IsCompleted => _isCompleted && _task is not { KillRequested: true };

    /// <summary>This is its own awaiter.</summary>
    public SchedulerAwaitable GetAwaiter() => this;

    /// <summary>Ends the await.</summary>
    public void GetResult() { }

    /// <inheritdoc/>
    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    /// <inheritdoc/>
    public void UnsafeOnCompleted(Action continuation) => _scheduler!.Suspend(_task!, continuation);
}
