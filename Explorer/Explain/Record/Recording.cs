using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Record;

/// <summary>Everything that happened in one run, in order.</summary>
/// <param name="Events">The events.</param>
/// <param name="Tasks">The tasks by number; the first has number 1 and place 0.</param>
/// <param name="OpenedAt">The place of the first event of the explored part.</param>
/// <param name="ClosedAt">The place of the first event after the explored part; the number of events when there is none.</param>
/// <param name="Result">What the run came to.</param>
/// <param name="Picks">The run's schedule, without zeros at its end.</param>
/// <param name="TraceHash">Hash of the trace.</param>
public sealed record Recording(
    IReadOnlyList<RecordedEvent> Events, IReadOnlyList<RecordedTask> Tasks, int OpenedAt, int ClosedAt, RunResult Result,
    IReadOnlyList<int> Picks, ulong TraceHash)
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
            if (at.Task != 0 && at.TimeNs <= finding.TimeNs && at.IsTouch && TaskText(at.Task) == finding.Task) last = i;
        }

        if (last >= 0) return last;
        return Events.Count - 1;
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
    /// What a task was at, at a place: the name of the last step of its that has one and is no wait. Empty for a task that had none.
    /// </summary>
    public string StepNameAt(int place) => NamedStepAt(place) is >= 0 and int step ? Events[step].Name : "";

    /// <summary>The place of that step; -1 for none.</summary>
    private int NamedStepAt(int place)
    {
        int task = Events[place].Task;
        for (int i = place; i >= 0; i--)
        {
            RecordedEvent at = Events[i];
            if (at.Task == task && IsNamedStep(i) && !IsWaitStep(i)) return i;
        }

        return -1;
    }

    /// <summary>Whether a touch of something that is waited on is the wait: it takes, where another would give.</summary>
    public bool IsWait(int place)
    {
        RecordedEvent at = Events[place];
        if (at.Kind != RecordedKind.Write || at.A == 0 || place == 0) return false;
        RecordedEvent before = Events[place - 1];
        return before.Kind == RecordedKind.Step && before.Task == at.Task && (before.Name == at.Name || before.Name.Length == 0);
    }

    /// <summary>Whether a step has a name that says something: a worker that begins has its own, and so has a core that polls.</summary>
    public bool IsNamedStep(int place) =>
        Events[place] is { Kind: RecordedKind.Step, Name.Length: > 0 } at && at.Name != TaskText(at.Task);

    /// <summary>Whether a step is the beginning of a wait: the touch after it says more than its name.</summary>
    public bool IsWaitStep(int place)
    {
        if (Events[place].Kind != RecordedKind.Step || place + 1 >= Events.Count) return false;
        return Events[place + 1].Task == Events[place].Task && IsWait(place + 1);
    }

    /// <summary>
    /// Whether it says something that an event let another task go ahead: not when it is the run's own first task that has merely begun it.
    /// </summary>
    public bool IsTelling(int place) =>
        Task(Events[place].Task) is { Parent: not 0 } ||
        (NamedStepAt(place) is int step && step >= OpenedAt && KernelWords.IsFunction(Events[step].Name));

    /// <summary>
    /// What the write at a place does to memory: gives it out, publishes its address, or gives it back. The next thing that its task does
    /// says so.
    /// </summary>
    /// <returns>Null for a write that is none of that.</returns>
    public RecordedEvent? MemoryEventOf(int place)
    {
        if (Events[place].Kind != RecordedKind.Write) return null;
        for (int i = place + 1; i < Events.Count && Events[i].Task == Events[place].Task; i++)
        {
            if (KernelWords.IsOfMemory(Events[i])) return Events[i];
            if (Events[i].Kind != RecordedKind.Read) return null;
        }

        return null;
    }

    /// <summary>The finding of this run with an id; null when it has none.</summary>
    public Finding? Find(string id) => Result.Findings.FirstOrDefault(finding => finding.Id == id);
}
