using System;
using System.Collections.Generic;
using System.Text;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>Nothing can move any more, and something should: each sleeper and what it sleeps on, a wait-for cycle link by link.</summary>
public sealed class DeadlockException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public DeadlockException() { }

    /// <summary>Creates one with a message.</summary>
    public DeadlockException(string message) : base(message) { }

    /// <summary>Creates one with a message and a cause.</summary>
    public DeadlockException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>Creates one that names the cycles, and then every other task that is no daemon.</summary>
    public DeadlockException(IEnumerable<KernelTask> tasks) : base(Describe(tasks)) { }

    /// <summary>What stands for the thing waited for where nobody knows it.</summary>
    public const string Unknown = "nothing known";

    /// <summary>One link: a task, what it waits for, and who could end that.</summary>
    public static string Describe(KernelTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        StringBuilder text = new();
        Append(text, task);
        return text.ToString();
    }

    private static string Describe(IEnumerable<KernelTask> tasks)
    {
        List<KernelTask> rest = [.. tasks];
        StringBuilder text = new("deadlock: nothing can move.");
        while (FindCycle(rest) is { } cycle)
        {
            _ = text.Append("\n  these wait for each other:");
            foreach (KernelTask task in cycle) Append(text.Append("\n    "), task);
            _ = rest.RemoveAll(cycle.Contains);
        }

        foreach (KernelTask task in rest)
        {
            if (!task.IsDaemon) Append(text.Append("\n  "), task);
        }

        return text.ToString();
    }

    /// <summary>Each task waits for what the next one holds, and the last for what the first holds; null when no tasks do.</summary>
    private static List<KernelTask>? FindCycle(List<KernelTask> tasks)
    {
        foreach (KernelTask start in tasks)
        {
            List<KernelTask> path = [];
            for (KernelTask? task = start; task is not null && !path.Contains(task); task = task.WaitsOn?.Holder) path.Add(task);
            if (path[^1].WaitsOn?.Holder == start) return path;
        }

        return null;
    }

    private static void Append(StringBuilder text, KernelTask task)
    {
        _ = text.Append(task).Append(" waits for ");
        if (task.WaitsOn is not { } queue)
        {
            _ = text.Append(Unknown);
            return;
        }

        _ = text.Append(queue.Kind).Append(" \"").Append(queue.Name).Append('"');
        if (queue.Holder is { } holder)
            _ = text.Append(queue.Kind == WaitQueueKind.Mutex ? ", held by " : ", expected from ").Append(holder);
    }
}
