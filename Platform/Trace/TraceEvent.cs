namespace RemoteprocEmu.Platform.Trace;

/// <summary>What kind of thing happened.</summary>
public enum TraceKind : ushort
{
    /// <summary>A task was created; A is its number.</summary>
    TaskSpawned = 1,
    /// <summary>A task was given the processor; A is its number.</summary>
    TaskRuns,
    /// <summary>A task gave way at a scheduling point; A is its number, B the choice.</summary>
    Preempted,
    /// <summary>A task ended; A is its number, B is 1 when it failed.</summary>
    TaskEnded,
    /// <summary>A line of the kernel log; Name is its text.</summary>
    Log,
    /// <summary>A doorbell rang; A is the line.</summary>
    Doorbell,
    /// <summary>Memory was given out; A is the address, B the size in bytes.</summary>
    MemoryAllocated,
    /// <summary>Memory was given back; A is the address, B the size in bytes.</summary>
    MemoryFreed,
    /// <summary>A named step of a sequence was taken; A is 0, or the errno it failed with.</summary>
    Step,
    /// <summary>A state changed; A is the old, B the new one.</summary>
    State,
    /// <summary>A message passed; A is source (high half) and destination, B its length.</summary>
    Message,
    /// <summary>A rule was broken, just now, by this task; Name is the finding's id.</summary>
    Finding,
    /// <summary>The address of memory was written where another processor finds it; A is the address, 0 when it was taken back.</summary>
    Published,
    /// <summary>The users of a processor changed; A is how many there are, B is 1 when one came, else 0.</summary>
    Power,
    /// <summary>The references on a module changed; A is how many there are, B is 1 when one was taken, else 0.</summary>
    References,
}

/// <summary>One event of a run. A plain value: emitting one allocates nothing.</summary>
/// <param name="TimeNs">When, in the scheduler's time, ns.</param>
/// <param name="TaskId">The task that did it; 0 outside of tasks.</param>
/// <param name="Kind">What.</param>
/// <param name="Name">To what; a name that exists anyway, not text made for the occasion.</param>
/// <param name="A">First number; see <see cref="TraceKind"/>.</param>
/// <param name="B">Second number.</param>
public readonly record struct TraceEvent(long TimeNs, int TaskId, TraceKind Kind, string Name, ulong A, ulong B);

/// <summary>Where events go.</summary>
public interface ITraceSink
{
    /// <summary>Takes one event. On the threaded scheduler, called by several threads at once.</summary>
    void Emit(in TraceEvent traceEvent);
}
