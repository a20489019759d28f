using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>"It has happened": once for one waiter, or for all of them for ever. Source: include/linux/completion.h.</summary>
public sealed class Completion(Scheduler scheduler, string name)
{
    private const uint All = uint.MaxValue;

    private readonly WaitQueue _queue = new(scheduler, name, WaitQueueKind.Completion);
    private uint _done;

    internal Scheduler Scheduler => _queue.Scheduler;

    /// <summary>The task that is to complete it, where one is known: with it a <see cref="DeadlockException"/> names the cycle.</summary>
    public KernelTask? ExpectedFrom
    {
        get => _queue.Holder;
        set => _queue.Holder = value;
    }

    /// <summary>Whether a waiter would go on at once. Kernel: completion_done.</summary>
    public bool IsDone
    {
        get
        {
            _queue.Touch(Touch.Read);
            using (Scheduler.Gate.Enter()) return _done != 0;
        }
    }

    /// <summary>Lets one waiter go on, now or later. Kernel: complete.</summary>
    public void Complete()
    {
        using (Scheduler.Gate.Enter())
        {
            if (_done != All) _done++;
            _queue.WakeAll();
        }
    }

    /// <summary>Lets every waiter go on, now and later. Kernel: complete_all.</summary>
    public void CompleteAll()
    {
        using (Scheduler.Gate.Enter())
        {
            _done = All;
            _queue.WakeAll();
        }
    }

    /// <summary>Makes it not have happened yet. Kernel: reinit_completion.</summary>
    public void Reset()
    {
        _queue.Touch(Touch.Write);
        using (Scheduler.Gate.Enter()) _done = 0;
    }

    /// <summary>Waits. Kernel: wait_for_completion_timeout.</summary>
    /// <param name="timeoutNs">Bound, ns.</param>
    /// <returns>True when it happened, false when the time ran out.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> WaitAsync(long timeoutNs = Scheduler.Forever) =>
        await _queue.WaitAsync(this, static completion => completion.TryTake(), timeoutNs,
            holds: static completion => completion._done != 0) == WaitResult.Ok;

    private bool TryTake()
    {
        if (_done == 0) return false;
        if (_done != All) _done--;
        return true;
    }
}
