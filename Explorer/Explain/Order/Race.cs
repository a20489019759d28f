using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain.Order;

/// <summary>What kind of order is missing.</summary>
public enum RaceKind
{
    /// <summary>Two tasks touch one thing, one of them writes, and nothing orders the two.</summary>
    Unordered,
    /// <summary>One task uses a thing that nobody has made in this run.</summary>
    NeverWritten,
    /// <summary>Two tasks touch one thing, always in this order: it happens in every run that has both.</summary>
    Ordered,
    /// <summary>Something was taken and never given back.</summary>
    Unbalanced,
    /// <summary>Tasks wait for each other, or for what none of them can do any more.</summary>
    Deadlock,
}

/// <summary>One task's part in a race.</summary>
/// <param name="Place">The event in the record.</param>
/// <param name="Task">Its task.</param>
/// <param name="Function">What the task was at: a kernel function, or words; empty for a task without named steps.</param>
/// <param name="Verb"><c>reads</c>, <c>writes</c>, <c>publishes vdev0vring0 in</c>, <c>waits for</c>: what stands before the state.</param>
/// <param name="Locks">The mutexes that the task held.</param>
public sealed record RaceAccess(int Place, string Task, string Function, string Verb, IReadOnlyList<string> Locks);

/// <summary>Why a finding was possible: what met, and the order that nothing enforces.</summary>
/// <param name="Kind">What is missing.</param>
/// <param name="State">What both touch; of a deadlock, the first thing waited for.</param>
/// <param name="First">Who came first, and should not have; of a deadlock, each sleeper is in <paramref name="Others"/> too.</param>
/// <param name="Second">Who came second; null when nobody did.</param>
/// <param name="Others">The other links of a deadlock; empty otherwise.</param>
/// <param name="Enabler">The event that let the first one go ahead; -1 for none.</param>
/// <param name="Text">
/// The same in words: what happened, and the missing happens-before edge. Two sentences or three; of a deadlock a line for each link.
/// </param>
public sealed record Race(
    RaceKind Kind, string State, RaceAccess First, RaceAccess? Second, IReadOnlyList<RaceAccess> Others, int Enabler, string Text);
