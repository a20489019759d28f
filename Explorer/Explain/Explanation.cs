using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Compare;
using RemoteprocEmu.Explorer.Explain.Minimise;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Explorer.Explain.Replay;
using RemoteprocEmu.Explorer.Explain.Table;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Explorer.Explain;

/// <summary>Everything there is to say about a finding.</summary>
/// <param name="Scenario">The scenario's name.</param>
/// <param name="Title">What it is about; may be empty.</param>
/// <param name="Era">The era's name.</param>
/// <param name="Finding">The finding, as the minimal schedule has it.</param>
/// <param name="Minimal">The minimal schedule.</param>
/// <param name="Run">Its run.</param>
/// <param name="Race">What met; null when the finding needs no particular order.</param>
/// <param name="Table">The run in a few lines.</param>
/// <param name="Token">The run in one line.</param>
/// <param name="Comparison">What becomes of the schedule in another era; null when none was asked for.</param>
/// <param name="Counts">What the search has seen; null for a replay.</param>
public sealed record Explanation(
    string Scenario, string Title, string Era, Finding Finding, MinimalSchedule Minimal, Recording Run, Race? Race,
    Interleaving Table, ReplayToken Token, Comparison? Comparison, SearchCounts? Counts)
{
    /// <summary>Explains a finding.</summary>
    /// <param name="request">What, and of which run.</param>
    /// <returns>Null when the schedule does not have the finding.</returns>
    /// <exception cref="Platform.InvariantException">Two runs under one schedule differ.</exception>
    public static Explanation? Explain(ExplainRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        MinimalSchedule? minimal = Minimiser.Minimise(request.Subject, request.Picks, request.FindingId, request.RunCountMax);
        if (minimal is null) return null;
        Recording run = Recorder.Record(request.Subject, minimal.Picks);
        CausalOrder order = new(run);
        Race? race = RaceFinder.Find(run, order, minimal.Finding);
        Comparison? comparison = request.Elsewhere is null ? null
            : SameSchedule.Compare(run, minimal.Finding, race, request.Elsewhere, $"era {request.ElsewhereEra}");
        ReplayToken token = new(request.ProductVersion, request.Scenario, request.Era, request.Fingerprint, run.TraceHash, run.Picks);
        return new Explanation(request.Scenario, request.Title, request.Era, minimal.Finding, minimal, run, race,
            InterleavingBuilder.Build(run, order, minimal.Finding, race), token, comparison, request.Counts);
    }

    /// <summary>The kernel log up to the finding, oldest line first: <c>[    0.001500] remoteproc remoteproc0: powering up</c>.</summary>
    /// <param name="lineCountMax">How many lines, the last ones; <see cref="int.MaxValue"/> for all, those after the finding too.</param>
    public IReadOnlyList<string> LogLines(int lineCountMax)
    {
        int end = lineCountMax == int.MaxValue ? Run.Events.Count : Run.PlaceOf(Finding) + 1;
        string[] lines = [.. Run.Events.Take(end).Where(static at => at.Trace == TraceKind.Log).Select(LogLine)];
        return lines.Length <= lineCountMax ? lines : lines[^lineCountMax..];
    }

    /// <summary>What the schedule needs: <c>1 preemption and no optional event</c>.</summary>
    public string Needs()
    {
        string preemptions = Count(Minimal.PreemptionCount, "preemption");
        return Minimal.EventCount == 0 ? preemptions : $"{preemptions} and {Count(Minimal.EventCount, "optional event")}";
    }

    /// <summary>The preemptions up to the finding, each as <c>mcu runs before insmod comes to rproc_start_subdevices()</c>.</summary>
    public IReadOnlyList<string> Preemptions()
    {
        List<string> words = [];
        for (int i = 0; i <= Run.PlaceOf(Finding); i++)
        {
            RecordedEvent at = Run.Events[i];
            if (at.IsPreemption) words.Add($"{Run.TaskText(at.Task)} runs before {Run.TaskText((int)at.B)} {NextOf(i, (int)at.B)}");
        }

        return words;
    }

    private string NextOf(int place, int task)
    {
        for (int i = place; i < Run.Events.Count; i++)
        {
            if (Run.Events[i].Task != task) continue;
            RecordedEvent at = Run.Events[i];
            return at.Kind == RecordedKind.Step && KernelWords.IsFunction(at.Name) ? $"comes to {KernelWords.Step(at.Name)}" : "goes on";
        }

        return "goes on";
    }

    private static string Count(int count, string what) => count switch { 0 => $"no {what}", 1 => $"1 {what}", _ => $"{count} {what}s" };

    private static string LogLine(RecordedEvent at) => string.Create(CultureInfo.InvariantCulture,
        $"[{at.TimeNs / 1_000_000_000,5}.{at.TimeNs / 1_000 % 1_000_000:d6}] {at.Name}");
}
