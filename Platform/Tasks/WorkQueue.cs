using System;
using System.Threading.Tasks;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Where work is done by and by, each item by a worker of its own. Source: include/linux/workqueue.h, an unbound queue.</summary>
public sealed class WorkQueue(Scheduler scheduler, string name)
{
    /// <summary>Whose tasks the workers are.</summary>
    public Scheduler Scheduler { get; } = scheduler;

    /// <summary>What a person calls it.</summary>
    public string Name { get; } = name;

    internal NameSeries WorkerNames { get; } = new($"kworker/{name}:", "");

    /// <summary>Creates an item for this queue; it is not queued yet. Kernel: INIT_WORK.</summary>
    public Work CreateWork(string workName, Func<ValueTask> function) => new(this, workName, function);
}

/// <summary>One item of work. Never runs twice at the same time; queued while it runs, it runs once more.</summary>
public sealed class Work
{
    private readonly WorkQueue _queue;
    private readonly string _workerName;
    private readonly Func<ValueTask> _function;
    private readonly WaitQueue _progress; // woken after each run
    private bool _pending;
    private int _cancellerCount;
    private long _queuedCount; // times that it was queued
    private long _doneCount;   // how many of those a finished run, or a cancellation, has answered
    private KernelTask? _worker;

    internal Work(WorkQueue queue, string name, Func<ValueTask> function)
    {
        _queue = queue;
        _workerName = queue.WorkerNames[name];
        _function = function;
        _progress = new WaitQueue(queue.Scheduler, _workerName);
    }

    /// <summary>Whether it is queued or runs.</summary>
    public bool IsBusy
    {
        get
        {
            _progress.Touch(Touch.Read);
            using (_queue.Scheduler.Gate.Enter()) return _pending || _worker is not null;
        }
    }

    /// <summary>Queues the item. Kernel: queue_work.</summary>
    /// <returns>False when it was queued already and has not begun, or is being cancelled.</returns>
    public bool Queue()
    {
        using (_queue.Scheduler.Gate.Enter())
        {
            _progress.Touch(Touch.Write);
            if (_pending || _cancellerCount > 0) return false;
            _pending = true;
            _queuedCount++;
            _worker ??= _queue.Scheduler.Spawn(_workerName, WorkAsync, _queue.Scheduler.Host);
            _progress.Holder = _worker;
            return true;
        }
    }

    /// <summary>Waits until what was queued before has run; not for what is queued meanwhile. Kernel: flush_work.</summary>
    public async ValueTask FlushAsync()
    {
        long queuedCount;
        _progress.Touch(Touch.Read);
        using (_queue.Scheduler.Gate.Enter()) queuedCount = _queuedCount;
        _ = await _progress.WaitAsync((Work: this, queuedCount), static flush => flush.Work._doneCount >= flush.queuedCount,
            holds: static flush => flush.Work._doneCount >= flush.queuedCount, touch: Touch.Read); // no timeout
    }

    /// <summary>Takes it off the queue and waits for a run that has begun. Kernel: cancel_work_sync.</summary>
    /// <remarks>Until it returns the item cannot be queued: one that queues itself is got rid of, too.</remarks>
    public async ValueTask CancelSyncAsync()
    {
        using (_queue.Scheduler.Gate.Enter())
        {
            Invariant.Check(_worker is null || _worker != _queue.Scheduler.Current, "work does not wait for itself");
            _progress.Touch(Touch.Write);
            _pending = false;
            _cancellerCount++;
        }

        try
        {
            _ = await _progress.WaitAsync(this, static work => work._worker is null, // no timeout
                holds: static work => work._worker is null, touch: Touch.Read);
        }
        finally
        {
            using (_queue.Scheduler.Gate.Enter()) _cancellerCount--;
        }
    }

    private async ValueTask WorkAsync()
    {
        long queuedCount;
        do
        {
            await _queue.Scheduler.Point(_workerName);
            if (TryBegin(out queuedCount)) await _function();
        }
        while (!TryEnd(queuedCount));
    }

    private bool TryBegin(out long queuedCount)
    {
        using (_queue.Scheduler.Gate.Enter())
        {
            _progress.Touch(Touch.Write);
            queuedCount = _queuedCount;
            bool begins = _pending; // not when it was cancelled first
            _pending = false;
            return begins;
        }
    }

    private bool TryEnd(long queuedCount)
    {
        using (_queue.Scheduler.Gate.Enter())
        {
            _doneCount = _pending ? queuedCount : _queuedCount; // what was cancelled is answered, too
            _progress.WakeAll();
            if (_pending) return false;
            _progress.Holder = null;
            _worker = null;
            return true;
        }
    }
}
