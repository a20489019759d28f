using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Tests.Explain;

/// <summary>A few tasks on a scheduler of their own, made anew for each run.</summary>
/// <param name="body">The first task; it gets the run to report to.</param>
internal sealed class ToySubject(Func<ToyRun, ValueTask> body) : ISubject
{
    public int RunCount { get; private set; }

    public RunResult Run(Schedule schedule, ITraceSink? trace = null)
    {
        RunCount++;
        VirtualScheduler scheduler = new(schedule, trace);
        ToyRun run = new(scheduler, RunCount);
        string outcome = "ended";
        try
        {
            scheduler.Run(() => body(run));
        }
        catch (DeadlockException deadlock)
        {
            run.Find(OracleRule.Deadlock, "A and B", deadlock.Message);
            outcome = "deadlock";
        }

        schedule.Close();
        return new RunResult(run.Findings, outcome);
    }

    public void Dispose() { }
}

/// <summary>One run of a <see cref="ToySubject"/>.</summary>
internal sealed class ToyRun(VirtualScheduler scheduler, int number)
{
    public VirtualScheduler Scheduler { get; } = scheduler;

    /// <summary>The how manieth of its subject, from 1: what no run may depend on.</summary>
    public int Number { get; } = number;

    public List<Finding> Findings { get; } = [];

    public void Find(OracleRule rule, string key, string text, SharedState? state = null)
    {
        Finding finding = new(rule, key, text, Scheduler.Current?.Name ?? "", Scheduler.NowNs, state?.Name ?? "");
        if (Findings.Exists(other => other.Id == finding.Id)) return;
        Findings.Add(finding);
        Scheduler.Trace.Emit(TraceKind.Finding, finding.Id, 0, 0);
    }
}
