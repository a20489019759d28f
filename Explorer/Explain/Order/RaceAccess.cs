using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Explain.Order;

/// <summary>One task's part in a race.</summary>
/// <param name="Place">The event in the record.</param>
/// <param name="Task">Its task.</param>
/// <param name="Function">What the task was at: a kernel function, or words; empty for a task without named steps.</param>
/// <param name="Verb"><c>reads</c>, <c>writes</c>, <c>publishes vdev0vring0 in</c>, <c>waits for</c>: what stands before the state.</param>
/// <param name="Locks">The mutexes that the task held.</param>
public sealed record RaceAccess(int Place, string Task, string Function, string Verb, IReadOnlyList<string> Locks);
