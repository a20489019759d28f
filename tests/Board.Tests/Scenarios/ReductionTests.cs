using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;
using Xunit.Abstractions;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>
/// The rows that are proved by an exhaustive search: the search ends, and nothing that chance or a bounded search without reduction sees is
/// missing in it. What is missing shows a piece of state that somebody touches without saying so.
/// </summary>
/// <remarks>
/// <c>REDUCTION_RUNS=2000 dotnet test -c Release tests/Board.Tests --filter A_reduced_search_ends</c> has every row in every era, with as
/// many runs by chance each way; a search that takes longer than a minute is not compared. The log has a line for each.
/// </remarks>
public sealed class ReductionTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_budget = TimeSpan.FromMinutes(1);
    private static readonly long s_randomRuns =
        long.Parse(Environment.GetEnvironmentVariable("REDUCTION_RUNS") ?? "0", CultureInfo.InvariantCulture);
    private static readonly bool s_isWide = s_randomRuns > 0;
    private static readonly Func<ISubject, SearchPlan> s_inParts = subject => new ExhaustivePlan(subject, isReduced: true, partCount: 16);

    /// <summary>The rows, with the eras in which they are.</summary>
    public static TheoryData<string, string> Rows()
    {
        TheoryData<string, string> rows = [];
        if (s_isWide)
        {
            foreach (string name in ScenarioFiles.Names)
            {
                foreach (Era era in Read(name).Eras) rows.Add(name, era.Name);
            }

            return rows;
        }

        foreach (string name in (string[])["RP-03", "RP-06", "RP-07", "RP-09", "RP-11", "RP-19", "RP-22"])
        {
            foreach (Era era in Era.All)
            {
                // Two modules that load at once in the eras that boot from find_vqs: 50,000 classes, a matter for the command.
                if (name != "RP-07" || era.Name != "A") rows.Add(name, era.Name);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_reduced_search_ends_and_misses_nothing(string name, string eraName)
    {
        CampaignResult proof = Search(name, eraName, subject => new ExhaustivePlan(subject));
        string counts = $"{name} {eraName}: {proof.Total.RunCount} classes, {proof.Total.RedundantCount} redundant, "
            + $"{proof.Total.Outcomes.Count} outcomes, {proof.Total.Findings.Count} findings, {proof.Duration.TotalSeconds:F1} s";
        if (s_isWide && !proof.IsComplete)
        {
            output.WriteLine($"{counts}; not at its end, so nothing is compared");
            return;
        }

        Assert.True(proof.IsComplete && proof.Total.IsComplete, "the search ends");
        Assert.True(s_isWide || eraName != "Emu" || proof.Total.RunCount > 1, "a proof of one schedule proves nothing");
        long runsEach = s_isWide ? s_randomRuns : 300;
        long others = 0;
        foreach (Func<ISubject, SearchPlan> plan in (Func<ISubject, SearchPlan>[])
            [subject => new RandomPlan(subject, runsEach, 1, 0), subject => new RandomPlan(subject, runsEach, 1, 3)])
        {
            PartResult seen = Search(name, eraName, plan).Total;
            others += seen.RunCount;
            Assert.Empty(seen.Outcomes.Keys.Except(proof.Total.Outcomes.Keys));
            Assert.Empty(seen.Findings.Keys.Except(proof.Total.Findings.Keys));
        }

        output.WriteLine($"{counts}; {others} runs by chance");
    }

    [Theory]
    [InlineData("RP-19", "B")]
    [InlineData("RP-22", "B")]
    public void Every_schedule_with_one_preemption_comes_to_what_the_reduced_search_knows(string name, string eraName)
    {
        PartResult proof = Search(name, eraName, subject => new ExhaustivePlan(subject)).Total;
        PartResult bounded = Search(name, eraName, _ => new BoundedPlan(ScheduleBound.Preemptions, 1)).Total;
        Assert.True(bounded.RunCount > proof.RunCount, "a search without reduction has more to do");
        Assert.Empty(bounded.Outcomes.Keys.Except(proof.Outcomes.Keys));
    }

    [Fact]
    public void The_parts_of_a_search_together_have_what_the_whole_has()
    {
        PartResult whole = Search("RP-07", "D", subject => new ExhaustivePlan(subject)).Total;
        CampaignResult parts = Search("RP-07", "D", s_inParts, workerCount: 2);
        Assert.True(parts.PartCount >= 16 && parts.IsComplete);
        Assert.Equal(whole.Outcomes.Keys, parts.Total.Outcomes.Keys);
        Assert.Equal(whole.Findings.Keys, parts.Total.Findings.Keys);
    }

    [Fact]
    public void A_campaign_that_is_broken_off_says_so_and_its_parts_are_not_run_twice()
    {
        CampaignResult half = Search("RP-07", "D", s_inParts, shard: (0, 2));
        CampaignResult none = Campaign.Run(Options("RP-07", "D", s_inParts) with
        {
            Budget = TimeSpan.Zero,
            DoneParts = half.DoneParts,
        });
        Assert.False(none.IsComplete);
        Assert.Equal(half.DoneParts.Keys, none.DoneParts.Keys);
        Assert.Equal(half.Total.RunCount, none.Total.RunCount);
        CampaignResult all = Campaign.Run(Options("RP-07", "D", s_inParts) with
        {
            DoneParts = half.DoneParts,
        });
        Assert.True(all.IsComplete && all.Total.RunCount > half.Total.RunCount);
    }

    private static CampaignResult Search(
        string name, string eraName, Func<ISubject, SearchPlan> plan, int workerCount = 1, (int Index, int Count)? shard = null) =>
        Campaign.Run(Options(name, eraName, plan) with
        {
            WorkerCount = workerCount,
            ShardIndex = shard?.Index ?? 0,
            ShardCount = shard?.Count ?? 1,
        });

    private static CampaignOptions Options(string name, string eraName, Func<ISubject, SearchPlan> plan)
    {
        Scenario scenario = Read(name);
        Assert.True(Era.TryParse(eraName, out Era? era));
        Func<ISubject> subjects = () => new ScenarioSubject(scenario, era!);
        using ISubject first = subjects();
        return new CampaignOptions { NewSubject = subjects, Plan = plan(first), WorkerCount = 1, Budget = s_budget };
    }

    private static Scenario Read(string name) => ScenarioFiles.TryReadOwn(name, out IReadOnlyList<ScenarioError> errors)
        ?? throw new InvalidOperationException(string.Join('\n', errors));
}
