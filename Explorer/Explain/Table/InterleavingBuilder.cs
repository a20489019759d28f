using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Table;

/// <summary>Chooses the lines of a run that tell how its finding came about, and lays them out in columns.</summary>
/// <remarks>
/// Lines get marks for what they tell: the accesses that met and the finding itself, what let the first one go ahead, locks that were
/// held, places where a task was made to give way, other touches of the same thing, the last steps. The best ones are shown in their
/// order; "..." stands for what is left out of a task that is shown.
/// </remarks>
internal sealed class InterleavingBuilder
{
    private const int HostColumnsMax = 2;

    private readonly Recording _run;
    private readonly CausalOrder _order;
    private readonly Finding _finding;
    private readonly Race? _race;
    private readonly int _findingPlace;
    private readonly int _end;
    private readonly bool _isAtEnd; // no task has made the finding: it was made when all was over
    private readonly Dictionary<int, int> _marks = [];

    private InterleavingBuilder(Recording run, CausalOrder order, Finding finding, Race? race)
    {
        (_run, _order, _finding, _race) = (run, order, finding, race);
        _findingPlace = run.PlaceOf(finding);
        _isAtEnd = finding.Task.Length == 0 && run.Events.Count > 0 && run.Events[_findingPlace].Trace != TraceKind.Finding;
        _end = Math.Max(_findingPlace, Math.Max(race?.First.Place ?? 0, race?.Second?.Place ?? 0));
        foreach (RaceAccess link in race?.Others ?? []) _end = Math.Max(_end, link.Place);
    }

    /// <summary>Makes the table.</summary>
    /// <param name="run">The run; a minimal one makes the best table.</param>
    /// <param name="order">Its order.</param>
    /// <param name="finding">The finding that it is to tell.</param>
    /// <param name="race">What met; null when nothing did.</param>
    /// <param name="rowCountMax">Lines, those for what is left out not counted; at least 4.</param>
    public static Interleaving Build(Recording run, CausalOrder order, Finding finding, Race? race, int rowCountMax = 10)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(finding);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowCountMax, 4);
        InterleavingBuilder builder = new(run, order, finding, race);
        builder.MarkRace();
        builder.MarkTrace();
        builder.MarkChoices();
        builder.MarkSteps();
        return builder.LayOut(builder.Choose(rowCountMax));
    }

    private bool IsStep(int place) => _run.IsNamedStep(place);

    private void Mark(int place, int value)
    {
        if (place >= 0 && (!_marks.TryGetValue(place, out int old) || old < value)) _marks[place] = value;
    }

    /// <summary>Marks an event, and the named step that it is part of.</summary>
    private void MarkWithStep(int place, int value)
    {
        Mark(place, value);
        Mark(NamedStepOf(place), value - 1);
    }

    private int NamedStepOf(int place)
    {
        int task = _run.Events[place].Task;
        while (place >= 0 && !(_run.Events[place].Task == task && IsStep(place))) place--;
        return place;
    }

    private void MarkRace()
    {
        if (_race?.Kind != RaceKind.Deadlock && !_isAtEnd) Mark(_findingPlace, 200); // there the sleepers are the finding
        if (_race is null)
        {
            if (!_isAtEnd) Mark(NamedStepOf(_findingPlace), 150);
            return;
        }

        MarkWithStep(_race.First.Place, 190);
        if (_race.Second is { } second) MarkWithStep(second.Place, 190);
        if (_race.Enabler >= 0 && _run.IsTelling(_race.Enabler)) Mark(NamedStepOf(_race.Enabler), 140);
        foreach (RaceAccess link in _race.Others) MarkWithStep(link.Place, 180);
        RaceAccess?[] ends = [_race.First, _race.Second, .. _race.Others];
        foreach (RaceAccess access in ends.OfType<RaceAccess>())
        {
            foreach (LockSpan span in _order.LocksAt(access.Place))
            {
                bool matters = _race.Kind == RaceKind.Deadlock ||
                    (_race.First.Locks.Contains(span.Name) && (_race.Second?.Locks.Contains(span.Name) ?? false));
                if (matters) MarkWithStep(span.TakenAt, 160);
            }
        }

        int left = 1;
        for (int i = Math.Min(_end, _run.Events.Count - 1); i >= _run.OpenedAt && left > 0; i--)
        {
            if (!_run.Events[i].IsTouch || _run.Events[i].Name != _race.State || _run.Events[i].A != 0) continue;
            MarkWithStep(i, 110 + left--);
        }
    }

    /// <summary>Where what the finding names was given out and given back: memory, references, users.</summary>
    private void MarkTrace()
    {
        string about = _finding.Key + " " + _finding.Text;
        string squeezed = about.Replace(" ", "", StringComparison.Ordinal);
        for (int i = _run.OpenedAt; i <= _end && i < _run.Events.Count; i++)
        {
            RecordedEvent at = _run.Events[i];
            if (at.Name.Length == 0) continue;
            if (!KernelWords.Mentions(about, at.Name) && !squeezed.Contains(at.Name, StringComparison.Ordinal)) continue;
            if (KernelWords.IsOfCount(at) && _race?.State == at.Name) MarkWithStep(i, 120);
            else if (at.Trace == TraceKind.MemoryFreed && !IsOfMarkedWrite(i)) MarkWithStep(i, 170);
            else if (at.Trace == TraceKind.MemoryAllocated && !IsOfMarkedWrite(i)) MarkWithStep(i, 70);
        }
    }

    /// <summary>Whether the write that an event of memory belongs to is a line already.</summary>
    private bool IsOfMarkedWrite(int place)
    {
        for (int i = place - 1; i >= 0 && _run.Events[i].IsTouch; i--)
        {
            if (_marks.ContainsKey(i) && _run.MemoryEventOf(i) == _run.Events[place]) return true;
        }

        return false;
    }

    /// <summary>
    /// Where a task that could go on was made to give way: what it did last, and what was done instead. And what is unusual and happened.
    /// </summary>
    private void MarkChoices()
    {
        for (int i = _run.OpenedAt; i <= _end && i < _run.Events.Count; i++)
        {
            RecordedEvent at = _run.Events[i];
            if (at.Kind == RecordedKind.Choice) Mark(i, 135);
            if (!at.IsPreemption) continue;
            int before = i - 1;
            while (before >= 0 && !(_run.Events[before].Task == (int)at.B && IsStep(before))) before--;
            Mark(before, 130);
            int after = i;
            while (after <= _end && !(_run.Events[after].Task == at.Task && IsStep(after))) after++;
            if (after <= _end) Mark(after, 129);
        }
    }

    private void MarkSteps()
    {
        HashSet<int> involved = Involved();
        HashSet<int> begun = [];
        for (int i = _run.OpenedAt; i <= _end && i < _run.Events.Count; i++)
        {
            RecordedEvent at = _run.Events[i];
            if (!involved.Contains(at.Task)) continue;
            if (IsStep(i) && !_run.IsWaitStep(i)) Mark(i, (begun.Add(at.Task) ? 90 : 50) - Math.Min(40, (_end - i) / 8));
        }
    }

    private HashSet<int> Involved()
    {
        HashSet<int> involved = [.. _marks.Keys.Select(place => _run.Events[place].Task)];
        _ = involved.Remove(0); // there or not: no task has that number
        return involved;
    }

    private List<int> Choose(int rowCountMax)
    {
        List<int> shown = [.. _marks.Keys.Where(place => _run.Events[place].Task != 0 || place == _findingPlace)
            .Where(place => !(_run.IsWaitStep(place)))
            .OrderByDescending(place => _marks[place]).ThenByDescending(static place => place)];
        List<int> chosen = [];
        foreach (int place in shown)
        {
            if (chosen.Count < rowCountMax && !chosen.Exists(other => SaysTheSame(other, place))) chosen.Add(place);
        }

        return [.. chosen.Order()];
    }

    /// <summary>Two equal touches, or two names of one function, with nothing of another task's between: one line is enough.</summary>
    private bool SaysTheSame(int a, int b)
    {
        RecordedEvent at = _run.Events[a];
        if (at.Task != _run.Events[b].Task || at.Kind != _run.Events[b].Kind || at.Name != _run.Events[b].Name) return false;
        if (at.Kind == RecordedKind.Trace) return false;
        for (int i = Math.Min(a, b) + 1; i < Math.Max(a, b); i++)
        {
            if (_run.Events[i].Task != at.Task || (IsStep(i) && _run.Events[i].Name != at.Name)) return false;
        }

        return true;
    }

    private Interleaving LayOut(List<int> places)
    {
        Dictionary<int, int> columns = Columns(places, out List<string> headings);
        string[] tasks = new string[headings.Count];
        bool[] isShared = new bool[headings.Count];
        for (int column = 0; column < tasks.Length; column++)
        {
            string[] names = [.. columns.Where(pair => pair.Value == column).Select(pair => _run.TaskText(pair.Key))];
            isShared[column] = names.Length > 1;
            tasks[column] = names.Length == 1 ? names[0] : "";
        }

        List<InterleavingRow> rows = [];
        int[] lastTask = new int[headings.Count];
        Dictionary<int, int> lastPlace = [];
        HashSet<int> inFunction = [];
        foreach (int place in places)
        {
            int task = OwnerOf(place);
            int column = columns.GetValueOrDefault(task);
            if (isShared[column] && lastTask[column] != task)
                rows.Add(new InterleavingRow(column, 0, _run.TaskText(task) + ":", -1, false));
            lastTask[column] = task;
            if (IsGap(task, lastPlace.GetValueOrDefault(task, -1), place)) rows.Add(new InterleavingRow(column, 1, "...", -1, false));
            lastPlace[task] = place;
            if (IsStep(place)) _ = inFunction.Add(task); // may be in another already
            rows.Add(Row(place, column, inFunction.Contains(task) ? 1 : 0));
        }

        if (_isAtEnd && _race?.Kind != RaceKind.Deadlock) rows.Add(new InterleavingRow(0, 0, $"BUG: {_finding.Key}", -1, true));
        return new Interleaving(headings, tasks, rows);
    }

    /// <summary>Whether named steps of a task lie between two of its lines.</summary>
    private bool IsGap(int task, int from, int to)
    {
        if (from < 0) return false;
        for (int i = from + 1; i < to; i++)
        {
            if (_run.Events[i].Task == task && IsStep(i) && !_run.IsWaitStep(i)) return true;
        }

        return false;
    }

    private int OwnerOf(int place)
    {
        int task = _run.Events[place].Task;
        return task != 0 ? task : _race?.First is { } first ? _run.Events[first.Place].Task : 0;
    }

    private InterleavingRow Row(int place, int column, int depth)
    {
        RecordedEvent at = _run.Events[place];
        bool isFatal = place == _findingPlace || place == _race?.First.Place || place == _race?.Second?.Place ||
            (_race?.Others.Any(link => link.Place == place) ?? false);
        if (at.Trace == TraceKind.Finding || (place == _findingPlace && !at.IsTouch && !IsStep(place) && at.Kind != RecordedKind.Sleep))
            return new InterleavingRow(column, depth, $"BUG: {_finding.Key}", place, true);
        return at.Kind switch
        {
            RecordedKind.Step => new InterleavingRow(column, 0, KernelWords.Step(at.Name), place, isFatal),
            RecordedKind.Choice => new InterleavingRow(column, depth, $"event: {at.A} of 1..{at.B - 1}", place, isFatal),
            RecordedKind.Sleep => new InterleavingRow(column, depth, $"{KernelWords.Sleep(at.Name, at.A)} sleeps", place, isFatal),
            RecordedKind.Trace when KernelWords.IsOfCount(at) => new InterleavingRow(column, depth, KernelWords.Count(at), place, isFatal),
            RecordedKind.Trace => new InterleavingRow(column, depth, KernelWords.Memory(at), place, isFatal),
            _ => new InterleavingRow(column, depth, KernelWords.Touch(_run, place), place, isFatal),
        };
    }

    /// <summary>
    /// Host tasks go to a column each, or, when they are more, to as few as keep apart those that are under way at the same time; remote
    /// ones to one of theirs.
    /// </summary>
    private Dictionary<int, int> Columns(List<int> places, out List<string> headings)
    {
        List<int> tasks = [.. places.Select(OwnerOf).Where(static task => task != 0).Distinct()];
        List<int> host = [.. tasks.Where(task => _run.Task(task)!.IsHost)];
        Dictionary<int, int> columns = [];
        List<int>[] onColumn = [.. Enumerable.Range(0, HostColumnsMax).Select(static _ => new List<int>())];
        foreach (int task in host)
        {
            int column = Array.FindIndex(onColumn, others => host.Count <= HostColumnsMax ? others.Count == 0
                : others.TrueForAll(other => !Overlap(places, other, task)));
            if (column < 0) column = onColumn[0].Count <= onColumn[1].Count ? 0 : 1;
            onColumn[column].Add(task);
            columns[task] = column;
        }

        int hostCount = Math.Max(1, onColumn.Count(static column => column.Count > 0));
        headings = [.. Enumerable.Range(0, hostCount).Select(static i => $"CPU{i}")];
        string[] remotes = [.. tasks.Where(task => !_run.Task(task)!.IsHost).Select(task => _run.Task(task)!.Cpu).Distinct()];
        foreach (int task in tasks)
        {
            if (!_run.Task(task)!.IsHost) columns[task] = hostCount + Array.IndexOf(remotes, _run.Task(task)!.Cpu);
        }

        headings.AddRange(remotes.Length == 1 ? ["remote"] : remotes);
        return columns;
    }

    private bool Overlap(List<int> places, int a, int b)
    {
        int firstA = places.FindIndex(place => OwnerOf(place) == a);
        int lastA = places.FindLastIndex(place => OwnerOf(place) == a);
        int firstB = places.FindIndex(place => OwnerOf(place) == b);
        int lastB = places.FindLastIndex(place => OwnerOf(place) == b);
        return firstA < lastB && firstB < lastA;
    }
}
