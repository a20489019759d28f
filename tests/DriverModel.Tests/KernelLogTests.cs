using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using Xunit;

namespace RemoteprocEmu.DriverModel.Tests;

public class KernelLogTests
{
    private const long Second = 1_000_000_000;

    private readonly VirtualScheduler _scheduler = new();
    private readonly Kernel _kernel;
    private readonly TestDevice _device;

    public KernelLogTests()
    {
        _kernel = new Kernel(_scheduler);
        _device = new TestDevice(_kernel, "remoteproc0", []);
    }

    private IEnumerable<string> Lines => _kernel.Log.Lines.Select(line => line.ToString());

    [Theory]
    [InlineData(0, "[    0.000000] text")]
    [InlineData(1_234_567_899, "[    1.234567] text")]
    [InlineData(99_999 * Second, "[99999.000000] text")]
    [InlineData(1_234_567 * Second + 1_000, "[1234567.000001] text")]
    public void A_line_looks_as_dmesg_shows_it(long timeNs, string expected) =>
        Assert.Equal(expected, new LogLine(timeNs, LogLevel.Info, "text").ToString());

    [Fact]
    public void A_line_carries_its_time_its_level_and_its_device() => _scheduler.Run(async () =>
    {
        List<LogLine> seen = [];
        _kernel.Log.LineWritten += seen.Add;
        _kernel.Log.Info(_device, "powering up echo");
        await _scheduler.DelayAsync(1_500_000);
        _kernel.Log.Warning(_device, "unsupported resource 5");
        _kernel.Log.Error(_device, "Boot failed: -22");
        _kernel.Log.Write(LogLevel.Debug, "plain");
        Assert.Equal(
        [
            "[    0.000000] testclass remoteproc0: powering up echo",
            "[    0.001500] testclass remoteproc0: unsupported resource 5",
            "[    0.001500] testclass remoteproc0: Boot failed: -22",
            "[    0.001500] plain",
        ], Lines);
        Assert.Equal([LogLevel.Info, LogLevel.Warning, LogLevel.Error, LogLevel.Debug], seen.Select(line => line.Level));
        Assert.Equal(_kernel.Log.Lines, seen);
    });

    [Fact]
    public void A_rate_limited_line_is_written_ten_times_in_five_seconds_and_the_rest_is_counted() => _scheduler.Run(async () =>
    {
        for (int i = 0; i < 13; i++) _kernel.Log.WarningRateLimited(_device, "rpmsg_recv_single", $"dropped {i}");
        Assert.Equal(10, _kernel.Log.Lines.Count);
        Assert.Equal("[    0.000000] testclass remoteproc0: dropped 9", Lines.Last());

        _kernel.Log.WarningRateLimited(_device, "another site", "has its own count");
        await _scheduler.DelayAsync(5 * Second); // the interval is over after it, not with it
        _kernel.Log.WarningRateLimited(_device, "rpmsg_recv_single", "still too early");
        Assert.Equal(11, _kernel.Log.Lines.Count);
        await _scheduler.DelayAsync(1);
        _kernel.Log.WarningRateLimited(_device, "rpmsg_recv_single", "again");
        Assert.Equal(
            ["[    5.000000] rpmsg_recv_single: 4 callbacks suppressed", "[    5.000000] testclass remoteproc0: again"], Lines.Skip(11));
    });

    [Fact]
    public void The_log_keeps_the_newest_lines_and_counts_the_others()
    {
        for (int i = 0; i < KernelLog.LineCountMax + 3; i++) _kernel.Log.Write(LogLevel.Info, $"{i}");
        Assert.Equal(KernelLog.LineCountMax, _kernel.Log.Lines.Count);
        Assert.Equal("3", _kernel.Log.Lines[0].Text);
        Assert.Equal(3, _kernel.Log.DroppedCount);
    }

    [Fact]
    public void A_line_that_nobody_wants_is_not_even_put_together()
    {
        int madeCount = 0;
        string Make() => $"{++madeCount}";
        _kernel.Log.KeepsLines = false;
        _kernel.Log.Info(_device, $"{Make()} and 0x{madeCount:x}");
        _kernel.Log.Write(LogLevel.Info, $"{Make()}");
        _kernel.Log.Warning(_device, "as it is");
        Assert.Equal((0, 0), (madeCount, _kernel.Log.Lines.Count));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) _kernel.Log.Error(_device, $"{_device} {i} {i:x8}");
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        List<string> heard = [];
        _kernel.Log.LineWritten += line => heard.Add(line.Text);
        _kernel.Log.Info(_device, $"{Make()} and 0x{15:x}");
        Assert.Equal(["testclass remoteproc0: 1 and 0xf"], heard);
        Assert.Empty(_kernel.Log.Lines);
        _kernel.Log.KeepsLines = true;
        _kernel.Log.Warning(_device, $"{Make()} and {3,4}");
        _kernel.Log.Error(_device, "as it is");
        Assert.Equal(["testclass remoteproc0: 2 and    3", "testclass remoteproc0: as it is"], _kernel.Log.Lines.Select(line => line.Text));
    }

    [Fact]
    public void Every_line_is_an_event_of_the_run()
    {
        TraceHash hash = new();
        Kernel kernel = new(new VirtualScheduler(trace: hash));
        kernel.Log.Write(LogLevel.Info, "text");
        Assert.Equal(1, hash.Count);
    }
}
