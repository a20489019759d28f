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
    private const int PointsPerTurn = 64;
    private const int TurnsPerLook = 16;

    [ThreadStatic] private static KernelTask? s_current;

    private readonly Dictionary<Cpu, Runner> _runners = [];
    private readonly long _startTimestamp = Stopwatch.GetTimestamp();
    private Exception? _failure;
    private KernelTask? _main;
    private bool _disposed;

    /// <summary>Creates a scheduler; its clock begins at 0.</summary>
    /// <param name="trace">Sees every event, from several threads at once; null for none.</param>
    public ThreadedScheduler(ITraceSink? trace = null) : base(trace, hasThreads: true) { }

    /// <inheritdoc/>
    public override long NowNs => (long)Stopwatch.GetElapsedTime(_startTimestamp).TotalNanoseconds;

    /// <inheritdoc/>
    public override KernelTask? Current => s_current is { } task && task.Ended.Scheduler == this ? task : null;

    /// <summary>Adds a processor that waits in a way of its own.</summary>
    /// <param name="name">What a person calls it.</param>
    /// <param name="waiter">How it waits; called on its thread, but for the wake-ups. Not disposed.</param>
    public Cpu CreatePollingCpu(string name, ICpuWaiter waiter)
    {
        ArgumentNullException.ThrowIfNull(waiter);
        return CreateCpu(name, waiter);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The task gives way when another of its processor is ready, and every <see cref="PointsPerTurn"/> points in any case, so that timers
    /// are looked at: a task that always finds work keeps its processor, and not for itself alone.
    /// </remarks>
    public override SchedulerAwaitable Point(string step)
    {
        KernelTask current = RequireCurrent();
        Cpu cpu = current.Cpu;
        // The count is read without the gate: one that is out of date gives way a point too early or too late.
        bool goesOn = cpu.Ready.Count == 0 && ++cpu.PointCount % PointsPerTurn != 0;
        return new SchedulerAwaitable(this, current, isCompleted: goesOn);
    }

    /// <inheritdoc/>
    public override void Run(Func<ValueTask> main)
    {
        Invariant.Check(_main is null, "a threaded run is not entered twice");
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            Runner runner;
            KernelTask task;
            using (Gate.Enter())
            {
                task = _main = Spawn("main", main, Host);
                runner = _runners[Host];
            }

            RunCpu(Host, runner, until: task);
            if (_failure is { } failure) throw new InvalidOperationException(failure.Message, failure);
            ObjectDisposedException.ThrowIf(task.State != KernelTaskState.Done, this);
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
        Runner[] runners;
        using (Gate.Enter())
        {
            _disposed = true;
            runners = [.. _runners.Values];
        }

        foreach (Runner runner in runners)
        {
            runner.Wake();
            if (runner.Thread is { } thread && thread != Thread.CurrentThread) thread.Join();
            // The bell is left to the collector: a thread may still be on its way into it, and it holds nothing of the system's.
        }
    }

    private protected override void MakeReady(KernelTask task)
    {
        task.State = KernelTaskState.Ready;
        task.Cpu.Ready.Add(task);
        _runners[task.Cpu].Wake();
    }

    private protected override void AddTimer(KernelTask task, long deadlineNs)
    {
        _runners[task.Cpu].Timers.Add(task, deadlineNs);
        if (Current?.Cpu != task.Cpu) _runners[task.Cpu].Wake();
    }

    private protected override void AttachCpu(Cpu cpu)
    {
        Runner runner = new() { Waiter = cpu.Waiter };
        _runners.Add(cpu, runner);
        if (cpu.Index == 0) return; // the host runs on the caller's thread
        runner.Thread = new Thread(() => RunCpu(cpu, runner, until: null)) { IsBackground = true, Name = cpu.Name };
        runner.Thread.Start();
    }

    private protected override void OnTaskEnded(KernelTask task)
    {
        _failure ??= task.Failure;
        if (task == _main || task.Failure is not null) _runners[Host].Wake();
    }

    private void RunCpu(Cpu cpu, Runner runner, KernelTask? until)
    {
        while (true)
        {
            KernelTask? next = null;
            Action? continuation = null;
            long waitNs;
            using (Gate.Enter())
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
                runner.Wait(waitNs); // rung or due, the loop looks again
                continue;
            }

            // Who always works hears of the outside, too.
            if (runner.Waiter is not null && ++runner.Turns % TurnsPerLook == 0) runner.Wait(0);
            s_current = next;
            continuation();
            s_current = null;
        }
    }

    /// <summary>Under the gate: wakes what is due.</summary>
    /// <returns>Time until the next deadline, ns.</returns>
    private long ExpireTimers(Runner runner)
    {
        long nowNs = NowNs;
        while (true)
        {
            long nextNs = runner.Timers.NextNs();
            if (nextNs > nowNs) return nextNs == Forever ? Forever : nextNs - nowNs;
            Wake(runner.Timers.Take());
        }
    }

    private sealed class Runner
    {
        public ManualResetEventSlim Bell { get; } = new(false, spinCount: 200);

        public TimerQueue Timers { get; } = new();

        public ICpuWaiter? Waiter { get; init; }

        public Thread? Thread { get; set; }

        public uint Turns { get; set; }

        public void Wake()
        {
            if (Waiter is null) Bell.Set();
            else if (Thread.CurrentThread != Thread) Waiter.Wake(); // its own thread looks again before it waits
        }

        public void Wait(long timeoutNs)
        {
            if (Waiter is not null) Waiter.Wait(timeoutNs);
            else _ = Bell.Wait(timeoutNs == Forever ? Timeout.Infinite : (int)Math.Min(int.MaxValue, timeoutNs / 1_000_000 + 1));
        }
    }
}
