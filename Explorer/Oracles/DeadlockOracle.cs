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
            string what = task.WaitsOn is { } queue ? $"{queue.Kind} {queue.Name}" : "nothing known";
            string holder = task.WaitsOn?.Holder is { } by ? $", held by {by}" : "";
            string text = $"{task} waits for {what}{holder}, and nobody is left to end that";
            findings.Add(OracleRule.Deadlock, $"{task.Name} waits for {what}", text, task.WaitsOn?.Name ?? "");
        }
    }

    /// <summary>The scheduler's report has the cycles and the sleepers link by link; the key is the cycles, where there are any.</summary>
    public void OnDeadlock(DeadlockException deadlock)
    {
        string[] lines = [.. deadlock.Message.Split('\n').Skip(1)];
        string[] cycles = [.. lines.Where(static line => line.StartsWith(CycleIndent, StringComparison.Ordinal))];
        string[] links = [.. (cycles.Length > 0 ? cycles : lines).Select(static line => WithoutNumbers(line.Trim()))];
        Array.Sort(links, StringComparer.Ordinal); // which task comes first differs from schedule to schedule
        findings.Add(OracleRule.Deadlock, links.Length == 0 ? "nothing can move" : string.Join("; ", links), deadlock.Message);
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
