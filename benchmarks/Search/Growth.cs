using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Benchmarks.Search;

/// <summary>RP-06 with more of everything: so many vdevs, so many events that may come at any point.</summary>
internal static class Growth
{
    private static readonly string[] s_events =
        ["crash watchdog", "rmmod virtio_rpmsg_bus", "echo stop > state", "echo start > state"];

    /// <summary>Has everything compiled that is measured later.</summary>
    public static void WarmUp() => _ = Measure("warm-up", 2, 1, TimeSpan.FromSeconds(3));

    /// <summary>Searches all there is, for so long.</summary>
    public static GrowthPoint Measure(string name, int vdevCount, int events, TimeSpan budget)
    {
        Scenario scenario = ScenarioFiles.TryRead(Text(vdevCount, events), "growth.yaml", null, out IReadOnlyList<ScenarioError> errors)
            ?? throw new InvalidOperationException(string.Join('\n', errors));
        Func<ISubject> subjects = () => new ScenarioSubject(scenario, Era.Emu);
        using ISubject first = subjects();
        CampaignResult result = Campaign.Run(new CampaignOptions
        {
            NewSubject = subjects,
            Plan = new ExhaustivePlan(first),
            WorkerCount = 1,
            Budget = budget,
        });
        PartResult total = result.Total;
        if (total.Findings.Count > 0) throw new InvalidOperationException($"{name}: the default era has findings");
        return new GrowthPoint(name, total.RunCount, total.RedundantCount, (double)total.StepCount / Math.Max(1, total.RunCount),
            result.Duration.TotalSeconds, result.IsComplete);
    }

    private static string Text(int vdevCount, int events)
    {
        StringBuilder text = new("name: growth\ntitle: RP-06, and more\nwhy: to see how a search grows\n");
        _ = text.Append("processors:\n  mcu:\n    program: echo\n    vdevs:\n");
        for (int i = 0; i < vdevCount; i++) _ = text.Append("      - {id: 7, features: 1, vrings: [16 align 16, 16 align 16]}\n");
        _ = text.Append("before:\n  - modprobe virtio_rpmsg_bus: ok\nactors:\n  insmod:\n    - modprobe emu_rproc\n");
        if (events > 0) _ = text.Append("events:\n");
        for (int i = 0; i < events; i++) _ = text.Append(CultureInfo.InvariantCulture, $"  event{i}:\n    - {s_events[i]}\n");
        return text.ToString();
    }
}
