using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Record;

/// <summary>Everything that happened in one run, in order.</summary>
/// <param name="Events">The events.</param>
/// <param name="Tasks">The tasks by number; the first has number 1 and place 0.</param>
/// <param name="ClosedAt">The place of the first event after the explored part; the number of events when there is none.</param>
/// <param name="Result">What the run came to.</param>
/// <param name="Picks">The run's schedule, without zeros at its end.</param>
/// <param name="TraceHash">Hash of the trace.</param>
public sealed record Recording(
    IReadOnlyList<RecordedEvent> Events, IReadOnlyList<RecordedTask> Tasks, int ClosedAt, RunResult Result, IReadOnlyList<int> Picks,
    ulong TraceHash)
{
    /// <summary>The task of a number; null for 0.</summary>
    public RecordedTask? Task(int id) => id >= 1 && id <= Tasks.Count ? Tasks[id - 1] : null;

    /// <summary>Name and number, as kernel people write a task; empty for none.</summary>
    public string TaskText(int id) => Task(id) is { } task ? task.Name : "";

    /// <summary>
    /// The place of the event at which a finding was made: the trace says it, or else the last touch of its task up to its time, or
    /// else the last event.
    /// </summary>
    public int PlaceOf(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        int last = -1;
        for (int i = 0; i < Events.Count; i++)
        {
            RecordedEvent at = Events[i];
            if (at.Trace == TraceKind.Finding && at.Name == finding.Id) return i;
            if (at.TimeNs <= finding.TimeNs && at.IsTouch && TaskText(at.Task) == finding.Task) last = i;
        }

        if (last >= 0) return last;
        return finding.Task.Length == 0 ? Math.Max(0, Math.Min(ClosedAt, Events.Count) - 1) : Events.Count - 1;
    }

    /// <summary>The place at which the step begins that has the event at <paramref name="place"/>.</summary>
    /// <returns>-1 for an event of no step.</returns>
    public int StepOf(int place)
    {
        int task = Events[place].Task;
        if (task == 0) return -1;
        for (int i = place; i >= 0; i--)
        {
            if (Events[i].Task == task && Events[i].Kind == RecordedKind.Step) return i;
        }

        return -1;
    }

    /// <summary>
    /// What a task was at, at a place: the name of the last step of its that has one. Empty for a task that had none.
    /// </summary>
    public string StepNameAt(int place)
    {
        int task = Events[place].Task;
        for (int i = place; i >= 0; i--)
        {
            if (Events[i].Task == task && Events[i].Kind == RecordedKind.Step && Events[i].Name.Length > 0) return Events[i].Name;
        }

        return "";
    }

    /// <summary>The finding of this run with an id; null when it has none.</summary>
    public Finding? Find(string id) => Result.Findings.FirstOrDefault(finding => finding.Id == id);
}
