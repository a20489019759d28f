using System;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>One case, set up: both halves, ready for one run after the other.</summary>
/// <param name="benchCase">The case.</param>
/// <param name="copiesPerMessage">Times that a message's bytes are copied between where the sender has it and where it is verified.</param>
internal abstract class Lane(BenchCase benchCase, double copiesPerMessage) : IDisposable
{
    private long _runs;
    private ulong _nextMessage;

    /// <summary>The case.</summary>
    public BenchCase Case { get; } = benchCase;

    /// <summary>Times that a message's bytes are copied.</summary>
    public double CopiesPerMessage { get; } = copiesPerMessage;

    /// <summary>Runs it once.</summary>
    /// <param name="count">Messages.</param>
    /// <returns>What the host's and the remote's half saw; the same twice where one thread has both.</returns>
    public (RunResult Host, RunResult Remote) Run(long count)
    {
        RunPlan plan = new(++_runs, _nextMessage, count);
        _nextMessage += (ulong)count;
        return Run(plan);
    }

    /// <summary>Runs both halves, and returns when both are through.</summary>
    protected abstract (RunResult Host, RunResult Remote) Run(RunPlan plan);

    /// <inheritdoc/>
    public abstract void Dispose();
}
