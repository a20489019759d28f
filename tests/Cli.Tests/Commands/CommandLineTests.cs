using System;
using System.IO;
using RemoteprocEmu.Board;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("boot-it")]
    [InlineData("table")]
    [InlineData("table", "check")]
    [InlineData("table", "chek", "rpmsg-echo")]
    [InlineData("table", "dump", "rpmsg-echo", "rpmsg-net")]
    [InlineData("table", "dump", "rpmsg-echo", "--yaml")]
    [InlineData("samples", "--extract", "rpmsg-echo")]
    [InlineData("scenario")]
    [InlineData("scenario", "show")]
    [InlineData("merge")]
    [InlineData("replay")]
    [InlineData("samples", "--extract", "no-such-sample", "/tmp/x.elf")]
    public void A_wrong_command_line_is_usage_and_writes_nothing_to_the_output(params string[] arguments)
    {
        RprocRun run = RprocRun.InProcess(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.StartsWith("rproc: ", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("table", "--help")]
    [InlineData("table", "dump", "--help")]
    [InlineData("table", "check", "-h")]
    [InlineData("samples", "--help")]
    [InlineData("run", "--help")]
    [InlineData("scenario", "--help")]
    [InlineData("scenario", "list", "--help")]
    [InlineData("scenario", "show", "--help")]
    [InlineData("scenario", "run", "--help")]
    [InlineData("explore", "--help")]
    [InlineData("race", "--help")]
    [InlineData("merge", "--help")]
    [InlineData("replay", "--help")]
    [InlineData("serve", "vhost-user", "--help")]
    public void Help_teaches_by_example_within_100_columns(params string[] arguments)
    {
        RprocRun run = RprocRun.InProcess(arguments);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Examples:", run.Lines);
        foreach (string line in run.Lines) Assert.True(line.Length <= 100, line);
    }

    [Fact]
    public void Whatever_is_not_foreseen_is_an_internal_error_that_says_what_to_report()
    {
        using StringWriter error = new() { NewLine = "\n" };
        using BrokenWriter output = new();
        Assert.Equal(4, Cli.Commands.RprocCommandLine.Run(["samples"], new Output.Terminal(output, error)));
        Assert.StartsWith("rproc: internal error: broken\nagain: rproc samples\n", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Please report this text", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_version_is_that_of_the_build() => Assert.Matches(@"^\d+\.\d+\.\d+\n$", RprocRun.InProcess("--version").Output);

    [Fact]
    public void Samples_are_listed_by_name_and_come_out_byte_for_byte()
    {
        RprocRun list = RprocRun.InProcess("samples");
        Assert.Equal(0, list.ExitCode);
        Assert.Equal(SampleImages.All.Count, list.Lines.Length);
        foreach (SampleImage sample in SampleImages.All)
        {
            Assert.Contains(list.Lines, line => line.StartsWith(sample.Name + " ", StringComparison.Ordinal));
            using TemporaryFile file = new("out.elf", []);
            Assert.Equal(0, RprocRun.InProcess("samples", "--extract", sample.Name, file.Path).ExitCode);
            Assert.Equal(sample.Read(), File.ReadAllBytes(file.Path));
        }
    }

    /// <summary>Stands for a defect anywhere below.</summary>
    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new NotSupportedException("broken");
    }
}
