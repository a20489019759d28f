using System;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using RemoteprocEmu.Board.Scenarios;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class ScenarioTests
{
    [Fact]
    public void Scenarios_are_listed_with_name_eras_and_title()
    {
        RprocRun list = RprocRun.InProcess("scenario", "list");
        Assert.Equal(0, list.ExitCode);
        Assert.Equal(ScenarioFiles.Names.Count, list.Lines.Length);
        Assert.Contains(list.Lines, line => Regex.IsMatch(line, "^RP-06 +A B B-v1 C D Emu  Two rpmsg vdevs, and the bus is loaded first$"));
    }

    [Fact]
    public void The_list_in_JSON_has_name_title_why_and_eras()
    {
        using JsonDocument document = JsonDocument.Parse(RprocRun.InProcess("scenario", "list", "--json").Output);
        Assert.Equal(1, document.RootElement.GetProperty("schema").GetInt32());
        JsonElement[] scenarios = [.. document.RootElement.GetProperty("scenarios").EnumerateArray()];
        Assert.Equal(ScenarioFiles.Names, scenarios.Select(scenario => scenario.GetProperty("name").GetString()!));
        JsonElement first = scenarios.Single(scenario => scenario.GetProperty("name").GetString() == "RP-06");
        Assert.Equal(["A", "B", "B-v1", "C", "D", "Emu"], first.GetProperty("eras").EnumerateArray().Select(era => era.GetString()!));
        Assert.Equal(JsonValueKind.String, first.GetProperty("why").ValueKind);
    }

    [Fact]
    public void A_scenario_is_shown_in_words_and_as_text_to_begin_ones_own_from()
    {
        RprocRun show = RprocRun.InProcess("scenario", "show", "RP-06");
        Assert.Equal(0, show.ExitCode);
        Assert.Contains("Then, at the same time, in every order", show.Lines);
        Assert.Contains("  insmod: modprobe emu_rproc (succeeds)", show.Lines);
        Assert.Contains("  power is 2 in A; 1 in B, B-v1, C, D, Emu", show.Lines);
        Assert.EndsWith(ScenarioFiles.TextOf("RP-06")!, show.Output, StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        string mine = folder.Write("mine.yaml", RprocRun.InProcess("scenario", "show", "RP-06", "--text").Output);
        Assert.Equal(0, RprocRun.InProcess("scenario", "show", mine).ExitCode);
    }

    [Fact]
    public void A_mistake_is_file_line_expectation_and_nearest_name_and_bad_input()
    {
        using TemporaryFolder folder = new();
        string mine = folder.Write("mine.yaml", ScenarioFiles.TextOf("RP-06")!.Replace("modprobe emu_rproc", "modprobe emu_rpoc",
            StringComparison.Ordinal));
        foreach (string[] command in (string[][])[["scenario", "show"], ["scenario", "run"], ["explore"]])
        {
            RprocRun run = RprocRun.InProcess([.. command, mine]);
            Assert.Equal(3, run.ExitCode);
            Assert.Equal("", run.Output);
            Assert.Matches(@"mine\.yaml:\d+:\d+: error: .*emu_rproc", run.Error);
        }
    }

    [Fact]
    public void A_scenario_that_is_not_there_is_usage_and_the_nearest_name()
    {
        RprocRun run = RprocRun.InProcess("scenario", "run", "RP-6");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("the nearest is RP-", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, RprocRun.InProcess("scenario", "show", "/nowhere/at-all.yaml").ExitCode);
        Assert.Equal(2, RprocRun.InProcess("scenario", "show", "/tmp").ExitCode);
    }

    [Fact]
    public void A_run_in_each_era_is_a_table_and_as_the_scenario_expects()
    {
        RprocRun run = RprocRun.InProcess("scenario", "run", "RP-06");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("  A     met           none broken", run.Lines);
        Assert.Contains("  B     met           expected: Removability: emu_rproc cannot be removed", run.Lines);
        Assert.StartsWith("ok: RP-06, one order of events in 6 eras, as it expects", run.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void An_unmet_expectation_and_a_finding_that_nobody_expects_are_findings()
    {
        using TemporaryFolder folder = new();
        string unmet = folder.Write("unmet.yaml", ScenarioFiles.TextOf("RP-06")!.Replace("state: running", "state: offline",
            StringComparison.Ordinal));
        RprocRun run = RprocRun.InProcess("scenario", "run", unmet, "--era", "Emu");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("unmet.yaml:", run.Output, StringComparison.Ordinal);
        string text = ScenarioFiles.TextOf("RP-06")!;
        string bare = folder.Write("bare.yaml", text[..text.IndexOf("findings:", StringComparison.Ordinal)]);
        RprocRun found = RprocRun.InProcess("scenario", "run", bare, "--era", "B");
        Assert.Equal(1, found.ExitCode);
        Assert.Contains("finding: Removability: emu_rproc cannot be removed", found.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_in_JSON_has_outcome_unmet_findings_and_the_log()
    {
        RprocRun run = RprocRun.InProcess("scenario", "run", "RP-06", "--era", "A,D", "--seed", "7", "--log", "--json");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(run.ExitCode, document.RootElement.GetProperty("exit_code").GetInt32());
        JsonElement[] eras = [.. document.RootElement.GetProperty("eras").EnumerateArray()];
        Assert.Equal(["A", "D"], eras.Select(era => era.GetProperty("era").GetString()!));
        Assert.StartsWith("modprobe virtio_rpmsg_bus: 0; ", eras[0].GetProperty("outcome").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, eras[0].GetProperty("unmet").GetArrayLength());
        foreach (JsonElement finding in eras[1].GetProperty("findings").EnumerateArray())
            Assert.True(finding.GetProperty("is_expected").GetBoolean());
        Assert.Contains(eras[1].GetProperty("log").EnumerateArray(), line =>
            line.GetString()!.EndsWith("powering up mcu", StringComparison.Ordinal));
        Assert.Equal(run.Output, RprocRun.InProcess("scenario", "run", "RP-06", "--era", "A,D", "--seed", "7", "--log", "--json").Output);
    }

    [Theory]
    [InlineData("X", "no such era")]
    [InlineData("em", "the nearest is Emu")]
    [InlineData("A,,B", "no such era")]
    public void An_era_that_is_not_there_is_usage(string era, string expected)
    {
        RprocRun run = RprocRun.InProcess("scenario", "run", "RP-06", "--era", era);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_era_that_a_scenario_is_not_for_is_usage()
    {
        RprocRun run = RprocRun.InProcess("scenario", "run", "RP-40", "--era", "A");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("RP-40 is not for that era, but for D, Emu", run.Error, StringComparison.Ordinal);
    }
}
