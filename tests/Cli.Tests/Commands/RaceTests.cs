using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class RaceTests
{
    private static readonly string[] s_kernels = ["A", "B", "C", "D", "D waits", "Emu"];

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Each_era_loses_rings_or_does_not_as_history_has_it_and_it_takes_seconds(int vdevCount)
    {
        Stopwatch clock = Stopwatch.StartNew();
        RprocRun run = RprocRun.InProcess("race", "--vdevs", $"{vdevCount}");
        Assert.Equal(0, run.ExitCode);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"it took {clock.Elapsed}");
        string[] verdicts = [.. s_kernels.SelectMany(kernel =>
            run.Lines.Where(line => line.StartsWith($"  {kernel,-7}  ", StringComparison.Ordinal)))
            .Select(line => line.EndsWith("loses rings", StringComparison.Ordinal) ? "lost" : line[^5..])];
        Assert.Equal(["lost", "lost", "clean", "lost", "clean", "clean", "lost", "lost", "clean", "clean", "clean", "clean"], verdicts);
        Assert.Contains(run.Lines, line => line.Contains("vdev0 valid, vdev1", StringComparison.Ordinal)); // A: the first has its rings
        Assert.Contains(run.Lines, line => line.Contains("BUG: vdev1 vring0 unpublished", StringComparison.Ordinal));
        Assert.StartsWith("ok: eras A, B and D lose rings; C, D with firmware that waits and Emu lose none in any of ",
            string.Join(' ', run.Lines[^2..]), StringComparison.Ordinal);
        foreach (string line in run.Lines.Where(line => !line.Contains("rproc replay",
            StringComparison.Ordinal))) Assert.True(line.Length <= 80, line);
    }

    [Fact]
    public void Its_tokens_replay_in_a_process_of_its_own()
    {
        string[] commands = [.. RprocRun.InProcess("race").Lines.Where(line =>
            line.StartsWith("  rproc replay ", StringComparison.Ordinal))];
        Assert.Equal(6, commands.Length);
        foreach (string command in (string[])[commands[0], commands[^1]])
        {
            RprocRun replay = RprocRun.AsProcess("replay", command["  rproc replay ".Length..]);
            Assert.Equal(1, replay.ExitCode);
            Assert.Contains(" unpublished", replay.Lines[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_same_in_JSON_and_as_a_report()
    {
        using TemporaryFolder folder = new();
        RprocRun run = RprocRun.InProcess("race", "--vdevs", "3", "--json", "--report", folder.File("out"));
        Assert.Equal(0, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(3, document.RootElement.GetProperty("vdevs").GetInt32());
        JsonElement[] rows = [.. document.RootElement.GetProperty("rows").EnumerateArray()];
        Assert.Equal(12, rows.Length);
        Assert.Equal(["valid", "RACE", "RACE"], rows[0].GetProperty("first_instruction").EnumerateArray().Select(look =>
            look.GetString()!));
        Assert.All(rows, row => Assert.True(row.GetProperty("is_exhaustive").GetBoolean()));
        Assert.All(rows, row => Assert.Equal(row.GetProperty("bad").GetInt64() > 0,
            row.GetProperty("explanation").ValueKind == JsonValueKind.Object));
        foreach (string file in (string[])["report.html", "finding-1.svg", "finding-6.svg", "findings.txt", "findings.json"])
            Assert.True(new FileInfo(Path.Combine(folder.File("out"), file)).Length > 0, file);
    }

    [Fact]
    public void Its_scenarios_are_scenarios_like_any_other()
    {
        RprocRun run = RprocRun.InProcess("explore", "race-2-later", "--era", "B,C");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(0, RprocRun.InProcess("scenario", "run", "race-5-first-waits").ExitCode);
        Assert.Equal(2, RprocRun.InProcess("scenario", "run", "race-1-first").ExitCode);
        Assert.Equal(2, RprocRun.InProcess("scenario", "run", "race-02-first").ExitCode);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("17")]
    [InlineData("two")]
    public void A_number_of_vdevs_that_cannot_be_is_usage(string vdevs) =>
        Assert.Equal(2, RprocRun.InProcess("race", "--vdevs", vdevs).ExitCode);
}
