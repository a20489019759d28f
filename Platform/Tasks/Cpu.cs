using System.Collections.Generic;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>A processor that tasks run on: the host's, or a remote core's.</summary>
/// <remarks>
/// On the <see cref="ThreadedScheduler"/> each is a thread of its own, so that tasks of one processor never run at the same
/// time, and tasks of two do. On the <see cref="VirtualScheduler"/> it is a label.
/// </remarks>
public sealed class Cpu
{
    internal Cpu(string name, int index)
    {
        Name = name;
        Index = index;
    }

    /// <summary>What a person calls it: <c>host</c>, <c>remoteproc0</c>.</summary>
    public string Name { get; }

    /// <summary>Number in order of creation; the host's is 0.</summary>
    public int Index { get; }

    /// <summary>How it waits; null for the scheduler's own way.</summary>
    internal ICpuWaiter? Waiter { get; init; }

    /// <summary>The tasks that could run, in the order in which they became so. Under the scheduler's gate.</summary>
    internal List<KernelTask> Ready { get; } = [];

    /// <summary>Scheduling points that its tasks have passed; for its own thread.</summary>
    internal uint PointCount { get; set; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
