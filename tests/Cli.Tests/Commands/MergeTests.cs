using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class MergeTests
{
    [Fact]
    public void Shards_put_together_in_any_order_are_one_campaign()
    {
        using TemporaryFolder folder = new();
        string[] files = [.. Enumerable.Range(1, 3).Select(i => Shard(folder, i, 3))];
        RprocRun merged = RprocRun.InProcess(["merge", .. files]);
        Assert.Equal(0, merged.ExitCode);
        Assert.Contains("exhaustive with reduction; 3 shards, put together", merged.Lines);
        Assert.Contains("  Every order of events was seen: these findings are all that there are.", merged.Lines);
        Assert.Equal("ok: race-2-later in era A: 2 findings that the scenario expects; all schedules were seen", merged.Lines[^1]);
        RprocRun reversed = RprocRun.InProcess(["merge", .. files.Reverse()]);
        Assert.Equal(merged.Output, reversed.Output);
        using JsonDocument document = JsonDocument.Parse(RprocRun.InProcess(["merge", .. files, "--json"]).Output);
        JsonElement era = document.RootElement.GetProperty("eras")[0];
        Assert.True(era.GetProperty("is_exhaustive").GetBoolean());
        Assert.Equal(JsonValueKind.Null, era.GetProperty("duration_ms").ValueKind);
    }

    [Fact]
    public void A_shard_alone_says_that_it_proves_nothing_of_the_others()
    {
        using TemporaryFolder folder = new();
        RprocRun run = RprocRun.InProcess("explore", "race-2-later", "--era", "A", "--shard", "2/3", "--out", folder.File("2.jsonl"));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("  One shard alone proves nothing about the others: see 'rproc merge'.", run.Lines);
        Assert.EndsWith("one shard of several", run.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Chance_in_shards_is_the_same_chance()
    {
        using TemporaryFolder folder = new();
        string[] way = ["explore", "race-2-later", "--era", "B", "--random", "2500", "--budget", "none"];
        RprocRun whole = RprocRun.InProcess([.. way, "--json"]);
        string[] files = [.. Enumerable.Range(1, 2).Select(i => folder.File($"{i}.jsonl"))];
        foreach ((int i, string file) in files.Index()) Assert.Equal(0,
            RprocRun.InProcess([.. way, "--shard", $"{i + 1}/2", "--out", file]).ExitCode);
        RprocRun merged = RprocRun.InProcess(["merge", .. files, "--json"]);
        Assert.Equal(Counts(whole), Counts(merged));
    }

    [Fact]
    public void A_shard_that_is_missing_doubled_foreign_or_incomplete_is_bad_input()
    {
        using TemporaryFolder folder = new();
        string first = Shard(folder, 1, 2);
        string second = Shard(folder, 2, 2);
        RprocRun missing = RprocRun.InProcess("merge", second);
        Assert.Equal(3, missing.ExitCode);
        Assert.Equal("rproc: shard 1/2 is missing: run it with --shard 1/2\n", missing.Error);
        Assert.Equal("", missing.Output);
        RprocRun doubled = RprocRun.InProcess("merge", first, second, first);
        Assert.Equal(3, doubled.ExitCode);
        Assert.Contains("shard 1/2 is there 2 times", doubled.Error, StringComparison.Ordinal);
        string foreign = folder.File("foreign.jsonl");
        _ = RprocRun.InProcess("explore", "race-2-later", "--era", "C", "--shard", "2/2", "--out", foreign);
        RprocRun other = RprocRun.InProcess("merge", first, foreign);
        Assert.Equal(3, other.ExitCode);
        Assert.Contains("eras C, not A", other.Error, StringComparison.Ordinal);
        byte[] bytes = File.ReadAllBytes(second);
        File.WriteAllBytes(second, bytes[..^10]);
        RprocRun incomplete = RprocRun.InProcess("merge", first, second);
        Assert.Equal(3, incomplete.ExitCode);
        Assert.Contains($"go on with: rproc explore --resume {second}", incomplete.Error, StringComparison.Ordinal);
        Assert.Equal(0, RprocRun.InProcess("explore", "--resume", second).ExitCode);
        Assert.Equal(0, RprocRun.InProcess("merge", first, second).ExitCode);
    }

    [Fact]
    public void Files_that_cannot_be_had_are_usage_and_others_bad_input()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(2, RprocRun.InProcess("merge", "/nowhere/1.jsonl").ExitCode);
        Assert.Equal(3, RprocRun.InProcess("merge", folder.Write("text", "hello\n")).ExitCode);
        string shard = Shard(folder, 1, 1);
        RprocRun again = RprocRun.InProcess("explore", "race-2-later", "--era", "A", "--out", shard);
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("--resume goes on with it", again.Error, StringComparison.Ordinal);
        Assert.Equal(2, RprocRun.InProcess("explore", "--resume", shard, "--era", "A").ExitCode);
        Assert.Equal(2, RprocRun.InProcess("explore", "race-2-later", "--resume", shard).ExitCode);
    }

    [Fact]
    public void A_scenario_that_has_changed_since_is_bad_input()
    {
        using TemporaryFolder folder = new();
        string mine = folder.Write("mine.yaml", RprocRun.InProcess("scenario", "show", "race-2-later", "--text").Output);
        string shard = folder.File("mine.jsonl");
        Assert.Equal(0, RprocRun.InProcess("explore", mine, "--era", "A", "--out", shard).ExitCode);
        Assert.Equal(0, RprocRun.InProcess("merge", shard).ExitCode);
        _ = folder.Write("mine.yaml", File.ReadAllText(mine) + "# changed\n");
        RprocRun merge = RprocRun.InProcess("merge", shard);
        Assert.Equal(3, merge.ExitCode);
        Assert.Contains("its text or its image has changed", merge.Error, StringComparison.Ordinal);
        RprocRun resume = RprocRun.InProcess("explore", "--resume", shard);
        Assert.Equal(3, resume.ExitCode);
        Assert.Contains("cannot go on with it: era A has fingerprint", resume.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_a_search_with_what_it_has_and_the_file_can_be_gone_on_with()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("long.jsonl");
        using Process process = RprocRun.Start("explore", "race-2-later", "--era", "Emu", "--random", "100000000", "--budget", "none",
            "--out", path);
        SpinWait.SpinUntil(() => File.Exists(path) && File.ReadAllLines(path).Length > 1, TimeSpan.FromSeconds(60));
        using (Process kill = Process.Start("kill", ["-INT", $"{process.Id}"])) kill.WaitForExit();
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(130, process.ExitCode);
        Assert.Contains("interrupted: ending with what there is", error, StringComparison.Ordinal);
        Assert.Contains("Ended early: ", output, StringComparison.Ordinal);
        Assert.Contains("interrupted: race-2-later in era Emu: no finding in what was seen", output, StringComparison.Ordinal);
        int lines = File.ReadAllLines(path).Length;
        RprocRun more = RprocRun.InProcess("explore", "--resume", path, "--budget", "2s");
        Assert.Equal(0, more.ExitCode);
        Assert.True(File.ReadAllLines(path).Length >= lines);
    }

    private static string Shard(TemporaryFolder folder, int index, int count)
    {
        string path = folder.File($"{index}-of-{count}.jsonl");
        RprocRun run = RprocRun.InProcess("explore", "race-2-later", "--era", "A", "--shard", $"{index}/{count}", "--out", path);
        Assert.True(run.ExitCode == 0, run.Error);
        return path;
    }

    private static string Counts(RprocRun run)
    {
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement era = document.RootElement.GetProperty("eras")[0];
        return string.Join(' ', ((string[])["schedules", "bad", "steps", "steps_max", "outcomes", "fingerprint"])
            .Select(member => era.GetProperty(member).GetRawText())
            .Append(era.GetProperty("findings")[0].GetProperty("count").GetRawText()));
    }
}
