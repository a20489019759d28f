using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Trace;

#pragma warning disable RS0030 // this is the one file that turns tasks and time into the machine's threads and clock

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Real threads, one a processor, and real time.</summary>
/// <remarks>The host processor is the thread that calls <see cref="Run"/>; each other processor is a background thread.</remarks>
public sealed class ThreadedScheduler : Scheduler, IDisposable
{
    [ThreadStatic] private static KernelTask? s_current;

    private readonly Dictionary<Cpu, Runner> _runners = [];
    private readonly long _startTimestamp = Stopwatch.GetTimestamp();
    private Exception? _failure;
    private KernelTask? _main;
    private bool _disposed;

    /// <summary>Creates a scheduler; its clock begins at 0.</summary>
    /// <param name="trace">Sees every event, from several threads at once; null for none.</param>
    public ThreadedScheduler(ITraceSink? trace = null) : base(trace) { }

    /// <inheritdoc/>
    public override long NowNs => (long)Stopwatch.GetElapsedTime(_startTimestamp).TotalNanoseconds;

    /// <inheritdoc/>
    public override KernelTask? Current => s_current is { } task && task.Ended.Scheduler == this ? task : null;

    /// <inheritdoc/>
    public override SchedulerAwaitable Point(string step) => new(this, RequireCurrent(), isCompleted: true);

    /// <inheritdoc/>
    public override void Run(Func<ValueTask> main)
    {
        Invariant.Check(_main is null, "a threaded run is not entered twice");
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            lock (Gate) _main = Spawn("main", main, Host);
            RunCpu(Host, until: _main);
            if (_failure is { } failure) throw new InvalidOperationException(failure.Message, failure);
        }
        finally
        {
            _main = null;
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Ends the threads of the remote processors. Tasks that still sleep are left where they are.</summary>
    public void Dispose()
    {
        lock (Gate) _disposed = true;
        foreach (Runner runner in _runners.Values)
        {
            runner.Bell.Set();
            if (runner.Thread is { } thread && thread != Thread.CurrentThread) thread.Join();
            runner.Bell.Dispose();
        }
    }

    private protected override void MakeReady(KernelTask task)
    {
        task.State = KernelTaskState.Ready;
        task.Cpu.Ready.Add(task);
        _runners[task.Cpu].Bell.Set();
    }

    private protected override void AddTimer(KernelTask task, long deadlineNs)
    {
        _runners[task.Cpu].Timers.Enqueue((task, task.SleepNumber), deadlineNs);
        if (Current?.Cpu != task.Cpu) _runners[task.Cpu].Bell.Set();
    }

    private protected override void AttachCpu(Cpu cpu)
    {
        Runner runner = new();
        lock (Gate) _runners.Add(cpu, runner);
        if (cpu.Index == 0) return; // the host runs on the caller's thread
        runner.Thread = new Thread(() => RunCpu(cpu, until: null)) { IsBackground = true, Name = cpu.Name };
        runner.Thread.Start();
    }

    private protected override void OnTaskEnded(KernelTask task)
    {
        _failure ??= task.Failure;
        if (task == _main || task.Failure is not null) _runners[Host].Bell.Set();
    }

    private void RunCpu(Cpu cpu, KernelTask? until)
    {
        Runner runner = _runners[cpu];
        while (true)
        {
            KernelTask? next = null;
            Action? continuation = null;
            long waitNs;
            lock (Gate)
            {
                if (_disposed || (until is not null && (until.State == KernelTaskState.Done || _failure is not null))) return;
                waitNs = ExpireTimers(runner);
                if (cpu.Ready.Count > 0)
                {
                    next = cpu.Ready[0];
                    cpu.Ready.RemoveAt(0);
                    next.State = KernelTaskState.Running;
                    continuation = next.Continuation;
                    next.Continuation = null;
                }
                else
                {
                    runner.Bell.Reset();
                }
            }

            if (continuation is null)
            {
                _ = runner.Bell.Wait(waitNs == Forever ? Timeout.Infinite : (int)Math.Min(int.MaxValue, (waitNs + 999_999) / 1_000_000));
                continue;
            }

            s_current = next;
            continuation();
            s_current = null;
        }
    }

    /// <summary>Under the gate: wakes what is due.</summary>
    /// <returns>Time until the next deadline, ns.</returns>
    private long ExpireTimers(Runner runner)
    {
        while (runner.Timers.TryPeek(out (KernelTask Task, uint SleepNumber) timer, out long deadlineNs))
        {
            bool stale = timer.Task.SleepNumber != timer.SleepNumber || timer.Task.State == KernelTaskState.Done;
            long leftNs = deadlineNs - NowNs;
            if (!stale && leftNs > 0) return leftNs;
            _ = runner.Timers.Dequeue();
            if (!stale) Wake(timer.Task);
        }

        return Forever;
    }

    private sealed class Runner
    {
        public ManualResetEventSlim Bell { get; } = new(false, spinCount: 200);

        public PriorityQueue<(KernelTask Task, uint SleepNumber), long> Timers { get; } = new();

        public Thread? Thread { get; set; }
    }
}
