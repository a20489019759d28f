using System;
using System.Diagnostics;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Runs one half of a case, again and again, on the thread that calls it.</summary>
internal abstract class HalfRunner(HalfContext context) : IDisposable
{
    private readonly RunResult _result = new();

    /// <summary>What the half was made from.</summary>
    protected HalfContext Context { get; } = context;

    /// <summary>The case.</summary>
    protected BenchCase Case => Context.Case;

    /// <summary>Takes part in one run.</summary>
    /// <returns>What it saw; overwritten by the next run.</returns>
    public RunResult Run(RunPlan plan)
    {
        try
        {
            _result.Latencies?.Clear();
            Begin(plan);
            long kicks = KickCount;
            if (Case.Place != BenchPlace.OneThread) Context.Gate.Meet(plan.Run, Context.IsHost);
            long cpuNs = HostThreads.CpuNs();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            _result.BeginTicks = Stopwatch.GetTimestamp();
            _result.Sleeps = Loop(plan, _result);
            _result.EndTicks = Stopwatch.GetTimestamp();
            _result.AllocatedBytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
            _result.CpuNs = HostThreads.CpuNs() - cpuNs;
            _result.Kicks = KickCount - kicks;
            return _result;
        }
        catch
        {
            Context.Gate.Fail();
            throw;
        }
    }

    /// <summary>Times that this half has rung the other.</summary>
    protected abstract long KickCount { get; }

    /// <summary>Before the run: nothing here is measured.</summary>
    protected abstract void Begin(RunPlan plan);

    /// <summary>The run.</summary>
    /// <returns>Times that it slept.</returns>
    protected abstract long Loop(RunPlan plan, RunResult result);

    /// <summary>How this half waits.</summary>
    protected Waiter NewWaiter() => Case.Wait == BenchWait.Poll
        ? new Waiter(Context.Gate, null, default)
        : new Waiter(Context.Gate, Context.OwnBell, new AdaptiveSpin(Context.SpinLooks, Context.SpinNs));

    /// <inheritdoc/>
    public virtual void Dispose() { }
}
