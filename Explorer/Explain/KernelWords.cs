using System;
using System.Collections.Generic;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain;

/// <summary>How a kernel developer would write what the record says.</summary>
internal static class KernelWords
{
    /// <summary>A step's name: a function is written with parentheses, words stay words.</summary>
    public static string Step(string name) => IsFunction(name) ? name + "()" : name;

    /// <summary>Whether a step's name is a function's: one word, with an underscore.</summary>
    public static bool IsFunction(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (char c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        }

        return name.Contains('_', StringComparison.Ordinal) && !char.IsAsciiDigit(name[0]);
    }

    /// <summary>A piece of state as a reader thinks of it: memory is called by what it is for.</summary>
    public static string Thing(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        const string Memory = " memory";
        return state.EndsWith(Memory, StringComparison.Ordinal) ? state[..^Memory.Length] : state;
    }

    /// <summary>Whether a text has a name in it, as a word of its own: <c>remoteproc</c> is not in <c>remoteproc0</c>.</summary>
    public static bool Mentions(string text, string name)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentException.ThrowIfNullOrEmpty(name);
        for (int at = text.IndexOf(name, StringComparison.Ordinal); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            int end = at + name.Length;
            if ((at == 0 || !IsOfWord(text[at - 1])) && (end == text.Length || !IsOfWord(text[end]))) return true;
        }

        return false;
    }

    private static bool IsOfWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    /// <summary>What a rule stands for.</summary>
    public static string Rule(OracleRule rule) => rule switch
    {
        OracleRule.Messages => "a message is lost, doubled, altered or out of order",
        OracleRule.Memory => "memory is used before it is published, or after it was freed",
        OracleRule.BufferOwnership => "a buffer has two owners, or none",
        OracleRule.Removability => "a module cannot be removed, or a processor not switched off, though nobody uses it",
        OracleRule.Lifetime => "something outlives its parent",
        OracleRule.Leak => "something is left after the last unload",
        OracleRule.Deadlock => "tasks sleep for ever",
        OracleRule.PeerTrust => "a value from another processor is used unchecked",
        _ => rule.ToString(),
    };

    /// <summary>What a finding is, in a line: its key, or of a deadlock who is in it.</summary>
    public static string Headline(Finding finding, Race? race)
    {
        ArgumentNullException.ThrowIfNull(finding);
        if (race is not { Kind: RaceKind.Deadlock }) return finding.Key;
        List<string> tasks = [];
        foreach (RaceAccess link in race.Others)
        {
            if (!tasks.Contains(link.Task)) tasks.Add(link.Task);
        }

        return tasks.Count == 1 ? $"{tasks[0]} sleeps for ever" : $"deadlock of {List(tasks)}";
    }

    /// <summary>What a task does at a wait, or when it ends somebody's: <c>mutex_lock(remoteproc0 lock)</c>.</summary>
    public static string Touch(Recording run, int place)
    {
        ArgumentNullException.ThrowIfNull(run);
        RecordedEvent at = run.Events[place];
        if (at.A == 0) return run.MemoryEventOf(place) is { } memory ? Memory(memory) : $"{Verb(run, place)} {Thing(at.Name)}";
        bool waits = run.IsWait(place);
        return (WaitQueueKind)(at.A - 1) switch
        {
            WaitQueueKind.Mutex => $"{(waits ? "mutex_lock" : "mutex_unlock")}({at.Name})",
            WaitQueueKind.Completion when at.Kind == RecordedKind.Read => $"completion_done({at.Name})",
            WaitQueueKind.Completion => $"{(waits ? "wait_for_completion" : "complete")}({at.Name})",
            WaitQueueKind.Doorbell => waits ? $"wait_for_kick({at.Name})" : $"kick({at.Name})",
            _ => waits ? $"wait_event({at.Name})" : at.Kind == RecordedKind.Read ? $"looks at {at.Name}" : $"wake_up({at.Name})",
        };
    }

    /// <summary>
    /// What a touch of plain data is, as words before its name: <c>reads</c>, <c>writes</c>, <c>frees</c>, <c>publishes vdev0vring0 in</c>.
    /// </summary>
    public static string Verb(Recording run, int place)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Events[place].Kind != RecordedKind.Write) return "reads";
        return run.MemoryEventOf(place) switch
        {
            { Trace: TraceKind.Published, A: > 0 } published => $"publishes {published.Name} in",
            { Trace: TraceKind.MemoryFreed } => "frees",
            _ => "writes",
        };
    }

    /// <summary>Whether an event of the trace counts users or references.</summary>
    public static bool IsOfCount(RecordedEvent at) => at.Trace is TraceKind.Power or TraceKind.References;

    /// <summary>What happens to a count.</summary>
    public static string Count(RecordedEvent at) => at.Trace == TraceKind.Power
        ? $"{at.Name} power {(at.B != 0 ? "up" : "down")} to {at.A}"
        : $"{(at.B != 0 ? "try_module_get" : "module_put")}({at.Name}): {at.A}";

    /// <summary>Whether an event of the trace is about a piece of memory: given out, published, given back.</summary>
    public static bool IsOfMemory(RecordedEvent at) =>
        at.Trace is TraceKind.MemoryAllocated or TraceKind.MemoryFreed or TraceKind.Published;

    /// <summary>What happens to a piece of memory.</summary>
    public static string Memory(RecordedEvent at) => at.Trace switch
    {
        TraceKind.MemoryAllocated => $"allocates {at.Name}",
        TraceKind.MemoryFreed => $"frees {at.Name}",
        TraceKind.Published when at.A == 0 => $"takes back {at.Name} da",
        TraceKind.Published => $"publishes {at.Name} da",
        _ => at.Name,
    };

    /// <summary>The function that sleeps on something of a kind.</summary>
    public static string Sleep(string name, ulong kind) => kind == 0 ? Step(name) : (WaitQueueKind)(kind - 1) switch
    {
        WaitQueueKind.Mutex => $"mutex_lock({name})",
        WaitQueueKind.Completion => $"wait_for_completion({name})",
        WaitQueueKind.Doorbell => $"wait_for_kick({name})",
        _ => $"wait_event({name})",
    };

    /// <summary><c>A</c>, <c>A and B</c>, <c>A, B and C</c>.</summary>
    public static string List(IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        if (names.Count <= 1) return names.Count == 0 ? "" : names[0];
        List<string> first = [.. names];
        first.RemoveAt(first.Count - 1);
        return $"{string.Join(", ", first)} and {names[^1]}";
    }
}
