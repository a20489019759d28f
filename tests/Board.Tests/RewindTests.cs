using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Board.Tests;

/// <summary>A machine can be run again and again, and no run can tell whether the machine is new.</summary>
public sealed class RewindTests
{
    private const int SeedCount = 40;

    /// <summary>What runs on the core: sound, crashing, lying, chattering.</summary>
    public static TheoryData<string, string> Boards => new()
    {
        { "rpmsg-two-vdevs", "echo" }, { "rpmsg-two-vdevs", "crash-after" }, { "rpmsg-echo", "hostile" }, { "rpmsg-echo", "ns-storm" },
        { "rpmsg-net", "ping" }, { "net-eight", "idle" }, { "carveouts-fixed", "echo" }, { "lma-vma", "early-reader" },
    };

    [Theory]
    [MemberData(nameof(Boards))]
    public void A_rewound_machine_gives_the_trace_of_a_new_one(string image, string program)
    {
        Sink sink = new();
        using Machine reused = Make(image, program, sink, new SeededChoices(0));
        _ = Hash(reused, sink, new SeededChoices(0));
        HashSet<(ulong, long)> hashes = [];
        for (ulong seed = 1; seed <= SeedCount; seed++)
        {
            Sink freshSink = new();
            SeededChoices choices = new(seed), sameChoices = new(seed);
            using Machine fresh = Make(image, program, freshSink, choices);
            Assert.True(reused.TryRewind(sameChoices));
            (ulong, long) hash = Hash(fresh, freshSink, choices);
            Assert.Equal(hash, Hash(reused, sink, sameChoices));
            Assert.Equal(Say(fresh), Say(reused));
            _ = hashes.Add(hash);
        }

        Assert.True(hashes.Count > SeedCount / 2, "seeds make different runs: otherwise equal traces prove nothing");
    }

    [Fact]
    public void Memory_is_zero_again_but_for_what_a_boot_loader_left()
    {
        using Machine machine = Make("rpmsg-echo", "echo", new Sink(), FirstChoice.Instance);
        Scenario(machine, FirstChoice.Instance);
        machine.DmaBank.Free(machine.DmaBank.Allocate("memory that no core has looked at", 1 << 20)!);
        MemoryBank tcm = machine.Physical.Banks.First(bank => bank.Name.StartsWith("mcu", StringComparison.Ordinal));
        Assert.Equal(MemoryBank.Poison, machine.DmaBank.Slice(machine.DmaBank.FreedBlocks.First().Address, 1)[0]);
        Assert.True(tcm.Slice(tcm.Address, 16).ContainsAnyExcept((byte)0)); // a look at all of it would be a reason to clear all of it
        Assert.True(machine.TryRewind(null));
        Assert.False(Bytes(machine.DmaBank).ContainsAnyExcept((byte)0));
        Assert.False(Bytes(tcm).ContainsAnyExcept((byte)0));

        ProcessorOptions detached = new()
        {
            Image = Read("rpmsg-echo"),
            Program = new IdleProgram(),
            StartsDetached = true,
            AutoBoot = false,
        };
        using Machine early = new(new MachineOptions(), detached);
        MemoryBank loaded = early.Physical.Banks.First(bank => bank.Name.StartsWith("mcu", StringComparison.Ordinal));
        byte[] before = Bytes(loaded).ToArray();
        Assert.Contains(before, value => value != 0);
        early.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await early.ModprobeAsync("emu_rproc"));
            Bytes(loaded).Fill(0x55);
            Assert.Equal(Errno.Ok, await early.UnloadAllAsync());
        });
        Assert.True(early.TryRewind(null));
        Assert.Equal(before, Bytes(loaded).ToArray());
    }

    [Fact]
    public void Files_and_devices_are_those_of_the_first_run()
    {
        using Machine machine = Make("rpmsg-echo", "echo", new Sink(), FirstChoice.Instance);
        for (int run = 0; run < 3; run++)
        {
            machine.Run(async () =>
            {
                (Errno errno, ReadOnlyMemory<byte> file) = await machine.Kernel.Firmware.RequestAsync("fw.elf");
                Assert.Equal((Errno.Ok, Read("rpmsg-echo").Length), (errno, file.Length));
                Assert.Equal(Errno.ENOENT, (await machine.Kernel.Firmware.RequestAsync("other.elf")).Errno);
                Assert.Equal(["0.remoteproc"], machine.Kernel.Devices.Select(device => device.Name));
                Assert.True(machine.Kernel.Firmware.Remove("fw.elf"));
                machine.Kernel.Firmware.Provide("other.elf", new byte[1]);
                Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
            });
            Assert.True(machine.TryRewind(null));
        }
    }

    [Fact]
    public void A_machine_that_is_not_clean_is_not_rewound()
    {
        using Machine machine = Make("rpmsg-echo", "echo", new Sink(), FirstChoice.Instance);
        Assert.False(machine.TryRewind(null)); // nothing has run yet
        machine.Run(async () => Assert.Equal(Errno.Ok, await machine.ModprobeAsync("remoteproc")));
        Assert.False(machine.TryRewind(null));
        machine.Run(async () => Assert.Equal(Errno.Ok, await machine.UnloadAllAsync()));
        Assert.True(machine.TryRewind(null));
        _ = Assert.Throws<InvalidOperationException>(() => machine.Run(async () =>
        {
            Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
            throw new NotSupportedException("the run fails, although it leaves nothing");
        }));
        Assert.Empty(machine.WhatIsLeft());
        Assert.False(machine.TryRewind(null));
    }

    [Fact]
    public void A_machine_in_real_time_is_not_rewound()
    {
        using Machine machine = new(new MachineOptions { IsVirtual = false },
            new ProcessorOptions { Image = Read("rpmsg-echo"), Program = new EchoProgram() });
        machine.Run(async () => Assert.Equal(Errno.Ok, await machine.UnloadAllAsync()));
        Assert.False(machine.TryRewind(null));
    }

    private static byte[] Read(string image) => SampleImages.Find(image)!.Read();

    private static Span<byte> Bytes(MemoryBank bank) => bank.Slice(bank.Address, (int)bank.SizeBytes);

    private static Machine Make(string image, string program, Sink sink, IChoices choices)
    {
        RemoteProgram made = program switch
        {
            "crash-after" => new CrashAfterProgram(messages: 5),
            "hostile" => new HostileProgram(Misdeed.UsedLengthLie),
            "ns-storm" => new NameServiceStormProgram(7, 200),
            "ping" => new PingProgram(10),
            "idle" => new IdleProgram(),
            "early-reader" => new EarlyReaderProgram(),
            _ => new EchoProgram(),
        };
        return new Machine(new MachineOptions { Trace = sink, Choices = choices, ClientSampleCount = 10 },
            new ProcessorOptions { Image = Read(image), Program = made, FirmwareName = "fw.elf" });
    }

    private static (ulong Hash, long Count) Hash(Machine machine, Sink sink, IChoices choices)
    {
        sink.Hash = new TraceHash();
        Scenario(machine, choices);
        Assert.Empty(machine.WhatIsLeft());
        return (sink.Hash.Value, sink.Hash.Count);
    }

    /// <summary>Boot in some order of modules, traffic, a crash and its recovery, and everything away.</summary>
    private static void Scenario(Machine machine, IChoices choices) => machine.Run(async () =>
    {
        string[] modules = ["rpmsg_client_sample", "virtio_rpmsg_bus", "emu_rproc"];
        for (int i = 0; i < 2; i++)
        {
            int other = i + choices.Pick(modules.Length - i);
            (modules[i], modules[other]) = (modules[other], modules[i]);
        }

        foreach (string module in modules) Assert.Equal(Errno.Ok, await machine.ModprobeAsync(module));
        await machine.Scheduler.DelayAsync(60_000_000);
        machine.Processors[0].Rproc!.ReportCrash(RprocCrashType.Watchdog);
        await machine.Scheduler.DelayAsync(60_000_000);
        Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
    });

    /// <summary>Everything that a machine counts and keeps.</summary>
    private static string[] Say(Machine machine)
    {
        VirtualScheduler scheduler = (VirtualScheduler)machine.Scheduler;
        ScriptedCore core = (ScriptedCore)machine.Processors[0].Core;
        return
        [
            $"{scheduler.NowNs} {scheduler.SwitchCount} {scheduler.DecisionCount} {core.State} {core.Counters} {core.LastFault?.Message}",
            .. core.FirstInstruction.Select(snapshot => snapshot.ToString()),
            $"{core.GetVdevCounters(0)} {core.GetVdevCounters(1)}",
            .. machine.DmaBank.FreedBlocks.Select(block => block.ToString()),
            .. machine.Kernel.Log.Lines.Select(line => line.ToString()),
        ];
    }

    private sealed class Sink : ITraceSink
    {
        public TraceHash Hash { get; set; } = new();

        public void Emit(in TraceEvent traceEvent) => Hash.Emit(in traceEvent);
    }
}
