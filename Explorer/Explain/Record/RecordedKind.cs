namespace RemoteprocEmu.Explorer.Explain.Record;

/// <summary>What kind of thing a run's record says.</summary>
public enum RecordedKind : byte
{
    /// <summary>A step begins: Name is what the task does, in the kernel's words; empty when it goes on after a sleep, or is new.</summary>
    Step,
    /// <summary>The running step reads Name.</summary>
    Read,
    /// <summary>The running step writes Name.</summary>
    Write,
    /// <summary>The running step has created task A, named Name.</summary>
    Spawn,
    /// <summary>The running step has ended the sleep of task A; Name is what that slept on.</summary>
    Wake,
    /// <summary>The task sleeps; Name is what it waits for.</summary>
    Sleep,
    /// <summary>Nothing could move, so time did; no task.</summary>
    TimePassed,
    /// <summary>Something optional happens: answer A of a question with B answers.</summary>
    Choice,
    /// <summary>An event of the trace: see <see cref="RecordedEvent.Trace"/>.</summary>
    Trace,
}
