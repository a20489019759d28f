using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Race;

/// <summary>Searches the multi-vdev race in each era, with the vdevs' driver loaded before and after.</summary>
internal sealed class RaceRun(int vdevCount, ProgressLine progress, Interruption interruption)
{
    private const int RunsTogether = 100;

    private static readonly (Era Era, bool Waits)[] s_kernels =
        [(Era.A, false), (Era.B, false), (Era.C, false), (Era.D, false), (Era.D, true), (Era.Emu, false)];

    /// <summary>Runs it.</summary>
    /// <returns>First the rows with the driver loaded first.</returns>
    public IReadOnlyList<RaceRow> Run()
    {
        List<RaceRow> rows = [];
        foreach (RaceLoading loading in (RaceLoading[])[RaceLoading.First, RaceLoading.Later])
        {
            foreach ((Era era, bool waits) in s_kernels) rows.Add(Search(era, loading, waits));
        }

        progress.Clear();
        return rows;
    }

    /// <summary>Era B's race where both modules are loaded at the same time: the first order that loses, made simple.</summary>
    public Explanation? FindTogether()
    {
        LoadedScenario scenario = LoadedScenario.FindOwn(RaceScenario.NameOf(vdevCount, RaceLoading.Together))!;
        using RaceSubject subject = new(scenario.NewSubject(Era.B), new FirstLook[vdevCount]);
        PartResult total = new RandomPlan(subject, RunsTogether, seed: 1, depth: 1)
            .RunPart(subject, 0, result => result.Findings.Count == 0 && !interruption.HasCome);
        return Explain(scenario, Era.B, total, null);
    }

    private RaceRow Search(Era era, RaceLoading loading, bool waits)
    {
        LoadedScenario scenario = LoadedScenario.FindOwn(RaceScenario.NameOf(vdevCount, loading, waits))!;
        FirstLook[] seen = new FirstLook[vdevCount];
        CampaignResult result = Search(scenario, era, seen);
        SearchCounts counts = new(result.Total.RunCount, result.Total.RunCount + result.Total.RedundantCount, result.Total.BadCount,
            result.IsComplete, "");
        return new RaceRow
        {
            Era = era,
            Loading = loading,
            Waits = waits,
            Seen = seen,
            Total = result.Total,
            IsComplete = result.IsComplete,
            Explanation = Explain(scenario, era, result.Total, counts),
        };
    }

    private CampaignResult Search(LoadedScenario scenario, Era era, FirstLook[] seen)
    {
        progress.Show($"era {era.Name}, {scenario.Scenario.Name}");
        using RaceSubject planned = new(scenario.NewSubject(era), seen);
        return Campaign.Run(new CampaignOptions
        {
            NewSubject = () => new RaceSubject(scenario.NewSubject(era), seen), // one worker: nobody else writes there
            Plan = new ExhaustivePlan(planned),
            WorkerCount = 1,
            Cancellation = interruption.Token,
        });
    }

    private static Explanation? Explain(LoadedScenario scenario, Era era, PartResult total, SearchCounts? counts)
    {
        if (total.Findings.Values.FirstOrDefault() is not { } tally) return null;
        using ScenarioSubject subject = scenario.NewSubject(era);
        Era fixedBy = era == Era.D ? Era.Emu : Era.C;
        using ScenarioSubject elsewhere = scenario.NewSubject(fixedBy);
        return Explanation.Explain(new ExplainRequest
        {
            Subject = subject,
            Picks = tally.Picks,
            FindingId = tally.Finding.Id,
            Scenario = scenario.Scenario.Name,
            Title = scenario.Scenario.Title,
            Era = era.Name,
            ProductVersion = ProductVersion.Text,
            Fingerprint = scenario.Fingerprint(era),
            Elsewhere = elsewhere,
            ElsewhereEra = fixedBy.Name,
            Counts = counts,
        });
    }
}
