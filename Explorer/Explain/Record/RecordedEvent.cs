using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain.Record;


/// <summary>One line of a run's record.</summary>
/// <param name="TimeNs">When, ns of virtual time.</param>
/// <param name="Task">The task's number; 0 for none.</param>
/// <param name="Kind">What.</param>
/// <param name="Name">Of what; see <see cref="RecordedKind"/>.</param>
/// <param name="Trace">The kind of a trace event; 0 for all else.</param>
/// <param name="A">
/// The trace event's first number; the other task of a spawn or a wake-up; the <see cref="Platform.Tasks.WaitQueueKind"/> + 1 of what a
/// task sleeps on, or of what is read or written, 0 for none.
/// </param>
/// <param name="B">
/// The trace event's second number. Of a step: the task that was made to give way for it. Of a sleep: the task that can end it, as far as
/// that is one. 0 for none.
/// </param>
public readonly record struct RecordedEvent(
    long TimeNs, int Task, RecordedKind Kind, string Name, TraceKind Trace = 0, ulong A = 0, ulong B = 0)
{
    /// <summary>Whether a step touches a piece of state here.</summary>
    public bool IsTouch => Kind is RecordedKind.Read or RecordedKind.Write;

    /// <summary>Whether a task of another's was made to give way.</summary>
    public bool IsPreemption => Kind == RecordedKind.Step && B != 0;
}
