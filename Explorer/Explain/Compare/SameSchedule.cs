using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Compare;

/// <summary>Carries a bad schedule over to another subject and says what is in its way there.</summary>
internal sealed class SameSchedule
{
    private readonly Race? _race;
    private readonly Recording _bad;
    private readonly Finding _finding;
    private readonly string _era;
    private readonly Recording _run;
    private readonly CausalOrder _order;
    private readonly Obstacle? _obstacle;

    private SameSchedule(Recording bad, Finding finding, Race? race, string era, Recording run, Obstacle? obstacle)
    {
        (_bad, _finding, _race, _era, _run, _obstacle) = (bad, finding, race, era, run, obstacle);
        _order = new CausalOrder(run);
    }

    /// <summary>Runs the other subject in the recorded order, as far as that can be had.</summary>
    /// <param name="bad">The run that has the finding.</param>
    /// <param name="finding">The finding.</param>
    /// <param name="race">What met in it; null when nothing did.</param>
    /// <param name="subject">The other subject.</param>
    /// <param name="era">How a report names it: <c>era C</c>.</param>
    public static Comparison Compare(Recording bad, Finding finding, Race? race, ISubject subject, string era)
    {
        ArgumentNullException.ThrowIfNull(bad);
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentNullException.ThrowIfNull(subject);
        int end = Math.Max(bad.PlaceOf(finding), Math.Max(race?.First.Place ?? 0, race?.Second?.Place ?? 0));
        Recording own = Recorder.Run(subject, new GuidedRecording(bad, -1, null, []));
        RaceAccess?[] accesses = [race?.First, race?.Second, .. race?.Others ?? []];
        HashSet<int> involved = [.. accesses.OfType<RaceAccess>().Select(access => bad.Events[access.Place].Task)];
        GuidedRecording guided = new(bad, end, own, involved);
        Recording run = Recorder.Run(subject, guided);
        return new SameSchedule(bad, finding, race, era, run, guided.FirstObstacle).Judge();
    }

    private Comparison Judge()
    {
        if (_run.Find(_finding.Id) is not null)
            return Say(ComparisonVerdict.SameFinding, $"In {_era} the same order has the same finding.");
        string? made = _race switch
        {
            null or { Kind: RaceKind.Deadlock } => null,
            { Kind: RaceKind.Unbalanced } race => WordsOfCount(race),
            { } race => WordsOfPair(race),
        };
        string why = made ?? (_obstacle is { } obstacle ? Blocked(obstacle) : $"In {_era} every step can be taken in the same order.");
        if (_run.Result.Findings.Count > 0)
            return Say(ComparisonVerdict.OtherFinding, $"{why} But there another rule is broken: {_run.Result.Findings[0].Id}.");
        if (_obstacle is not null) return Say(ComparisonVerdict.Blocked, why);
        return Say(ComparisonVerdict.Harmless, made ?? $"{why[..^1]}, and no rule is broken.");
    }

    private Comparison Say(ComparisonVerdict verdict, string text) => new(_era, verdict, text, _obstacle, _run);

    private string Blocked(Obstacle obstacle)
    {
        string step = obstacle.Step.Length == 0 ? "cannot go on in its turn" : $"cannot come to {obstacle.Step} in its turn";
        return $"In {_era} {obstacle.Task} {step}: it {obstacle.Why}.";
    }

    /// <summary>How the two accesses that met stand to each other here.</summary>
    private string? WordsOfPair(Race race)
    {
        if (_bad.MemoryEventOf(race.First.Place) is { Trace: TraceKind.MemoryFreed } freed) return WordsOfFree(race, freed);
        RaceAccess victim = race.First.Verb == "reads" || race.Second is null ? race.First : race.Second;
        int use = FirstTouch(race.State, victim);
        List<int> writes = [.. Enumerable.Range(0, _run.Events.Count)
            .Where(place => _run.Events[place].Kind == RecordedKind.Write && _run.Events[place].Name == race.State)];
        string thing = KernelWords.Thing(race.State);
        if (writes.Count == 0) return use < 0 ? $"In {_era} nobody touches {thing}." : $"In {_era} nobody writes {thing} any more.";
        if (use < 0) return $"In {_era} {victim.Task} does not touch {thing}.";
        if (race.First == victim)
        {
            List<int> before = writes.FindAll(place => _order.IsBefore(place, use));
            string? published = race.Second is { } second ? _bad.MemoryEventOf(second.Place)?.Name : null;
            int it = before.FindLastIndex(place => published is null || _run.MemoryEventOf(place)?.Name == published);
            return it < 0 ? null : Ordered(race.State, before[it], use);
        }

        int cut = writes.FindIndex(place => _run.TaskText(_run.Events[place].Task) == race.First.Task);
        return cut >= 0 && _order.IsBefore(use, writes[cut])
            ? $"In {_era} {Who(writes[cut])} writes {KernelWords.Thing(race.State)} only after {Who(use)} {Verb(use)} it." : null;
    }

    /// <summary>Whether what was never given back is taken here.</summary>
    private string? WordsOfCount(Race race)
    {
        foreach (RecordedEvent at in _run.Events)
        {
            if (KernelWords.IsOfCount(at) && at.B != 0 && at.Name == race.State && _run.TaskText(at.Task) == race.First.Task) return null;
        }

        return $"In {_era} {race.First.Task} {(race.First.Verb == "holds" ? "takes no reference on" : "is no user of")} {race.State}.";
    }

    /// <summary>Who frees the memory here, and whether that is after its use.</summary>
    private string? WordsOfFree(Race race, RecordedEvent freed)
    {
        int free = -1;
        for (int i = _run.OpenedAt; i < Math.Min(_run.ClosedAt, _run.Events.Count) && free < 0; i++)
        {
            RecordedEvent at = _run.Events[i];
            if (at.Trace == TraceKind.MemoryFreed && at.Name == freed.Name) free = i;
        }

        if (free < 0) return $"In {_era} {race.First.Task} does not free {freed.Name}.";
        int use = race.Second is { } second ? FirstTouch(race.State, second) : -1;
        bool isSafe = use >= 0 && _order.IsBefore(use, free);
        return isSafe ? $"In {_era} {Who(free)} frees {freed.Name} only after {Who(use)} {Verb(use)} it." : null;
    }

    private int FirstTouch(string state, RaceAccess access)
    {
        for (int i = 0; i < _run.Events.Count; i++)
        {
            RecordedEvent at = _run.Events[i];
            bool isSame = at.IsTouch && at.Name == state && _run.TaskText(at.Task) == access.Task;
            if (isSame && (access.Verb != "reads") == (at.Kind == RecordedKind.Write)) return i;
        }

        return -1;
    }

    private string Ordered(string state, int write, int read)
    {
        string function = KernelWords.Step(_run.StepNameAt(write));
        string writer = KernelWords.IsFunction(_run.StepNameAt(write)) ? function : _run.TaskText(_run.Events[write].Task);
        return $"In {_era} {writer} {KernelWords.Verb(_run, write)} {state} before {Edge(write, read)}.";
    }

    /// <summary>What the reader needs, as words after "before": it is after the write in program order, or a chain leads there.</summary>
    private string Edge(int from, int to)
    {
        int enabler = _order.EnablerOf(to);
        string task = _run.TaskText(_run.Events[to].Task);
        if (enabler < 0 || (enabler != from && !_order.IsBefore(from, enabler))) return $"{task} {Verb(to)} it";
        string step = _run.StepNameAt(enabler);
        string how = _run.Events[enabler].Kind == RecordedKind.Spawn ? "starts" : "wakes";
        string who = KernelWords.IsFunction(step) ? KernelWords.Step(step) : _run.TaskText(_run.Events[enabler].Task);
        return $"{who} {how} {task}";
    }

    private string Who(int place)
    {
        string task = _run.TaskText(_run.Events[place].Task);
        string step = _run.StepNameAt(place);
        return KernelWords.IsFunction(step) ? $"{task} in {KernelWords.Step(step)}" : task;
    }

    private string Verb(int place) => _run.Events[place].Kind == RecordedKind.Write ? "writes" : "reads";
}
