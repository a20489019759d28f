using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Scenarios;

/// <summary>Every scenario file in each of its eras: what it expects is seen, and nothing is found that it does not name.</summary>
public sealed class ScenarioRows
{
    private const int SeedCount = 12;

    /// <summary>File and era of each.</summary>
    public static TheoryData<string, string> Rows
    {
        get
        {
            TheoryData<string, string> rows = [];
            foreach (string name in ScenarioFiles.Names)
            {
                foreach (Era era in Read(name).Eras) rows.Add(name, era.Name);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Row(string name, string eraName)
    {
        Assert.True(Era.TryParse(eraName, out Era? era));
        Scenario scenario = Read(name);
        using ScenarioSubject subject = new(scenario, era);
        List<string> complaints = [];
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            Schedule schedule = seed == 0 ? new ReplaySchedule([]) : new RandomSchedule(seed);
            schedule.Begin();
            RunResult result = subject.Run(schedule);
            complaints.AddRange(result.Unmet.Select(unmet => $"seed {seed}: {unmet}"));
            foreach (Finding finding in result.Findings)
            {
                if (!scenario.IsExpected(finding, era)) complaints.Add($"seed {seed}: {finding}");
            }
        }

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    [Theory]
    [InlineData("C")]
    [InlineData("D")]
    [InlineData("Emu")]
    public void RP_24_a_consumer_is_not_told_of_a_recovery(string era) => Row("RP-24", era);

    [Theory]
    [InlineData("C")]
    [InlineData("D")]
    [InlineData("Emu")]
    public void RP_25_the_bus_may_be_unloaded_while_the_processor_runs(string era) => Row("RP-25", era);

    [Fact]
    public void Every_row_of_the_table_has_a_file()
    {
        IEnumerable<string> rows = Enumerable.Range(1, 29).Concat(Enumerable.Range(40, 23)).Select(row => $"RP-{row:D2}");
        Assert.Empty(rows.Except(ScenarioFiles.Names));
    }

    [Fact]
    public void A_row_that_expects_something_else_is_a_test_that_fails()
    {
        string text = ScenarioFiles.TextOf("RP-40")!.Replace("starts: 1", "starts: 2", StringComparison.Ordinal);
        Scenario scenario = ScenarioFiles.TryRead(text, "RP-40.yaml", null, out _)!;
        using ScenarioSubject subject = new(scenario, Era.Emu);
        ReplaySchedule schedule = new([]);
        schedule.Begin();
        Assert.Equal(["RP-40.yaml:18:36: starts is 1, expected 2"], subject.Run(schedule).Unmet);
    }

    private static Scenario Read(string name)
    {
        Scenario? scenario = ScenarioFiles.TryReadOwn(name, out IReadOnlyList<ScenarioError> errors);
        Assert.True(scenario is not null, string.Join('\n', errors.Select(error => error.ToString())));
        return scenario;
    }
}
