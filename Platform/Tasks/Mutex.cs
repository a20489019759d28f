using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>A sleeping lock with an owner. Source: include/linux/mutex.h.</summary>
public sealed class Mutex(Scheduler scheduler, string name)
{
    private readonly WaitQueue _queue = new(scheduler, name, WaitQueueKind.Mutex);

    /// <summary>Who holds it; null when nobody does.</summary>
    public KernelTask? Owner => _queue.Holder;

    /// <summary>Takes the lock; sleeps while another task has it. Kernel: mutex_lock.</summary>
    /// <exception cref="InvariantException">The task holds it already: it would sleep for ever.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask LockAsync() =>
        _ = await _queue.WaitAsync(this, static mutex => mutex.TryTake(), // neither timeout nor signal: always Ok
            holds: static mutex => mutex.IsFree(), touch: Touch.Take);

    /// <summary>Takes the lock, unless a signal comes first. Kernel: mutex_lock_interruptible.</summary>
    /// <returns>Ok with the lock held, or EINTR without it.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Errno> LockInterruptibleAsync()
    {
        WaitResult result = await _queue.WaitAsync(this, static mutex => mutex.TryTake(), interruptible: true,
            holds: static mutex => mutex.IsFree(), touch: Touch.Take);
        return result == WaitResult.Ok ? Errno.Ok : Errno.EINTR;
    }

    /// <summary>Gives the lock back. Kernel: mutex_unlock.</summary>
    public void Unlock()
    {
        using (_queue.Scheduler.Gate.Enter())
        {
            Invariant.Check(_queue.Holder is not null && _queue.Holder == _queue.Scheduler.Current, "a mutex is unlocked by its owner");
            _queue.Holder = null;
            _queue.WakeAll(Touch.GiveBack);
        }
    }

    private bool IsFree() => _queue.Holder is null || _queue.Holder == _queue.Scheduler.Current; // the latter is a defect, found by taking

    private bool TryTake()
    {
        KernelTask current = _queue.Scheduler.RequireCurrent();
        Invariant.Check(_queue.Holder != current, "a task does not lock a mutex that it holds");
        if (_queue.Holder is not null) return false;
        _queue.Holder = current;
        return true;
    }
}
