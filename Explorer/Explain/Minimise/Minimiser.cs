using System;
using System.Collections.Generic;
using System.Linq;

namespace RemoteprocEmu.Explorer.Explain.Minimise;

/// <summary>
/// Cuts a schedule down to what its finding needs: fewest preemptions, then fewest optional events, then fewest task switches that are
/// not the next in line, then fewest switches.
/// </summary>
/// <remarks>
/// Delta debugging over the schedule's deviations from "go on as before": groups of them are left out, large ones first, for as long as
/// the finding stays. Then each preemption is tried as a switch at a place where somebody sleeps anyway: the next, or the last before
/// it. Same input, same output; never worse than the input. Source: A. Zeller, R. Hildebrandt, Simplifying and isolating
/// failure-inducing input, 2002.
/// </remarks>
internal sealed class Minimiser
{
    private readonly ISubject _subject;
    private readonly string _findingId;
    private readonly int _runCountMax;
    private readonly DeviationSchedule _schedule = new();
    private Attempt _best;
    private int _runCount;

    private Minimiser(ISubject subject, string findingId, int runCountMax)
    {
        (_subject, _findingId, _runCountMax) = (subject, findingId, runCountMax);
        _best = Attempt.None;
    }

    private bool IsOver => _runCount >= _runCountMax;

    /// <summary>Minimises.</summary>
    /// <param name="subject">What runs.</param>
    /// <param name="picks">A schedule that has the finding.</param>
    /// <param name="findingId">See <see cref="Finding.Id"/>.</param>
    /// <param name="runCountMax">Bound on the runs; at least 1.</param>
    /// <returns>Null when the schedule does not have the finding.</returns>
    public static MinimalSchedule? Minimise(ISubject subject, IReadOnlyList<int> picks, string findingId,
        int runCountMax = 1_000)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(picks);
        ArgumentOutOfRangeException.ThrowIfLessThan(runCountMax, 1);
        Minimiser minimiser = new(subject, findingId, runCountMax);
        minimiser._schedule.FollowPicks(picks);
        if (!minimiser.TryRun()) return null;
        minimiser.Reduce();
        Attempt best = minimiser._best;
        return new MinimalSchedule(best.Picks, best.Finding!, best.Cost.Preemptions, best.Cost.Events, best.Cost.Switches,
            minimiser._runCount, !minimiser.IsOver);
    }

    private void Reduce()
    {
        Cost before;
        do
        {
            before = _best.Cost;
            LeaveOut(static deviation => true);
            LeaveOut(static deviation => deviation.IsPreemption);
            LeaveOut(static deviation => deviation.IsEvent);
            SlideToSleeps();
            LowerValues();
        }
        while (_best.Cost.CompareTo(before) < 0 && !IsOver);
    }

    /// <summary>Delta debugging over the deviations of one kind: those of the others stay.</summary>
    private void LeaveOut(Func<Deviation, bool> isOfKind)
    {
        int groupCount = 1;
        while (!IsOver)
        {
            Deviation[] kind = [.. _best.Deviations.Where(isOfKind)];
            if (kind.Length == 0) return;
            groupCount = Math.Min(groupCount, kind.Length);
            if (TryGroups(kind, groupCount))
            {
                groupCount = Math.Max(groupCount - 1, 1);
                continue;
            }

            if (groupCount == kind.Length) return;
            groupCount *= 2;
        }
    }

    private bool TryGroups(Deviation[] kind, int groupCount)
    {
        for (int group = groupCount - 1; group >= 0 && !IsOver; group--) // the last first: what comes after the finding goes at once
        {
            int from = (int)((long)kind.Length * group / groupCount);
            int to = (int)((long)kind.Length * (group + 1) / groupCount);
            HashSet<Deviation> left = [.. kind[from..to]];
            if (Try(_best.Deviations.Where(deviation => !left.Contains(deviation)))) return true;
        }

        return false;
    }

    /// <summary>Tries to have each preemption where its task sleeps or ends anyway, or to give that task no turn before.</summary>
    private void SlideToSleeps()
    {
        for (int i = 0; i < _best.Deviations.Count && !IsOver; i++)
        {
            Deviation deviation = _best.Deviations[i];
            if (!deviation.IsPreemption) continue;
            Deviation[] others = [.. _best.Deviations.Where((_, index) => index != i)];
            if (!Try(others)) TrySlides(deviation, others); // the run that just ended tells where the task sleeps without it
        }
    }

    private void TrySlides(Deviation deviation, Deviation[] others)
    {
        List<Deviation> slides = [];
        if (_schedule.NextIdle(deviation.Question) is { } next) slides.Add(new Deviation(next, deviation.Answer));
        if (_schedule.LastIdle(deviation.Question) is { } last)
        {
            slides.Add(new Deviation(last, deviation.Answer));
            foreach (ulong ready in _schedule.ReadyAt(last)) slides.Add(new Deviation(last, ready));
        }

        foreach (Deviation slide in slides)
        {
            if (Try([.. others.Where(other => other.Question != slide.Question), slide])) return;
        }
    }

    /// <summary>Tries a smaller answer for each event: what is asked for first is the least unusual.</summary>
    private void LowerValues()
    {
        for (int i = 0; i < _best.Deviations.Count; i++)
        {
            Deviation deviation = _best.Deviations[i];
            if (!deviation.IsEvent) continue;
            for (ulong value = 1; value < deviation.Answer && !IsOver; value++)
            {
                if (Try(_best.Deviations.Select((other, index) => index == i ? other with { Answer = value } : other))) break;
            }
        }
    }

    private bool Try(IEnumerable<Deviation> deviations)
    {
        if (IsOver) return false;
        _schedule.Follow([.. deviations]);
        return TryRun();
    }

    /// <summary>Runs, and keeps the schedule when it has the finding and is better than the best so far.</summary>
    private bool TryRun()
    {
        _runCount++;
        _schedule.Begin();
        RunResult result = _subject.Run(_schedule);
        Finding? finding = result.Findings.FirstOrDefault(found => found.Id == _findingId);
        if (finding is null) return false;
        Attempt attempt = Attempt.Of(_schedule, finding);
        if (_best.Finding is not null && attempt.Cost.CompareTo(_best.Cost) >= 0) return false;
        _best = attempt;
        return true;
    }

    private readonly record struct Cost(int Preemptions, int Events, int Others, ulong Values, int Switches, int Length) : IComparable<Cost>
    {
        public int CompareTo(Cost other) => (Preemptions, Events, Others, Values, Switches, Length)
            .CompareTo((other.Preemptions, other.Events, other.Others, other.Values, other.Switches, other.Length));
    }

    private sealed record Attempt(IReadOnlyList<Deviation> Deviations, IReadOnlyList<int> Picks, Finding? Finding, Cost Cost)
    {
        public static readonly Attempt None = new([], [], null, default);

        public static Attempt Of(DeviationSchedule schedule, Finding finding)
        {
            List<int> picks = [.. schedule.Picks];
            while (picks.Count > 0 && picks[^1] == 0) picks.RemoveAt(picks.Count - 1);
            Deviation[] taken = [.. schedule.Taken];
            int preemptions = taken.Count(static deviation => deviation.IsPreemption);
            int events = taken.Count(static deviation => deviation.IsEvent);
            ulong values = 0;
            foreach (Deviation deviation in taken)
            {
                if (deviation.IsEvent) values += deviation.Answer;
            }

            return new Attempt(taken, picks, finding,
                new Cost(preemptions, events, taken.Length - preemptions - events, values, schedule.SwitchCount, picks.Count));
        }
    }
}
