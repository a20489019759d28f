using System;
using System.IO;
using RemoteprocEmu.Cli.Commands;
using RemoteprocEmu.Cli.Output;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

/// <summary><c>rproc run --watch</c>.</summary>
public class WatchTests
{
    [Fact]
    public void It_shows_processor_rings_channels_and_log_and_then_the_report()
    {
        using StringWriter output = new() { NewLine = "\n" };
        using StringWriter error = new() { NewLine = "\n" };
        Terminal terminal = new(output, error, redraws: true);
        int exitCode = RprocCommandLine.Run(["run", "rpmsg-two-vdevs", "--messages", "20000", "--watch"], terminal);
        string text = output.ToString();
        Assert.Equal(0, exitCode);
        Assert.Empty(error.ToString());
        foreach (string part in new[]
        {
            "rpmsg-two-vdevs.elf", "remoteproc0 mcu", "running", "virtio0 input", "virtio1 output", "################ 16", "per second",
            "virtio0.rpmsg-client-sample.-1.1024", "of 20,000", "20000 to exchange", "\e[", "40,000 messages each way",
        })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--watch needs a terminal")]
    [InlineData("--watch shows real time", "--virtual")]
    [InlineData("--watch goes with none of --json, --log, --quiet", "--json")]
    public void What_it_cannot_do_is_said(string complaint, params string[] more)
    {
        RprocRun run = RprocRun.InProcess(["run", "rpmsg-echo", "--watch", .. more]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(complaint, run.Error, StringComparison.Ordinal);
    }
}
