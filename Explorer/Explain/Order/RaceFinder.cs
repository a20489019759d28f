using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Order;

/// <summary>Finds the two accesses that a finding is about, and says which order nothing enforces.</summary>
internal sealed class RaceFinder
{
    private readonly Recording _run;
    private readonly CausalOrder _order;
    private readonly Finding _finding;
    private readonly int _place;

    private RaceFinder(Recording run, CausalOrder order, Finding finding)
    {
        (_run, _order, _finding) = (run, order, finding);
        _place = run.PlaceOf(finding);
    }

    /// <summary>Finds the race behind a finding.</summary>
    /// <returns>Null when there is none: the finding needs no particular order.</returns>
    public static Race? Find(Recording run, CausalOrder order, Finding finding)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(finding);
        RaceFinder finder = new(run, order, finding);
        return finding.Rule switch
        {
            OracleRule.Deadlock => finder.FindDeadlock(),
            OracleRule.Removability or OracleRule.Leak => finder.FindUnbalanced() ?? finder.FindPair(),
            _ => finder.FindPair(),
        };
    }

    /// <summary>A reference that was taken, or a user that came, and is there still when the finding is made.</summary>
    private Race? FindUnbalanced()
    {
        Dictionary<(TraceKind Kind, string Name), Stack<int>> open = [];
        for (int i = 0; i <= _place && i < _run.Events.Count; i++)
        {
            RecordedEvent at = _run.Events[i];
            if (!KernelWords.IsOfCount(at) || !KernelWords.Mentions(_finding.Key, at.Name)) continue;
            if (!open.TryGetValue((at.Trace, at.Name), out Stack<int>? taken)) open.Add((at.Trace, at.Name), taken = new Stack<int>());
            if (at.B != 0) taken.Push(i);
            else _ = taken.TryPop(out _); // what was taken before the record began
        }

        foreach (((TraceKind kind, string name), Stack<int> taken) in open)
        {
            if (taken.Count == 0) continue;
            string verb = kind == TraceKind.Power ? "is a user of" : "holds";
            RaceAccess[] left = [.. taken.Reverse().Select(place => Access(place) with { Verb = verb })];
            string[] who = [.. left.Select(Subject).Distinct()];
            return new Race(RaceKind.Unbalanced, name, left[^1], null, left, -1,
                kind == TraceKind.Power ? $"{KernelWords.List(who)} became {Number(left.Length, "user")} of {name} and never left."
                    : $"{KernelWords.List(who)} took {Number(left.Length, "reference")} on {name} that nothing drops.");
        }

        return null;
    }

    private static string Number(int count, string what) => count == 1 ? $"a {what}" : $"{count} {what}s";

    private Race? FindPair()
    {
        foreach (string state in CandidateStates())
        {
            List<int> touches = [.. Places(at => at.IsTouch && at.Name == state && at.Task != 0)];
            int fatal = touches.FindLastIndex(place => place <= _place && _run.TaskText(_run.Events[place].Task) == _finding.Task);
            if (fatal < 0 && touches.Count > 0) fatal = Math.Max(0, touches.FindLastIndex(place => place <= _place));
            if (fatal < 0) continue;
            if (Partner(touches, touches[fatal]) is { } partner)
                return Unordered(state, Math.Min(touches[fatal], partner), Math.Max(touches[fatal], partner));
            int before = touches.FindLastIndex(
                place => place < touches[fatal] && _run.MemoryEventOf(place) is { Trace: TraceKind.MemoryFreed });
            if (before >= 0) return Ordered(state, touches[before], touches[fatal]);
            if (!touches.Exists(place => _run.Events[place].Kind == RecordedKind.Write)) return NeverWritten(state, touches[fatal]);
        }

        return null;
    }

    /// <summary>The state that the finding names; or, where it is about one thing, those that have words of it, best first.</summary>
    private IEnumerable<string> CandidateStates()
    {
        if (_finding.State.Length > 0) return [_finding.State];
        if (_finding.Rule is not (OracleRule.Memory or OracleRule.Messages or OracleRule.BufferOwnership)) return []; // not about one thing
        HashSet<string> words = [.. Words(_finding.Key), .. Words(_finding.Text)];
        return Places(static at => at.IsTouch && at.A == 0).Select(place => _run.Events[place].Name).Distinct()
            .Select(name => (Name: name, Score: Words(name).Count(words.Contains)))
            .Where(static scored => scored.Score > 0)
            .OrderByDescending(static scored => scored.Score)
            .Select(static scored => scored.Name);
    }

    /// <summary>
    /// The access of another task that conflicts and is not ordered: one that publishes what the finding names, or else the nearest.
    /// </summary>
    private int? Partner(List<int> touches, int fatal)
    {
        int? best = null;
        (bool IsOther, int Distance) bestRank = default;
        foreach (int place in touches)
        {
            RecordedEvent a = _run.Events[place];
            RecordedEvent b = _run.Events[fatal];
            if (a.Task == b.Task || (a.Kind == RecordedKind.Read && b.Kind == RecordedKind.Read)) continue;
            if (!_order.AreUnordered(place, fatal)) continue;
            bool isIt = _run.MemoryEventOf(place) is { Trace: not TraceKind.MemoryAllocated } memory &&
                Squeezed(_finding.Key + _finding.Text).Contains(Squeezed(memory.Name), StringComparison.Ordinal);
            (bool IsOther, int Distance) rank = (!isIt, Math.Abs(place - fatal));
            if (best is not null && rank.CompareTo(bestRank) >= 0) continue;
            (best, bestRank) = (place, rank);
        }

        return best;
    }

    private Race Unordered(string state, int first, int second)
    {
        RaceAccess a = Access(first);
        RaceAccess b = Access(second);
        string happened = $"{Subject(a)} {a.Verb} {KernelWords.Thing(state)}, and only then {Subject(b)} {b.Verb} it.";
        string missing = $"Nothing orders the second before the first: {Needs(first, a, b)}.{LockWords(a, b)}";
        return new Race(RaceKind.Unordered, state, a, b, [], _order.EnablerOf(first), $"{happened} {missing}");
    }

    private Race Ordered(string state, int first, int second)
    {
        RaceAccess a = Access(first);
        RaceAccess b = Access(second);
        return new Race(RaceKind.Ordered, state, a, b, [], -1,
            $"{Subject(a)} {a.Verb} {KernelWords.Thing(state)}, and {Subject(b)} {b.Verb} it afterwards. " +
            "That is no race: it is so whenever both do.");
    }

    private Race NeverWritten(string state, int place)
    {
        RaceAccess a = Access(place);
        return new Race(RaceKind.NeverWritten, state, a, null, [], _order.EnablerOf(place),
            $"{Subject(a)} {a.Verb} {KernelWords.Thing(state)}, which nobody writes in this run. " +
            $"Nothing makes it wait for that: {Needs(place, a, null)}.");
    }

    /// <summary>What the first one was waiting for, if anything: that is all it needs to go ahead.</summary>
    private string Needs(int place, RaceAccess first, RaceAccess? second)
    {
        int enabler = _order.EnablerOf(place);
        if (enabler < 0 || !_run.IsTelling(enabler))
            return second is null ? $"{first.Task} waits for nobody" : $"{first.Task} does not wait for {second.Task}";
        RecordedEvent by = _run.Events[enabler];
        string what = by.Kind == RecordedKind.Spawn ? "be created"
            : by.Name.Length > 0 && by.Kind == RecordedKind.Wake ? $"be woken from {by.Name}"
            : $"see {KernelWords.Touch(_run, enabler)}";
        string function = KernelWords.Step(_run.StepNameAt(enabler));
        string who = _run.TaskText(by.Task);
        string where = KernelWords.IsFunction(_run.StepNameAt(enabler)) ? $"by {who} in {function}" : $"by {who}";
        string free = second is null || who == second.Task ? "" : $", which does not wait for {second.Task}";
        return $"{first.Task} needs only to {what} {where}{free}";
    }

    private string LockWords(RaceAccess first, RaceAccess second)
    {
        if (!IsHost(first) || !IsHost(second)) return ""; // a remote core has no lock in reach
        string[] common = [.. first.Locks.Intersect(second.Locks)];
        if (common.Length > 0)
            return $" Both hold {KernelWords.List(common)}, which keeps them apart and does not order them: either may have it first.";
        if (second.Locks.Count > 0) return $" {second.Task} holds {KernelWords.List(second.Locks)}, which {first.Task} does not take.";
        return first.Locks.Count > 0 ? $" {first.Task} holds {KernelWords.List(first.Locks)}, which {second.Task} does not take." : "";
    }

    private bool IsHost(RaceAccess access) => _run.Task(_run.Events[access.Place].Task)!.IsHost;

    private Race? FindDeadlock()
    {
        List<int> sleeps = LastSleeps();
        if (sleeps.Count == 0) return null;
        List<RaceAccess> links = [];
        List<string> sentences = [];
        foreach (int place in sleeps)
        {
            RecordedEvent at = _run.Events[place];
            IReadOnlyList<LockSpan> held = _order.LocksAt(place);
            string[] locks = [.. held.Select(static span => span.Name)];
            RaceAccess link = new(place, _run.TaskText(at.Task), _run.StepNameAt(place), "waits for", locks);
            links.Add(link);
            string holds = held.Count == 0 ? "" : $", holding {KernelWords.List([.. held.Select(TakenIn)])}";
            string relation = at.A == (ulong)WaitQueueKind.Mutex + 1 ? "has" : "is to end";
            string holder = HolderOf(place) is not 0 and int by ? $", which {_run.TaskText(by)} {relation}" : "";
            sentences.Add($"{link.Task} sleeps in {KernelWords.Sleep(at.Name, at.A)}{holder}{holds}.");
        }

        sentences.Add(Verdict(sleeps));
        return new Race(RaceKind.Deadlock, _run.Events[sleeps[0]].Name, links[0], links.Count > 1 ? links[1] : null, links, -1,
            string.Join('\n', sentences));
    }

    /// <summary>Who sleeps at the end of the explored part and is no daemon: those that wait for each other, if any do.</summary>
    private List<int> LastSleeps()
    {
        Dictionary<int, int> asleep = [];
        for (int i = 0; i < Math.Min(_run.ClosedAt, _run.Events.Count); i++)
        {
            RecordedEvent at = _run.Events[i];
            if (at.Kind == RecordedKind.Sleep) asleep[at.Task] = i;
            else if (at.Kind == RecordedKind.Wake) _ = asleep.Remove((int)at.A); // absent when its sleep was not written down
        }

        List<int> stuck = [.. asleep.Where(pair => !_run.Task(pair.Key)!.IsDaemon).Select(static pair => pair.Value).Order()];
        List<int> ring = RingOf(stuck);
        if (ring.Count > 0) return [.. ring.Order()];
        List<int> bound = [.. stuck.Where(place => _order.LocksAt(place).Count > 0 || HolderOf(place) != 0)];
        return bound.Count > 0 ? bound : stuck;
    }

    private string Verdict(List<int> sleeps)
    {
        List<string> waitedFor = [.. sleeps.Where(place => HolderOf(place) == 0)
            .Select(place => KernelWords.Sleep(_run.Events[place].Name, _run.Events[place].A)).Distinct()];
        if (waitedFor.Count == 0) return "Each waits for another of them, and nothing orders who comes first.";
        List<string> held = [.. sleeps.SelectMany(place => _order.LocksAt(place)).Select(static span => span.Name).Distinct()];
        return held.Count == 0 ? $"Nobody is left to end {KernelWords.List(waitedFor)}."
            : $"Whoever would end {KernelWords.List(waitedFor)} needs {KernelWords.List(held)} first, and nothing orders the two.";
    }

    /// <summary>Who can end a sleep: its lock's holder, or who is to complete it. 0 for nobody known.</summary>
    private int HolderOf(int place)
    {
        RecordedEvent at = _run.Events[place];
        if (at.B != 0) return (int)at.B;
        for (int task = 1; task <= _run.Tasks.Count; task++)
        {
            int last = LastPlaceOf(task);
            if (task == at.Task || last < 0) continue;
            foreach (LockSpan span in _order.LocksAt(last))
            {
                if (span.Name == at.Name) return task;
            }
        }

        return 0;
    }

    /// <summary>The sleepers that wait for each other in a ring; none when there is no ring.</summary>
    private List<int> RingOf(List<int> sleeps)
    {
        foreach (int start in sleeps)
        {
            List<int> ring = [];
            int place = start;
            while (place >= 0 && !ring.Contains(place))
            {
                ring.Add(place);
                int holder = HolderOf(place);
                int next = sleeps.FindIndex(other => _run.Events[other].Task == holder);
                place = next < 0 ? -1 : sleeps[next];
            }

            if (place == start) return ring;
        }

        return [];
    }

    private int LastPlaceOf(int task)
    {
        for (int i = Math.Min(_run.ClosedAt, _run.Events.Count) - 1; i >= 0; i--)
        {
            if (_run.Events[i].Task == task) return i;
        }

        return -1;
    }

    private string TakenIn(LockSpan span)
    {
        for (int i = span.TakenAt; i >= 0; i--)
        {
            RecordedEvent at = _run.Events[i];
            if (at.Task == span.Task && at.Kind == RecordedKind.Step && !_run.IsWaitStep(i) && KernelWords.IsFunction(at.Name))
                return $"{span.Name} since {KernelWords.Step(at.Name)}";
        }

        return span.Name;
    }

    private RaceAccess Access(int place)
    {
        RecordedEvent at = _run.Events[place];
        return new RaceAccess(place, _run.TaskText(at.Task), _run.StepNameAt(place), KernelWords.Verb(_run, place),
            [.. _order.LocksAt(place).Select(static span => span.Name)]);
    }

    private static string Subject(RaceAccess access) =>
        KernelWords.IsFunction(access.Function) ? $"{access.Task} in {KernelWords.Step(access.Function)}" : access.Task;

    private IEnumerable<int> Places(Func<RecordedEvent, bool> isWanted) =>
        Enumerable.Range(0, _run.Events.Count).Where(i => isWanted(_run.Events[i]));

    private static string Squeezed(string text) => text.Replace(" ", "", StringComparison.Ordinal);

    private static string[] Words(string text)
    {
        string[] words = new string([.. text.Select(static c => char.IsAsciiLetterOrDigit(c) ? c : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words;
    }
}
