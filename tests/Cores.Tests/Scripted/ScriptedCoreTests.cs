using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using Xunit;

namespace RemoteprocEmu.Cores.Tests.Scripted;

public sealed class ScriptedCoreTests
{
    private static readonly DeviceAddress Scratch = new(TestBoard.Base + 0x2000);
    private static readonly DeviceAddress Nowhere = new(0x4000_0000);

    [Fact]
    public void Each_command_in_each_state_does_what_the_table_says()
    {
        List<string> rows = [];
        foreach (ScriptedCoreState from in Enum.GetValues<ScriptedCoreState>())
        {
            foreach (string command in (string[])["start", "stop", "attach", "detach", "alone"])
            {
                VirtualScheduler scheduler = new();
                using TestBoard board = new(scheduler, new IdleProgram());
                scheduler.Run(async () =>
                {
                    if (from == ScriptedCoreState.Running) _ = await board.Core.StartAsync(board.Start);
                    if (from == ScriptedCoreState.RunningAlone) _ = board.Core.StartAlone(board.Start);
                    Errno errno = command switch
                    {
                        "start" => await board.Core.StartAsync(board.Start),
                        "stop" => await board.Core.StopAsync(),
                        "attach" => await board.Core.AttachAsync(board.Start),
                        "detach" => await board.Core.DetachAsync(),
                        _ => board.Core.StartAlone(board.Start),
                    };
                    rows.Add($"{from} {command} {errno} {board.Core.State}");
                });
            }
        }

        Assert.Equal(
        [
            "InReset start Ok Running", "InReset stop Ok InReset", "InReset attach EINVAL InReset", "InReset detach EINVAL InReset",
            "InReset alone Ok RunningAlone",
            "RunningAlone start EBUSY RunningAlone", "RunningAlone stop Ok InReset", "RunningAlone attach Ok Running",
            "RunningAlone detach EINVAL RunningAlone", "RunningAlone alone EBUSY RunningAlone",
            "Running start EBUSY Running", "Running stop Ok InReset", "Running attach EBUSY Running",
            "Running detach Ok RunningAlone", "Running alone EBUSY Running",
        ], rows);
    }

    [Fact]
    public void Start_returns_before_the_first_instruction()
    {
        VirtualScheduler scheduler = new();
        bool ran = false, ranAtReturn = true;
        using TestBoard board = new(scheduler, new TestProgram(_ =>
        {
            ran = true;
            return ValueTask.CompletedTask;
        }));
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            ranAtReturn = ran;
            await scheduler.DelayAsync(1);
        });

        Assert.False(ranAtReturn);
        Assert.True(ran);
    }

    [Fact]
    public void Stop_before_the_first_instruction_lets_none_run()
    {
        VirtualScheduler scheduler = new();
        bool ran = false;
        using TestBoard board = new(scheduler, new TestProgram(_ =>
        {
            ran = true;
            return ValueTask.CompletedTask;
        }));
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            _ = await board.Core.StopAsync();
        });

        Assert.False(ran);
    }

    [Theory]
    [InlineData("parked on the doorbell")]
    [InlineData("in a delay")]
    [InlineData("between two steps")]
    [InlineData("ended")]
    [InlineData("crashed")]
    [InlineData("with a second thread")]
    public void Stop_ends_every_task_of_a_program_that_is(string doing)
    {
        VirtualScheduler scheduler = new();
        int steps = 0, stepsAtStop = -1, tasksAtStop = -1;
        using TestBoard board = new(scheduler, new TestProgram(async context =>
        {
            if (doing == "crashed") context.Crash(CoreFaultKind.Watchdog, "test");
            if (doing == "parked on the doorbell") _ = await context.WaitKickAsync();
            if (doing == "with a second thread") context.Spawn("second", () => StepForEver(context));
            if (doing is "between two steps" or "with a second thread") await StepForEver(context);
            if (doing == "in a delay") await context.DelayAsync(1_000_000_000);
        }));
        async ValueTask StepForEver(RemoteContext context)
        {
            while (true)
            {
                context.WriteU32(Scratch, (uint)++steps);
                await context.DelayAsync(1000);
            }
        }

        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            await scheduler.DelayAsync(10_500);
            Assert.Equal(Errno.Ok, await board.Core.StopAsync());
            stepsAtStop = steps;
            tasksAtStop = scheduler.LiveTasks.Count;
            await scheduler.DelayAsync(1_000_000);
            Assert.Equal(Errno.Ok, await board.Core.StopAsync());
        });

        Assert.Equal(stepsAtStop, steps);
        Assert.Equal(1, tasksAtStop); // the test itself
        Assert.Equal(doing is "between two steps" or "with a second thread", steps > 0);
    }

    [Fact]
    public void An_escaped_exception_is_a_fatal_error_of_the_firmware_and_not_ours()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new TestProgram(_ => throw new DivideByZeroException("oops")));
        List<int> lines = RunAndTakeCrashes(board);

        Assert.Equal([2], lines);
        Assert.Equal(CoreFaultKind.FatalError, board.Core.LastFault!.Kind);
        Assert.Equal("oops", board.Core.LastFault.Message);
        Assert.Equal(1, board.Core.Counters.Faults);
    }

    [Fact]
    public void An_access_to_nothing_is_an_mmu_fault()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new TestProgram(context =>
        {
            context.WriteU32(Nowhere, 1);
            return ValueTask.CompletedTask;
        }));

        Assert.Equal([0], RunAndTakeCrashes(board));
        Assert.Contains("0x40000000", board.Core.LastFault!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_ring_at_an_address_with_no_memory_is_an_mmu_fault()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new EchoProgram());
        board.SetRingAddress(0, 1, (uint)Nowhere.Value);
        board.SetStatus(0, 7);

        Assert.Equal([0], RunAndTakeCrashes(board));
    }

    [Fact]
    public void A_crash_of_one_thread_halts_the_others()
    {
        VirtualScheduler scheduler = new();
        int steps = 0;
        using TestBoard board = new(scheduler, new TestProgram(async context =>
        {
            context.Spawn("bad", async () =>
            {
                await context.DelayAsync(10_500);
                throw new InvalidOperationException("bad");
            });
            while (true)
            {
                steps++;
                await context.DelayAsync(1000);
            }
        }));

        Assert.Equal([2], RunAndTakeCrashes(board));
        Assert.Equal(11, steps);
    }

    [Fact]
    public void Our_own_contradictions_are_not_taken_for_the_firmwares()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new TestProgram(_ => throw new InvariantException("ours")));

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => RunAndTakeCrashes(board));
        _ = Assert.IsType<InvariantException>(thrown.InnerException);
        Assert.Null(board.Core.LastFault);
    }

    [Fact]
    public void A_kick_before_the_start_is_forgotten_and_one_for_no_line_rings_nothing()
    {
        VirtualScheduler scheduler = new();
        int wakes = 0;
        using TestBoard board = new(scheduler, new TestProgram(async context =>
        {
            while (true)
            {
                _ = await context.WaitKickAsync();
                wakes++;
            }
        }));
        scheduler.Run(async () =>
        {
            board.Core.Kick(0);
            _ = await board.Core.StartAsync(board.Start);
            await scheduler.DelayAsync(1000);
            Assert.Equal(0, wakes);
            board.Core.Kick(-1);
            board.Core.Kick(1024);
            await scheduler.DelayAsync(1000);
            Assert.Equal(0, wakes);
            board.Core.Kick(1023);
            await scheduler.DelayAsync(1000);
        });

        Assert.Equal(1, wakes);
        Assert.Equal(2, board.Core.Counters.KicksReceived);
    }

    [Fact]
    public void An_attached_core_goes_on_where_it_was_and_rings_whoever_is_attached()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new TestProgram(async context =>
        {
            while (true)
            {
                context.KickHost(5);
                await context.DelayAsync(1000);
            }
        }));
        Doorbell other = new(scheduler, "another host", 16);
        long first = 0;
        scheduler.Run(async () =>
        {
            Assert.Equal(Errno.Ok, board.Core.StartAlone(board.Start));
            await scheduler.DelayAsync(10_500);
            Assert.Equal(0, board.HostDoorbell.RingCount);
            Assert.Equal(Errno.Ok, await board.Core.AttachAsync(board.Start));
            await scheduler.DelayAsync(10_000);
            Assert.Equal(Errno.Ok, await board.Core.DetachAsync());
            first = board.HostDoorbell.RingCount;
            await scheduler.DelayAsync(10_000);
            Assert.Equal(Errno.Ok, await board.Core.AttachAsync(board.Start with { HostDoorbell = other }));
            await scheduler.DelayAsync(10_000);
        });

        Assert.Equal(10, first);
        Assert.Equal(10, board.HostDoorbell.RingCount);
        Assert.Equal(10, other.RingCount);
        Assert.Equal(1, board.Core.Counters.Starts);
        Assert.Equal(20, board.Core.Counters.KicksSent);
    }

    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void A_crashed_core_boots_itself_when_detached_from_if_it_is_of_that_kind(bool restartsItself, int starts)
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new CrashAfterProgram(0), restartsItself: restartsItself);
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            _ = await board.CrashLine.WaitAsync();
            Assert.Equal(Errno.Ok, await board.Core.DetachAsync());
            Assert.Equal(Errno.Ok, await board.Core.AttachAsync(board.Start));
            await scheduler.DelayAsync(1000);
            _ = await board.Core.StopAsync();
        });

        Assert.Equal(starts, board.Core.Counters.Starts);
        Assert.Equal(1, board.Core.Counters.Faults);
    }

    [Fact]
    public void The_first_instruction_sees_what_the_host_had_written_by_then()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new IdleProgram(), vdevs: 2);
        board.SetStatus(1, 3);
        board.SetFeatures(1, 1);
        board.SetRingAddress(0, 1, uint.MaxValue);
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            await scheduler.DelayAsync(1000);
            board.SetStatus(0, 7); // too late
        });

        Assert.Equal(2, board.Core.FirstInstruction.Count);
        VdevSnapshot first = board.Core.FirstInstruction[0], second = board.Core.FirstInstruction[1];
        Assert.Equal((0, 7u, (byte)0, 0u), (first.Index, first.Id, first.Status, first.DriverFeatures));
        Assert.Equal((1, 7u, (byte)3, 1u), (second.Index, second.Id, second.Status, second.DriverFeatures));
        Assert.True(first.Vring1.Address.IsAny);
        Assert.Equal(new DeviceAddress(TestBoard.RingAddress(1, 1)), second.Vring1.Address);
        Assert.Equal((16u, 16u, 3), (second.Vring1.QueueSize, second.Vring1.AlignBytes, second.Vring1.NotifyId));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("unmapped")]
    [InlineData("garbage")]
    public void A_core_whose_table_is_missing_or_broken_runs_without_vdevs(string table)
    {
        VirtualScheduler scheduler = new();
        RemoteTable? seen = null;
        using TestBoard board = new(scheduler, new TestProgram(context =>
        {
            seen = context.Table;
            context.Trace.WriteLine("goes nowhere");
            return ValueTask.CompletedTask;
        }));
        scheduler.Run(async () =>
        {
            board.Bytes(TestBoard.Base, 4).Fill(table == "garbage" ? (byte)0xff : (byte)1);
            _ = await board.Core.StartAsync(table switch
            {
                "none" => board.Start with { TableAddress = DeviceAddress.Any, TableLengthBytes = 0 },
                "unmapped" => board.Start with { TableAddress = Nowhere },
                _ => board.Start,
            });
            await scheduler.DelayAsync(1000);
        });

        Assert.Empty(seen!.Vdevs);
        Assert.Equal(table == "garbage" ? ResourceTableStatus.UnsupportedVersion : ResourceTableStatus.NoSection, seen.Status);
        Assert.Null(board.Core.LastFault);
    }

    [Fact]
    public void The_trace_buffer_keeps_the_first_text_and_its_last_nul()
    {
        VirtualScheduler scheduler = new();
        long dropped = 0;
        using TestBoard board = new(scheduler, new TestProgram(context =>
        {
            for (int i = 0; i < 40; i++) context.Trace.WriteLine($"line {i:d4}"); // 10 bytes each
            dropped = context.Trace.DroppedBytes;
            return ValueTask.CompletedTask;
        }));
        board.Bytes(TestBoard.TraceAddress + TestBoard.TraceBytes, 1)[0] = 0x55;
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            await scheduler.DelayAsync(1000);
        });

        Assert.Equal(TestBoard.TraceBytes - 1, board.TraceText.Length);
        Assert.StartsWith("line 0000\nline 0001\n", board.TraceText, StringComparison.Ordinal);
        Assert.Equal(400 - 255, dropped);
        Assert.Equal(0x55, board.Bytes(TestBoard.TraceAddress + TestBoard.TraceBytes, 1)[0]);
    }

    private static List<int> RunAndTakeCrashes(TestBoard board)
    {
        List<int> lines = [];
        board.Scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            _ = await board.CrashLine.WaitAsync(1_000_000_000);
            await board.Scheduler.DelayAsync(1_000_000);
            while (board.CrashLine.TryTake(out int line)) lines.Add(line);
            _ = await board.Core.StopAsync();
        });
        return lines;
    }
}
