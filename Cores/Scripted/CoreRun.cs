using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>One run of a core, from reset to reset: its tasks, and what ends them.</summary>
internal sealed class CoreRun(Scheduler scheduler, Cpu cpu)
{
    private readonly Lock _gate = new();
    private readonly List<KernelTask> _tasks = []; // under _gate
    private bool _isHalted;                        // under _gate

    /// <summary>Why the core stopped by itself; null while it has not.</summary>
    public CoreFault? Fault { get; private set; }

    /// <summary>Adds a task to the run. When that is over nothing happens: the processor is off, and who asks is about to notice.</summary>
    public void Spawn(string name, Func<ValueTask> body)
    {
        lock (_gate)
        {
            if (_isHalted) return;
            _tasks.Add(scheduler.Spawn(name, body, cpu, isDaemon: true));
        }
    }

    /// <summary>Takes the processor from every task.</summary>
    /// <param name="fault">Why, when the core itself is why; null when the host is.</param>
    /// <returns>False when that had happened already.</returns>
    public bool Halt(CoreFault? fault)
    {
        lock (_gate)
        {
            bool isFirst = !_isHalted;
            _isHalted = true;
            if (isFirst) Fault = fault;
            foreach (KernelTask task in _tasks) scheduler.Kill(task);
            return isFirst;
        }
    }

    /// <summary>Waits until every task has ended. Only after <see cref="Halt"/>: no task is added then.</summary>
    public async ValueTask WaitEndedAsync()
    {
        foreach (KernelTask task in _tasks) _ = await task.Ended.WaitAsync(); // no timeout, so always true
    }
}
