using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using System.Text.Json;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>A run as data for the report's slider: what changed, event by event, in words.</summary>
internal static class RunTimeline
{
    private const int EventsMax = 4_000;

    /// <summary>One JSON object; safe inside a script element.</summary>
    public static string Write(Explanation explanation)
    {
        Recording run = explanation.Run;
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream)) // its encoder writes < and > and & as escapes
        {
            json.WriteStartObject();
            json.WriteStartArray("tasks");
            foreach (RecordedTask task in run.Tasks)
            {
                json.WriteStartObject();
                json.WriteString("name", task.Name);
                json.WriteString("cpu", task.Cpu);
                json.WriteBoolean("host", task.IsHost);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteEvents(json, explanation);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>What a change of state is called: by who changed it.</summary>
    internal static string StateWords(RecordedEvent at)
    {
        if (at.Name.StartsWith("remoteproc", StringComparison.Ordinal)) return ((RprocState)at.B).Word();
        if (!at.Name.Contains("virtio", StringComparison.Ordinal)) return (ScriptedCoreState)at.B switch
        {
            ScriptedCoreState.InReset => "in reset",
            ScriptedCoreState.RunningAlone => "runs alone",
            _ => "runs",
        };
        return at.B == 0 ? "status 0" : $"status {at.B}: {(VirtioStatus)at.B}";
    }

    private static void WriteEvents(Utf8JsonWriter json, Explanation explanation)
    {
        Recording run = explanation.Run;
        int finding = run.PlaceOf(explanation.Finding);
        int written = 0;
        int findingAt = 0;
        HashSet<int> fatal = [finding];
        if (explanation.Race is { } race)
        {
            _ = fatal.Add(race.First.Place);
            if (race.Second is { } second) _ = fatal.Add(second.Place);
        }

        json.WriteStartArray("events");
        for (int place = 0; place < run.Events.Count && written < EventsMax; place++)
        {
            RecordedEvent at = run.Events[place];
            if (!IsShown(run, place) && !fatal.Contains(place)) continue;
            if (place <= finding) findingAt = written;
            written++;
            json.WriteStartObject();
            json.WriteNumber("t", at.TimeNs);
            json.WriteNumber("k", at.Task);
            json.WriteString("c", Category(at));
            json.WriteString("n", at.Name);
            json.WriteString("w", Words(run, place));
            json.WriteNumber("a", at.A);
            json.WriteNumber("b", at.B);
            if (fatal.Contains(place)) json.WriteBoolean("x", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("finding", findingAt);
    }

    /// <summary>Touches are too many to be looked at one by one, and a step is named twice: as a step, and in the trace.</summary>
    private static bool IsShown(Recording run, int place)
    {
        RecordedEvent at = run.Events[place];
        return at.Kind switch
        {
            RecordedKind.Read or RecordedKind.Write => false,
            RecordedKind.Trace => at.Trace is not TraceKind.Step,
            RecordedKind.Step => !run.IsWaitStep(place) && !IsRepeated(run, place),
            _ => true,
        };
    }

    private static bool IsRepeated(Recording run, int place)
    {
        RecordedEvent at = run.Events[place];
        for (int i = place - 1; i >= 0 && run.Events[i].Task == at.Task; i--)
        {
            if (run.Events[i].Kind == RecordedKind.Step) return run.Events[i].Name == at.Name;
        }

        return false;
    }

    private static string Category(RecordedEvent at) => at.Kind != RecordedKind.Trace ? at.Kind.ToString() : at.Trace.ToString();

    private static string Words(Recording run, int place)
    {
        RecordedEvent at = run.Events[place];
        return at.Kind switch
        {
            RecordedKind.Step => at.Name.Length == 0 ? "goes on" : KernelWords.Step(at.Name),
            RecordedKind.Spawn => $"creates {at.Name}",
            RecordedKind.Wake => $"wakes {run.TaskText((int)at.A)}",
            RecordedKind.Sleep => KernelWords.Sleep(at.Name, at.A),
            RecordedKind.TimePassed => "time passes",
            RecordedKind.Choice => $"an optional event happens: {at.A} of 1..{at.B - 1}",
            RecordedKind.Read or RecordedKind.Write => KernelWords.Touch(run, place),
            _ => TraceWords(at),
        };
    }

    private static string TraceWords(RecordedEvent at) => at.Trace switch
    {
        TraceKind.State => StateWords(at),
        TraceKind.Doorbell => $"rings line {at.A} of {at.Name}",
        TraceKind.TaskEnded => "ends",
        TraceKind.Power => $"{at.Name} power {at.A}",
        TraceKind.References => $"module {at.Name} references {at.A}",
        TraceKind.Message => $"message of {at.B} bytes, 0x{at.A >> 32:x} to 0x{(uint)at.A:x}",
        TraceKind.MemoryAllocated or TraceKind.MemoryFreed or TraceKind.Published => KernelWords.Memory(at),
        _ => at.Name,
    };
}
