using System;
using System.Linq;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Oracles;

/// <summary>No deadlock, and no lost wake-up.</summary>
internal sealed class DeadlockOracle(FindingList findings, Scheduler scheduler)
{
    private const string CycleIndent = "    "; // in the scheduler's report

    public void LostWakeUp(KernelTask task, WaitQueue queue) =>
        findings.Add(OracleRule.Deadlock, $"{task.Name} is not woken for {queue.Name}",
            $"{task} sleeps on {queue.Kind} \"{queue.Name}\" though what it waits for has happened: nobody has woken it", queue.Name);

    /// <summary>Nothing moves: who sleeps now, and is no daemon, sleeps for ever.</summary>
    public void AtQuiet()
    {
        foreach (KernelTask task in scheduler.LiveTasks)
        {
            if (!task.SleepsForGood || task == scheduler.Current) continue;
            string link = DeadlockException.Describe(task);
            findings.Add(OracleRule.Deadlock, WithoutNumbers(link), link + ": nobody is left to end that", task.WaitsOn?.Name ?? "");
        }
    }

    /// <summary>The scheduler's report has the cycles and the sleepers link by link; the key is the cycles, where there are any.</summary>
    public void OnDeadlock(DeadlockException deadlock)
    {
        string[] lines = [.. deadlock.Message.Split('\n').Skip(1)];
        string[] cycles = [.. lines.Where(static line => line.StartsWith(CycleIndent, StringComparison.Ordinal))];
        string[] links = [.. (cycles.Length > 0 ? cycles : lines).Select(static line => WithoutNumbers(line.Trim()))];
        links = [.. links.Where(static link => !link.EndsWith(DeadlockException.Unknown, StringComparison.Ordinal))];
        Array.Sort(links, StringComparer.Ordinal); // which task comes first differs from schedule to schedule
        if (links.Length == 0) links = ["nothing can move"];
        if (cycles.Length > 0) links = [string.Join("; ", links)];
        foreach (string link in links) findings.Add(OracleRule.Deadlock, link, deadlock.Message);
    }

    /// <summary>Takes the number out of each <c>name[7]</c>: it differs from schedule to schedule.</summary>
    internal static string WithoutNumbers(string text)
    {
        System.Text.StringBuilder result = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int end = text[i] == '[' ? text.IndexOf(']', i) : -1;
            if (end > i + 1 && text.AsSpan(i + 1, end - i - 1).IndexOfAnyExceptInRange('0', '9') < 0) i = end;
            else _ = result.Append(text[i]);
        }

        return result.ToString();
    }
}
