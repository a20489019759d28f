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

    /// <summary>Creates an item for this queue; it is not queued yet. Kernel: INIT_WORK.</summary>
    public Work CreateWork(string workName, Func<ValueTask> function) => new(this, workName, function);
}

/// <summary>One item of work. Never runs twice at the same time; queued while it runs, it runs once more.</summary>
public sealed class Work
{
    private readonly WorkQueue _queue;
    private readonly string _workerName;
    private readonly Func<ValueTask> _function;
    private readonly WaitQueue _idle;
    private bool _pending;
    private KernelTask? _worker;

    internal Work(WorkQueue queue, string name, Func<ValueTask> function)
    {
        _queue = queue;
        _workerName = $"kworker/{queue.Name}:{name}";
        _function = function;
        _idle = new WaitQueue(queue.Scheduler, _workerName);
    }

    /// <summary>Whether it is queued or runs.</summary>
    public bool IsBusy
    {
        get
        {
            lock (_queue.Scheduler.Gate) return _pending || _worker is not null;
        }
    }

    /// <summary>Queues the item. Kernel: queue_work.</summary>
    /// <returns>False when it was queued already and has not begun.</returns>
    public bool Queue()
    {
        lock (_queue.Scheduler.Gate)
        {
            if (_pending) return false;
            _pending = true;
            _worker ??= _queue.Scheduler.Spawn(_workerName, WorkAsync, _queue.Scheduler.Host);
            return true;
        }
    }

    /// <summary>Waits until it is neither queued nor running. Kernel: flush_work.</summary>
    public async ValueTask FlushAsync() => _ = await _idle.WaitAsync(this, static work => !work.IsBusy);

    /// <summary>Takes it off the queue and waits for a run that has begun. Kernel: cancel_work_sync.</summary>
    public async ValueTask CancelSyncAsync()
    {
        lock (_queue.Scheduler.Gate)
        {
            Invariant.Check(_worker is null || _worker != _queue.Scheduler.Current, "work does not wait for itself");
            _pending = false;
            _idle.Holder = _worker;
        }

        _ = await _idle.WaitAsync(this, static work => work._worker is null);
    }

    private async ValueTask WorkAsync()
    {
        while (true)
        {
            await _queue.Scheduler.Point(_workerName);
            lock (_queue.Scheduler.Gate)
            {
                if (!_pending)
                {
                    _worker = null;
                    _idle.Holder = null;
                    _idle.WakeAll();
                    return;
                }

                _pending = false;
            }

            await _function();
        }
    }
}
