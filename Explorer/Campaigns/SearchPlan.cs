using System;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>How a subject is searched, in parts that share nothing: threads, or machines, take some each.</summary>
/// <remarks>A plan is a function of its subject and its numbers: two machines that make the same plan have the same parts.</remarks>
public abstract class SearchPlan
{
    /// <summary>In words: <c>exhaustive with reduction</c>, <c>PCT of depth 3</c>.</summary>
    public abstract string Words { get; }

    /// <summary>What its being complete leaves out, in words: <c>at most 2 preemptions</c>; empty for nothing.</summary>
    public virtual string Bound => "";

    /// <summary>Whether a complete search has seen every schedule within <see cref="Bound"/>.</summary>
    public virtual bool IsExhaustive => true;

    /// <summary>Parts there are; at least 1.</summary>
    public abstract int PartCount { get; }

    /// <summary>Runs one part.</summary>
    /// <param name="subject">The caller's own subject.</param>
    /// <param name="part">Which, from 0.</param>
    /// <param name="onRun">Called after each run; false breaks the part off. Gets the result so far.</param>
    /// <exception cref="InvariantException">The subject did something else under the same answers.</exception>
    public PartResult RunPart(ISubject subject, int part, Func<PartResult, bool> onRun)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(onRun);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)part, (uint)PartCount, nameof(part));
        PartResult result = new();
        RunPart(subject, part, result, onRun);
        return result;
    }

    /// <summary>Runs one part into <paramref name="result"/>.</summary>
    protected abstract void RunPart(ISubject subject, int part, PartResult result, Func<PartResult, bool> onRun);

    /// <summary>Runs once, counts it, and runs a new finding's schedule again: it must come to the same.</summary>
    /// <returns>False when the part is to be broken off.</returns>
    protected static bool RunOne(ISubject subject, Schedule schedule, PartResult result, Func<PartResult, bool> onRun)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(onRun);
        RunResult run = subject.Run(schedule);
        schedule.Close();
        if (schedule is SearchSchedule search)
        {
            CheckSame(search.DivergedAt);
            if (search.IsRedundant)
            {
                result.AddRedundant();
                return GoesOn(result, onRun);
            }
        }

        if (schedule is BoundedSchedule bounded) CheckSame(bounded.DivergedAt);
        int knownCount = result.Findings.Count;
        result.AddRun(run, schedule);
        if (result.Findings.Count > knownCount) RunAgain(subject, schedule, run);
        return GoesOn(result, onRun);
    }

    private static bool GoesOn(PartResult result, Func<PartResult, bool> onRun)
    {
        if (onRun(result)) return true;
        result.BreakOff();
        return false;
    }

    private static void CheckSame(int divergedAt)
    {
        if (divergedAt < 0) return;
        throw new InvariantException($"the subject is not a function of its schedule: question {divergedAt} was another one before");
    }

    private static void RunAgain(ISubject subject, Schedule schedule, RunResult run)
    {
        (RunResult Run, ulong Hash) first = Replay(subject, schedule);
        (RunResult Run, ulong Hash) second = Replay(subject, schedule);
        bool isSame = first.Hash == second.Hash && first.Run.Outcome == run.Outcome && first.Run.Findings.Count == run.Findings.Count;
        for (int i = 0; isSame && i < run.Findings.Count; i++) isSame = first.Run.Findings[i].Id == run.Findings[i].Id;
        if (isSame) return;
        throw new InvariantException($"the subject is not a function of its schedule: a run with "
            + $"\"{run.Findings[0].Id}\" came out otherwise "
            + $"when it was repeated (traces {first.Hash:x16}, {second.Hash:x16})");
    }

    private static (RunResult Run, ulong Hash) Replay(ISubject subject, Schedule schedule)
    {
        TraceHash hash = new();
        ReplaySchedule replay = new(schedule.Picks);
        replay.Begin();
        RunResult run = subject.Run(replay, hash);
        return (run, hash.Value);
    }
}
