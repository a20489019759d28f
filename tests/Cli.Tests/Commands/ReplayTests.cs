using System;
using System.Linq;
using System.Text.Json;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Explain.Replay;
using RemoteprocEmu.Remoteproc.Eras;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class ReplayTests
{
    private static readonly Lazy<string> s_token = new(() =>
        TokensOf(RprocRun.InProcess("explore", "RP-06", "--era", "A", "--random", "300", "--json"))[0]);

    [Fact]
    public void A_finding_is_there_again_in_a_process_of_its_own_and_compared_with_the_era_that_fixed_it()
    {
        string token = s_token.Value;
        RprocRun run = RprocRun.AsProcess("replay", token, "--era", "C");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.StartsWith("RP-06 in era A: vdev1 vring", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("In era C ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"  rproc replay {token}", run.Lines);
        Assert.Matches("^finding: the same run as when the token was made, trace hash [0-9a-f]{16}$", run.Lines[^1]);
    }

    [Fact]
    public void A_token_that_a_mail_program_broke_is_still_one()
    {
        string token = s_token.Value;
        RprocRun run = RprocRun.InProcess("replay", $"> {token[..30]}", token[30..], "--json");
        Assert.Equal(1, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal("RP-06", document.RootElement.GetProperty("scenario").GetString());
        Assert.Equal("finding", document.RootElement.GetProperty("outcome").GetString());
        Assert.Equal(token, document.RootElement.GetProperty("findings")[0].GetProperty("token").GetString());
    }

    [Fact]
    public void A_token_of_another_version_says_which()
    {
        RprocRun run = RprocRun.InProcess("replay", TokenOf("0.0.7", "RP-06", "A", 1));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains($"the token is of 0.0.7, this is {ProductVersion.Text}", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void A_token_of_another_configuration_says_how_to_get_it()
    {
        RprocRun run = RprocRun.InProcess("replay", TokenOf(ProductVersion.Text, "RP-06", "A", 1));
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("configuration: the token wants fingerprint 0000000000000001", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_of_ones_own_scenario_wants_its_file()
    {
        using TemporaryFolder folder = new();
        string mine = folder.Write("mine.yaml", ScenarioFiles.TextOf("RP-06")!.Replace("name: RP-06", "name: mine",
            StringComparison.Ordinal));
        RprocRun found = RprocRun.InProcess("explore", mine, "--era", "B", "--json");
        string token = TokensOf(found)[0];
        RprocRun without = RprocRun.InProcess("replay", token);
        Assert.Equal(2, without.ExitCode);
        Assert.Contains("--scenario FILE", without.Error, StringComparison.Ordinal);
        Assert.Equal(1, RprocRun.InProcess("replay", token, "--scenario", mine).ExitCode);
        _ = folder.Write("mine.yaml", ScenarioFiles.TextOf("RP-06")!.Replace("name: RP-06", "name: mine # changed",
            StringComparison.Ordinal));
        RprocRun changed = RprocRun.InProcess("replay", token, "--scenario", mine);
        Assert.Equal(3, changed.ExitCode);
        Assert.Contains("configuration: ", changed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_schedule_that_breaks_no_rule_says_that_the_finding_is_no_longer_there_and_another_trace_is_refused()
    {
        LoadedScenario scenario = LoadedScenario.FindOwn("RP-06")!;
        using ScenarioSubject subject = scenario.NewSubject(Era.Emu);
        ulong hash = Explorer.Explain.Record.Recorder.Record(subject, []).TraceHash;
        ulong fingerprint = scenario.Fingerprint(Era.Emu);
        RprocRun clean = RprocRun.InProcess("replay", new ReplayToken(ProductVersion.Text, "RP-06", "Emu", fingerprint, hash,
            []).ToString());
        Assert.Equal(0, clean.ExitCode);
        Assert.EndsWith("breaks no rule: the finding is no longer there", clean.Lines[^1], StringComparison.Ordinal);
        RprocRun other = RprocRun.InProcess("replay", new ReplayToken(ProductVersion.Text, "RP-06", "Emu", fingerprint, hash + 1,
            []).ToString());
        Assert.Equal(3, other.ExitCode);
        Assert.Contains("trace hash: ", other.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("rproc1~RP-06~A~AAAA")]
    [InlineData("rproc9~RP-06~A~AAAA")]
    public void What_is_no_token_is_bad_input(string token) => Assert.Equal(3, RprocRun.InProcess("replay", token).ExitCode);

    private static string[] TokensOf(RprocRun run)
    {
        using JsonDocument document = JsonDocument.Parse(run.Output);
        return [.. document.RootElement.GetProperty("eras").EnumerateArray().SelectMany(era => era.GetProperty("findings").EnumerateArray())
            .Select(finding => finding.GetProperty("token").GetString()!)];
    }

    private static string TokenOf(string version, string scenario, string era, ulong fingerprint) =>
        new ReplayToken(version, scenario, era, fingerprint, 0, []).ToString();
}
