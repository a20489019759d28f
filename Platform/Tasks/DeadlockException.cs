using System;
using System.Collections.Generic;
using System.Text;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Nothing can move any more, and something should: each sleeper and what it sleeps on, link by link.</summary>
public sealed class DeadlockException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public DeadlockException() { }

    /// <summary>Creates one with a message.</summary>
    public DeadlockException(string message) : base(message) { }

    /// <summary>Creates one with a message and a cause.</summary>
    public DeadlockException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates one that names every task that is neither done nor a daemon.</summary>
    public DeadlockException(IEnumerable<KernelTask> tasks) : base(Describe(tasks)) { }

    private static string Describe(IEnumerable<KernelTask> tasks)
    {
        StringBuilder text = new("deadlock: nothing can move.");
        foreach (KernelTask task in tasks)
        {
            if (task.IsDaemon) continue;
            _ = text.Append("\n  ").Append(task).Append(" waits for ");
            if (task.WaitsOn is not { } queue)
            {
                _ = text.Append("nothing known");
                continue;
            }

            _ = text.Append(queue.Kind).Append(" \"").Append(queue.Name).Append('"');
            if (queue.Holder is { } holder) _ = text.Append(", held by ").Append(holder);
        }

        return text.ToString();
    }
}
