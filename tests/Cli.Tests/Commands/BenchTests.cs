using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

/// <summary><c>rproc bench</c>: that it measures and what it prints; how fast anything is, no test asks.</summary>
public class BenchTests
{
    private static readonly string[] s_promised =
    [
        "case", "layout", "transport", "direction", "payload_bytes", "batch", "ring", "mood", "line_rtt_ns", "messages_per_second",
        "ns_per_message", "round_trip_ns", "ratio_to_spsc", "allocated_bytes_per_message", "kicks_per_message", "copies_per_message", "cpu",
    ];

    [Fact]
    public void The_quick_form_measures_each_kind_two_processes_too_and_appends_what_it_prints()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("rows.jsonl");
        RprocRun run = RprocRun.AsProcess("bench", "--quick", "--time", "2", "--json", "--append", file);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(run.Output, File.ReadAllText(file));
        JsonElement[] rows = [.. run.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        foreach (JsonElement row in rows)
        {
            Assert.All(s_promised, name => Assert.True(row.TryGetProperty(name, out _), name));
            Assert.True(row.GetProperty("messages_per_second").GetDouble() > 0);
        }

        if (Environment.ProcessorCount < 2) return; // then there is nothing between two cores
        foreach (string transport in (string[])["rpmsg", "ring", "spsc", "channel", "pipe", "unix", "udp"])
            Assert.Contains(rows, row => row.GetProperty("transport").GetString() == transport);
        Assert.Contains(rows, row => row.GetProperty("place").GetString() == "two-processes");
        Assert.Contains(rows, row => row.GetProperty("wait").GetString() == "eventfd");
        Assert.Contains(rows, row => row.GetProperty("round_trip_ns").ValueKind == JsonValueKind.Number);
    }

    [Fact]
    public void Rows_of_a_file_become_a_table_targets_and_pictures()
    {
        using TemporaryFolder folder = new();
        string file = folder.File("rows.jsonl");
        string measured = RprocRun.InProcess("bench", "--filter", "payload 16B ring split", "--time", "0.2", "--json").Output;
        File.WriteAllText(file, measured);
        RprocRun run = RprocRun.InProcess("bench", "--from", file, "--targets", "--plot", folder.File("pictures"));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(run.Lines, line => line.StartsWith("  ring split", StringComparison.Ordinal));
        Assert.Contains(run.Lines, line => line.Contains("not measured", StringComparison.Ordinal));
        Assert.Contains("microcontroller", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(folder.Path, "pictures", "bench-rate.svg")) || Environment.ProcessorCount < 2);
        string copied = RprocRun.InProcess("bench", "--from", file, "--json").Output;
        Assert.Equal(measured.Split('\n').Length, copied.Split('\n').Length);
        Assert.Equal(copied, RprocRun.InProcess("bench", "--from", folder.Write("copy.jsonl", copied), "--json").Output);
    }

    [Fact]
    public void Cases_are_listed_by_the_names_that_a_filter_takes()
    {
        RprocRun run = RprocRun.InProcess("bench", "--list", "--filter", "rpmsg 496B b32 in-order two-processes");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("processes 496B: rpmsg/in-order/in-place/two-processes/poll/to-remote/496B/b32/r256", run.Lines[^1]);
        Assert.DoesNotContain("sweep", RprocRun.InProcess("bench", "--list").Output, StringComparison.Ordinal);
        Assert.Contains("sweep 16B b1: ", RprocRun.InProcess("bench", "--list", "--filter", "sweep").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--filter", "no-such-word")]
    [InlineData("--time", "0")]
    [InlineData("--time", "soon")]
    [InlineData("--mood", "good")]
    [InlineData("--cores", "0,4711")]
    [InlineData("--cores", "0")]
    [InlineData("--from", "/nowhere/rows.jsonl")]
    [InlineData("--append", "/nowhere/rows.jsonl")]
    public void What_cannot_be_done_is_said_in_one_line(string option, string value)
    {
        RprocRun run = RprocRun.InProcess("bench", option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Ctrl_C_ends_it_between_two_runs_and_leaves_neither_process_nor_file()
    {
        using Process process = RprocRun.Start("bench", "--filter", "processes spsc", "--json");
        string name = $"rproc-bench-{process.Id}-";
        Stopwatch clock = Stopwatch.StartNew();
        while (Children(process.Id).Length == 0 && clock.ElapsedMilliseconds < 30_000 && !process.HasExited) Thread.Sleep(10);
        int[] children = Children(process.Id);
        Thread.Sleep(200);
        using (Process kill = Process.Start("kill", ["-INT", $"{process.Id}"])) kill.WaitForExit();
        Assert.True(process.WaitForExit(120_000));
        Assert.Equal(130, process.ExitCode);
        Assert.Empty(Directory.EnumerateFiles(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), name + "*"));
        if (Environment.ProcessorCount < 2) return;
        int child = Assert.Single(children);
        while (Directory.Exists($"/proc/{child}") && clock.ElapsedMilliseconds < 60_000) Thread.Sleep(10);
        Assert.False(Directory.Exists($"/proc/{child}"));
    }

    private static int[] Children(int parent)
    {
        string path = $"/proc/{parent}/task/{parent}/children";
        if (!File.Exists(path)) return [];
        return [.. File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
    }
}
