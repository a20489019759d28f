using System;
using System.IO;
using System.Text.Json;
using RemoteprocEmu.Board;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class TableCheckTests
{
    [Fact]
    public void Every_sample_but_the_empty_table_is_clean()
    {
        foreach (SampleImage sample in SampleImages.All)
            Assert.Equal(sample.Name == "empty-table" ? 1 : 0, RprocRun.InProcess("table", "check", sample.Name).ExitCode);
    }

    [Fact]
    public void A_finding_has_rule_severity_offset_field_value_explanation_remedy_and_the_kernels_verdict()
    {
        using TemporaryFile file = new("three.elf", WithVringNum(3));
        RprocRun run = RprocRun.InProcess("table", "check", file.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{file.Path}: offset 0x730: warning RSC-101", run.Lines);
        Assert.Contains("    field   entry 0 vring[0].num = 0x3", run.Lines);
        Assert.Contains("    what    vring num is not a power of two", run.Lines);
        Assert.Contains("    kernel  boots; the ring's index is masked with num - 1 and misses slots", run.Lines);
        Assert.Contains("    remedy  round num up to a power of two", run.Lines);
        Assert.Equal($"{file.Path}: 1 warning, 1 note; the kernel boots it", run.Lines[^1]);
    }

    [Fact]
    public void The_same_in_JSON()
    {
        using TemporaryFile file = new("zero.elf", WithVringNum(0));
        RprocRun run = RprocRun.InProcess("table", "check", file.Path, "pm-trace-only", "--json");
        Assert.Equal(1, run.ExitCode);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        Assert.Equal(1, document.RootElement.GetProperty("schema").GetInt32());
        JsonElement[] files = [.. document.RootElement.GetProperty("files").EnumerateArray()];
        Assert.Equal(2, files.Length);
        Assert.Equal("-EINVAL", files[0].GetProperty("verdict").GetString());
        JsonElement finding = files[0].GetProperty("findings")[0];
        Assert.Equal("error", finding.GetProperty("severity").GetString());
        Assert.Equal(0x730, finding.GetProperty("offset").GetInt32());
        Assert.Equal("entry 0 vring[0].num", finding.GetProperty("field").GetString());
        Assert.Equal(0, finding.GetProperty("value").GetInt32());
        Assert.Equal("-EINVAL", finding.GetProperty("errno").GetString());
        foreach (string member in (string[])["rule", "explanation", "detail", "remedy", "kernel"])
            Assert.Equal(JsonValueKind.String, finding.GetProperty(member).ValueKind);
        Assert.Equal(JsonValueKind.Null, files[1].GetProperty("verdict").ValueKind);
        Assert.Equal(0, files[1].GetProperty("findings").GetArrayLength());
    }

    [Fact]
    public void An_image_cut_anywhere_is_a_finding_or_no_ELF_file()
    {
        byte[] whole = SampleImages.All[0].Read();
        for (int length = 0; length < whole.Length; length += 97)
        {
            using TemporaryFile file = new("cut.elf", whole[..length]);
            int exitCode = RprocRun.InProcess("table", "check", file.Path).ExitCode;
            Assert.Equal(length < 52 ? 3 : 1, exitCode);
        }
    }

    [Fact]
    public void The_worst_image_decides_the_exit_code_and_the_others_are_checked_all_the_same()
    {
        using TemporaryFile raw = new("raw.bin", new byte[100]);
        RprocRun run = RprocRun.InProcess("table", "check", raw.Path, "empty-table", "pm-trace-only");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("pm-trace-only.elf: clean; the kernel boots it", run.Lines[^1]);
    }

    [Fact]
    public void Files_that_cannot_be_had_are_usage_and_empty_or_huge_ones_are_bad_input()
    {
        using TemporaryFile empty = new("empty.elf", []);
        using TemporaryFile huge = new("huge.elf", []);
        using (FileStream stream = File.OpenWrite(huge.Path)) stream.SetLength(3L << 30); // sparse: takes no room
        Assert.Equal(2, RprocRun.InProcess("table", "check", "/nowhere/at-all.elf").ExitCode);
        Assert.Equal(2, RprocRun.InProcess("table", "check", Path.GetDirectoryName(empty.Path)!).ExitCode);
        Assert.Equal(3, RprocRun.InProcess("table", "check", empty.Path).ExitCode);
        RprocRun run = RprocRun.InProcess("table", "check", huge.Path);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("3221225472 bytes are too many", run.Error, StringComparison.Ordinal);
    }

    /// <summary>rpmsg-echo with another num in its first ring: table at 0x6f4, payload at 0x1c, rings at 24, num at 8.</summary>
    private static byte[] WithVringNum(uint num)
    {
        byte[] bytes = SampleImages.All[0].Read();
        Assert.Equal(16u, BitConverter.ToUInt32(bytes, 0x730));
        _ = BitConverter.TryWriteBytes(bytes.AsSpan(0x730), num);
        return bytes;
    }
}
