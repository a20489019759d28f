using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform.Doorbells;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Virtio.Ring;
using Xunit;

namespace RemoteprocEmu.Cores.Tests.Programs;

public sealed class ProgramTests
{
    [Fact]
    public void Ping_sends_its_messages_to_a_host_that_echoes_and_verifies_each_over_a_reset_too()
    {
        VirtualScheduler scheduler = new();
        PingProgram program = new(messages: 200, payloadBytes: 40);
        using TestBoard board = new(scheduler, program);
        List<string> announcements = [];
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            foreach (int answers in (int[])[100, int.MaxValue])
            {
                board.Drivers[0].Probe();
                announcements.Add((await board.Drivers[0].ReceiveAsync())!.Value.Announcement);
                Assert.True(board.Drivers[0].TrySend(1100, 1024, [])); // here I am
                for (int i = 0; i < answers && await board.Drivers[0].ReceiveAsync() is { } ping; i++)
                    Assert.True(board.Drivers[0].TrySend(ping.Destination.Value, ping.Source.Value, ping.Payload));
            }

            _ = await board.Core.StopAsync();
        });

        Assert.Equal(["create rpmsg-ping@1024", "create rpmsg-ping@1024"], announcements);
        Assert.Equal(200, program.VerifiedCount);
        Assert.Equal(0, program.MismatchCount);
        Assert.InRange(program.SentCount, 200, 208); // those on their way at the reset were sent again
    }

    [Fact]
    public void Ping_notices_an_answer_that_was_altered()
    {
        VirtualScheduler scheduler = new();
        PingProgram program = new(messages: 8);
        using TestBoard board = new(scheduler, program);
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            board.Drivers[0].Probe();
            _ = await board.Drivers[0].ReceiveAsync();
            _ = board.Drivers[0].TrySend(1100, 1024, []);
            for (int i = 0; await board.Drivers[0].ReceiveAsync() is { } ping; i++)
            {
                if (i == 3) ping.Payload[^1] ^= 1;
                _ = board.Drivers[0].TrySend(1100, 1024, ping.Payload);
            }
        });

        Assert.Equal(7, program.VerifiedCount);
        Assert.Equal(1, program.MismatchCount);
    }

    [Fact]
    public void Name_service_storm_creates_and_destroys_as_its_seed_says_and_leaves_what_is_left()
    {
        NameServiceStormProgram program = new(seed: 7, operations: 500);
        List<string> first = RunStorm(new VirtualScheduler(), program);
        List<string> again = RunStorm(new VirtualScheduler(), new NameServiceStormProgram(seed: 7, operations: 500));
        List<string> other = RunStorm(new VirtualScheduler(), new NameServiceStormProgram(seed: 8, operations: 500));

        Assert.Equal(500, first.Count);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
        Assert.Equal(program.CreatedCount, first.Count(static line => line.StartsWith("create ", StringComparison.Ordinal)));
        Assert.Equal(program.DestroyedCount, first.Count(static line => line.StartsWith("destroy ", StringComparison.Ordinal)));
        HashSet<string> alive = [];
        foreach (string line in first)
        {
            string channel = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            Assert.True(line.StartsWith("create ", StringComparison.Ordinal) ? alive.Add(channel) : alive.Remove(channel), line);
        }

        Assert.Equal(program.CreatedCount - program.DestroyedCount, alive.Count);
    }

    [Fact]
    public void Name_service_storm_never_waits_for_a_kick_that_does_not_come()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            VirtualScheduler scheduler = new(new SeededChoices(seed));
            Assert.Equal(50, RunStorm(scheduler, new NameServiceStormProgram(seed, operations: 50)).Count);
        }

        using ThreadedScheduler threads = new();
        Assert.Equal(20_000, RunStorm(threads, new NameServiceStormProgram(seed: 1, operations: 20_000)).Count);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 3)]
    public void Crash_after_answers_its_messages_and_crashes_once_or_each_time(bool once, int crashes)
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new CrashAfterProgram(10, once, CoreFaultKind.Watchdog));
        List<int> echoed = [];
        int rings = 0;
        scheduler.Run(async () =>
        {
            for (int run = 0; run < 3; run++)
            {
                board.SetStatus(0, 0);
                _ = await board.Core.StartAsync(board.Start);
                board.Drivers[0].Probe();
                _ = await board.Drivers[0].ReceiveAsync();
                echoed.Add(await board.Drivers[0].ExchangeAsync(1024, 50));
                while (board.CrashLine.TryTake(out int line)) rings += line == 1 ? 1 : 100;
                _ = await board.Core.StopAsync();
            }
        });

        Assert.Equal(once ? [10, 50, 50] : [10, 10, 10], echoed);
        Assert.Equal(crashes, rings);
        Assert.Equal(crashes, board.Core.Counters.Faults);
    }

    [Fact]
    public void Silent_announces_itself_to_each_driver_and_takes_nothing()
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new SilentProgram(), queueSize: 4);
        List<string> announcements = [];
        int sent = 0;
        HostMessage? answer = null;
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            for (int driver = 0; driver < 2; driver++)
            {
                board.Drivers[0].Probe();
                announcements.Add((await board.Drivers[0].ReceiveAsync())!.Value.Announcement);
                while (board.Drivers[0].TrySend(1100, 1024, [1])) sent++;
                answer ??= await board.Drivers[0].ReceiveAsync();
                sent += board.Drivers[0].TrySend(1100, 1024, [1]) ? 1 : 0;
            }
        });

        Assert.Equal(["create rpmsg-client-sample@1024", "create rpmsg-client-sample@1024"], announcements);
        Assert.Equal(8, sent);
        Assert.Null(answer);
        Assert.Equal(0, board.Core.GetVdevCounters(0).Received);
    }

    [Theory]
    [InlineData(true, 100)]
    [InlineData(false, 0)]
    public void Early_reader_works_only_where_its_rings_were_published_before_the_start(bool publishedBefore, int echoes)
    {
        VirtualScheduler scheduler = new();
        using TestBoard board = new(scheduler, new EarlyReaderProgram());
        int echoed = 0;
        if (!publishedBefore)
        {
            board.SetRingAddress(0, 0, uint.MaxValue);
            board.SetRingAddress(0, 1, uint.MaxValue);
        }

        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            await scheduler.DelayAsync(1_000_000);
            board.SetRingAddress(0, 0, TestBoard.RingAddress(0, 0));
            board.SetRingAddress(0, 1, TestBoard.RingAddress(0, 1));
            board.Drivers[0].Probe();
            if (await board.Drivers[0].ReceiveAsync() is not null) echoed = await board.Drivers[0].ExchangeAsync(1024, 100);
            _ = await board.Core.StopAsync();
        });

        Assert.Equal(echoes, echoed);
        Assert.Equal(!publishedBefore, board.Core.FirstInstruction[0].Vring1.Address.IsAny);
        Assert.StartsWith(publishedBefore ? "vdev 0: status 0, da 0x10010000 0x10014000\n" : "vdev 0: status 0, da ANY ANY\n",
            board.TraceText, StringComparison.Ordinal);
        Assert.Null(board.Core.LastFault);
    }

    [Theory]
    [InlineData(Misdeed.UsedIdOutOfRange, RingStatus.IdOutOfRange)]
    [InlineData(Misdeed.UsedLengthLie, RingStatus.Ok)]
    [InlineData(Misdeed.HeaderLengthLie, RingStatus.Ok)]
    [InlineData(Misdeed.IndexJump, RingStatus.IndexTooFarAhead)]
    [InlineData(Misdeed.NameServiceMalformed, RingStatus.Ok)]
    public void Hostile_breaks_the_protocol_on_its_vdev_alone_and_again_after_a_reset(Misdeed misdeed, RingStatus fault)
    {
        VirtualScheduler scheduler = new();
        HostileProgram program = new(misdeed);
        using TestBoard board = new(scheduler, program, vdevs: 2);
        int echoed = 0;
        List<HostMessage> lies = [];
        List<RingStatus> faults = [];
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            board.Drivers[1].Probe();
            _ = await board.Drivers[1].ReceiveAsync();
            for (int driver = 0; driver < 2; driver++)
            {
                board.Drivers[0].Probe();
                while (await board.Drivers[0].ReceiveAsync(1_000_000) is { } message) lies.Add(message);
                faults.Add(board.Drivers[0].Fault);
                echoed += await board.Drivers[1].ExchangeAsync(1025, 50);
            }
        });

        Assert.Equal([fault, fault], faults);
        Assert.Equal(2, program.MisdeedCount);
        Assert.Equal(100, echoed);
        HostMessage last = misdeed == Misdeed.IndexJump ? default : lies[^1];
        Assert.Equal(misdeed == Misdeed.UsedLengthLie, last.UsedLengthBytes == uint.MaxValue);
        Assert.Equal(misdeed == Misdeed.HeaderLengthLie, last.HeaderLengthBytes == 600);
        Assert.Equal(misdeed == Misdeed.NameServiceMalformed, last.HeaderLengthBytes == 39);
        int announced = lies.Count(static message => message.Announcement.Length > 0 && message.UsedLengthBytes == 56);
        Assert.Equal(misdeed == Misdeed.IndexJump ? 0 : 2, announced);
    }

    [Theory]
    [InlineData(0x192, true)]
    [InlineData(0xFFFF, true)]
    [InlineData(0x190, false)]
    public void Wkup_m3_says_its_version_and_answers_its_mailbox(int version, bool answers)
    {
        VirtualScheduler scheduler = new();
        Doorbell transmitEvent = new(scheduler, "txev", 2), mailbox = new(scheduler, "mailbox", 1);
        DeviceAddress registers = new(TestBoard.Base + 0x3000);
        WkupM3Program program = new(transmitEvent, mailbox, registers) { Version = (ushort)version, Answers = answers };
        using TestBoard board = new(scheduler, program, vdevs: 0);
        bool hello = false, answered = false;
        Span<byte> Register() => board.Bytes((uint)registers.Value + 8, 4);
        BinaryPrimitives.WriteUInt32LittleEndian(Register(), 0xABCD_0000);
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            hello = await transmitEvent.WaitAsync(1_000_000) && transmitEvent.TryTake(out _);
            _ = mailbox.Ring(0);
            answered = await transmitEvent.WaitAsync(500_000_000);
            _ = await board.Core.StopAsync();
        });

        Assert.True(hello);
        Assert.Equal(0xABCD_0000u | (uint)version, BinaryPrimitives.ReadUInt32LittleEndian(Register()));
        Assert.Equal(answers, answered);
        Assert.Equal(1, program.CommandCount);
    }

    [Fact]
    public void Every_program_of_the_registry_boots_under_its_own_name_on_a_table_with_nothing_in_it()
    {
        foreach (RemoteProgramEntry entry in RemotePrograms.All)
        {
            VirtualScheduler scheduler = new();
            RemoteProgram? program = RemotePrograms.Create(entry.Name);
            using TestBoard board = new(scheduler, program!, vdevs: 0);
            scheduler.Run(async () =>
            {
                _ = await board.Core.StartAsync(board.Start);
                await scheduler.DelayAsync(1_000_000_000);
                _ = await board.Core.StopAsync();
            });

            Assert.Equal(entry.Name, program!.Name);
            Assert.Null(board.Core.LastFault);
        }

        Assert.Null(RemotePrograms.Create("no-such-program"));
    }

    private static List<string> RunStorm(Scheduler scheduler, NameServiceStormProgram storm)
    {
        using TestBoard board = new(scheduler, storm, queueSize: 4);
        List<string> heard = [];
        scheduler.Run(async () =>
        {
            _ = await board.Core.StartAsync(board.Start);
            board.Drivers[0].Probe();
            while (await board.Drivers[0].ReceiveAsync() is { } message) heard.Add(message.Announcement);
            _ = await board.Core.StopAsync();
        });
        return heard;
    }
}
