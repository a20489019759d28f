using System;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Xml.Linq;
using RemoteprocEmu.Board.Scenarios;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class ExploreTests
{
    /// <summary>Small enough for every way to search.</summary>
    private static readonly string[] s_small = ["explore", "RP-06", "--era", "B"];

    [Fact]
    public void A_search_of_every_order_says_so_and_explains_what_it_found()
    {
        RprocRun run = RprocRun.InProcess(s_small);
        Assert.Equal(0, run.ExitCode); // the scenario says that era B has it
        Assert.Contains("  expected: Removability: emu_rproc cannot be removed, in 1 of 1 classes", run.Lines);
        Assert.Contains("  Every order of events was seen: these findings are all that there are.", run.Lines);
        Assert.Contains("RP-06 in era B: emu_rproc cannot be removed", run.Lines);
        Assert.Contains(run.Lines, line => line.StartsWith("  rproc replay rproc1~RP-06~B~", StringComparison.Ordinal));
        Assert.Equal("ok: RP-06 in era B: 1 finding that the scenario expects; all schedules were seen", run.Lines[^1]);
    }

    [Fact]
    public void A_finding_that_the_scenario_does_not_expect_is_exit_code_1()
    {
        using TemporaryFolder folder = new();
        string text = ScenarioFiles.TextOf("RP-06")!;
        string bare = folder.Write("bare.yaml", text[..text.IndexOf("findings:", StringComparison.Ordinal)]);
        RprocRun run = RprocRun.InProcess("explore", bare, "--era", "B");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("finding: RP-06 in era B: 1 finding; all schedules were seen", run.Lines[^1]);
    }

    [Fact]
    public void An_expectation_that_some_order_does_not_meet_and_a_finding_that_no_order_has_are_exit_code_1()
    {
        using TemporaryFolder folder = new();
        string text = ScenarioFiles.TextOf("RP-06")!;
        string unmet = folder.Write("unmet.yaml", text.Replace("state: running", "state: offline", StringComparison.Ordinal));
        RprocRun run = RprocRun.InProcess("explore", unmet, "--era", "B");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(run.Lines, line => line.StartsWith("  unmet in 1 of 1 classes: ", StringComparison.Ordinal));
        string missing = folder.Write("missing.yaml", text.Replace("Removability: emu_rproc", "Removability: emu_*",
            StringComparison.Ordinal)
            .Replace("  B B-v1:\n", "  B B-v1:\n    - Leak: a lost sheep\n", StringComparison.Ordinal));
        RprocRun miss = RprocRun.InProcess("explore", missing, "--era", "B");
        Assert.Equal(1, miss.ExitCode);
        Assert.Contains("  missing: the scenario says that era B has Leak: a lost sheep", miss.Lines);
    }

    [Theory]
    [InlineData("--unreduced", "--budget", "200ms")]
    [InlineData("--preemptions", "1", "--budget", "500ms")]
    [InlineData("--delays", "1")]
    [InlineData("--random", "50")]
    [InlineData("--pct", "2", "--runs", "50", "--seed", "9")]
    public void Every_way_to_search_finds_what_every_order_has(params string[] way)
    {
        RprocRun run = RprocRun.InProcess([.. s_small, .. way]);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(run.Lines, line => line.StartsWith("  expected: Removability: emu_rproc cannot be removed, in ",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Chance_has_a_probability_with_its_interval_and_PCT_its_bound()
    {
        RprocRun run = RprocRun.InProcess([.. s_small, "--pct", "2", "--runs", "50"]);
        string words = string.Join(' ', run.Lines.Select(line => line.Trim()));
        Assert.Contains("in 50 of 50 schedules: 100 % (95 %: 93 % to 100 %)", words, StringComparison.Ordinal);
        Assert.Contains("1/(n*k^(d-1)) = 1/", words, StringComparison.Ordinal);
        RprocRun clean = RprocRun.InProcess("explore", "RP-01", "--era", "Emu", "--random", "50");
        Assert.Contains("with 95 % confidence fewer than 7.1 %", string.Join(' ', clean.Lines.Select(line => line.Trim())),
            StringComparison.Ordinal);
        Assert.Contains("It is no proof.", clean.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_is_not_finished_says_how_far_it_came_and_that_it_proves_nothing_of_the_rest()
    {
        RprocRun run = RprocRun.InProcess("explore", "RP-07", "--era", "Emu", "--budget", "100ms", "--workers", "1");
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"Ended early: 0 of 1 parts are done, [\d,]+ classes were seen\.",
            string.Join(' ', run.Lines.Select(line => line.Trim())));
        Assert.Contains("  Of those that were not seen it proves nothing.", run.Lines);
        Assert.EndsWith("not all schedules were seen", run.Lines[^1], StringComparison.Ordinal);
        Assert.DoesNotContain("no bug", run.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void The_same_in_JSON()
    {
        RprocRun run = RprocRun.InProcess([.. s_small, "--json"]);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement root = document.RootElement;
        Assert.Equal(1, root.GetProperty("schema").GetInt32());
        Assert.Equal("ok", root.GetProperty("outcome").GetString());
        JsonElement era = Assert.Single(root.GetProperty("eras").EnumerateArray());
        Assert.Equal(1, era.GetProperty("classes").GetInt64());
        Assert.True(era.GetProperty("schedules").GetInt64() >= 1);
        Assert.True(era.GetProperty("is_exhaustive").GetBoolean());
        Assert.Equal(16, era.GetProperty("fingerprint").GetString()!.Length);
        JsonElement finding = Assert.Single(era.GetProperty("findings").EnumerateArray());
        Assert.True(finding.GetProperty("is_expected").GetBoolean());
        Assert.Equal(finding.GetProperty("token").GetString(), finding.GetProperty("explanation").GetProperty("token").GetString());
        foreach (string member in (string[])["bad", "steps", "steps_max", "parts", "parts_done", "duration_ms", "threads"])
            Assert.Equal(JsonValueKind.Number, era.GetProperty(member).ValueKind);
        foreach (string member in (string[])["proves", "unmet", "missing", "outcomes"])
            Assert.Equal(JsonValueKind.Array, era.GetProperty(member).ValueKind);
    }

    [Fact]
    public void A_report_is_a_folder_with_text_JSON_and_JUnit()
    {
        using TemporaryFolder folder = new();
        string report = folder.File("deep/report");
        string junit = folder.File("junit.xml");
        Assert.Equal(0, RprocRun.InProcess([.. s_small, "--report", report, "--junit", junit]).ExitCode);
        Assert.Contains("<svg", File.ReadAllText(Path.Combine(report, "finding-1.svg")), StringComparison.Ordinal);
        Assert.Contains("RP-06", File.ReadAllText(Path.Combine(report, "report.html")), StringComparison.Ordinal);
        Assert.StartsWith("RP-06 in era B: ", File.ReadAllText(Path.Combine(report, "findings.txt")), StringComparison.Ordinal);
        using JsonDocument findings = JsonDocument.Parse(File.ReadAllText(Path.Combine(report, "findings.json")));
        Assert.Equal(1, findings.RootElement.GetProperty("findings").GetArrayLength());
        Assert.Equal(File.ReadAllText(junit), File.ReadAllText(Path.Combine(report, "junit.xml")));
        XElement suite = XDocument.Load(junit).Root!.Element("testsuite")!;
        Assert.Equal("0", suite.Attribute("failures")!.Value);
        Assert.Equal(2, RprocRun.InProcess([.. s_small, "--report", "/proc/nowhere"]).ExitCode);
    }

    [Theory]
    [InlineData("--pct", "2", "--random", "5")]
    [InlineData("--exhaustive", "--unreduced")]
    [InlineData("--seed", "1")]
    [InlineData("--runs", "5")]
    [InlineData("--pct", "0")]
    [InlineData("--random", "0")]
    [InlineData("--random", "9999999999")]
    [InlineData("--preemptions", "-1")]
    [InlineData("--workers", "0")]
    [InlineData("--budget", "soon")]
    [InlineData("--budget", "-5s")]
    [InlineData("--shard", "0/4")]
    [InlineData("--shard", "5/4")]
    [InlineData("--shard", "two")]
    [InlineData("--era", "Z")]
    [InlineData("--resume", "/nowhere/a.jsonl")]
    public void A_command_line_that_makes_no_sense_is_usage(params string[] options)
    {
        RprocRun run = RprocRun.InProcess(["explore", "RP-06", .. options]);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("rproc: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "0 %")]
    [InlineData(1, "100 %")]
    [InlineData(0.99999999999999, "100 %")]
    [InlineData(0.99971, "99.971 %")]
    [InlineData(0.929, "93 %")]
    [InlineData(0.0714, "7.1 %")]
    [InlineData(0.000123, "0.012 %")]
    public void A_share_has_the_digits_that_count(double share, string expected) =>
        Assert.Equal(expected, Cli.Explore.ProofText.Percent(share));

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("90", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    public void A_time_has_its_unit(string text, double seconds)
    {
        Assert.True(Cli.Explore.Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(seconds, duration.TotalSeconds);
    }

    [Fact]
    public void Progress_is_one_line_for_a_person_and_goes_away()
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        string[] search = ["explore", "RP-06", "--era", "Emu", "--random", "99000000", "--budget", "2s", "--workers", "1"];
        Assert.Equal(0, Cli.Commands.RprocCommandLine.Run(search, new Output.Terminal(output, error, showsProgress: true)));
        string[] shown = error.ToString().Split('\r', StringSplitOptions.RemoveEmptyEntries);
        Assert.Matches(@"^era Emu: [\d,]+ schedules, [\d,]+/s, 0 bad, part \d+ of 99000, at most [\d.]+ s more *$", shown[0]);
        Assert.Equal("", shown[^1].Trim());
        Assert.DoesNotContain('\n', error.ToString());
        Assert.Equal("", RprocRun.InProcess(search[..^4].Append("--budget").Append("1200ms").ToArray()).Error);
    }

    [Fact]
    public void Without_a_scenario_it_is_usage() => Assert.Equal(2, RprocRun.InProcess("explore").ExitCode);
}
