using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Board.Terminals;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Lifecycle;
using Xunit;

namespace RemoteprocEmu.Board.Tests.Terminals;

/// <summary>Programs talk to firmware through a pseudo-terminal. The program here is a thread with a blocking file.</summary>
public sealed class TtyBridgeTests
{
    [Fact]
    public void A_program_on_the_pseudo_terminal_talks_to_the_firmware_also_after_a_crash() => Run("rpmsg-echo", async (machine, bridge) =>
    {
        TtyBridgeLine line = Assert.Single(bridge.Lines);
        Assert.Equal("virtio0.rpmsg-tty.-1.1024", line.Channel);
        using FileStream program = Open(line.Path);
        Assert.Equal("hello", await ExchangeAsync(machine, program, "hello"));
        byte[] large = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)]; // CR, NL, ^C and ^S are bytes like others
        Assert.Equal(large, await ExchangeAsync(machine, program, large));

        machine.Processors[0].Rproc!.ReportCrash(RprocCrashType.Watchdog);
        await machine.Processors[0].Rproc!.Crash.FlushAsync();
        Assert.Equal(RprocState.Running, machine.Processors[0].Rproc!.State);
        Assert.Equal("the same path", await ExchangeAsync(machine, program, "the same path"));
        Assert.Single(bridge.Lines);
    }, connections: ["/dev/ttyRPMSG0", "/dev/ttyRPMSG0"]);

    [Fact]
    public void Each_channel_has_a_pseudo_terminal_of_its_own() => Run("rpmsg-two-vdevs", async (machine, bridge) =>
    {
        await UntilAsync(machine, () => bridge.Lines.Count == 2);
        using FileStream first = Open(bridge.Lines[0].Path);
        using FileStream second = Open(bridge.Lines[1].Path);
        Assert.Equal("to the second", await ExchangeAsync(machine, second, "to the second"));
        Assert.Equal("to the first", await ExchangeAsync(machine, first, "to the first"));
    }, connections: ["/dev/ttyRPMSG0", "/dev/ttyRPMSG1"]);

    [Fact]
    public void Firmware_that_speaks_while_nobody_reads_does_not_keep_the_module_loaded() => Run("rpmsg-echo", async (machine, bridge) =>
    {
        using FileStream program = Open(bridge.Lines[0].Path);
        Task typing = Task.Run(() => program.Write(new byte[100_000])); // it reads nothing of what comes back
        await machine.Scheduler.DelayAsync(200_000_000);
        Assert.False(typing.IsFaulted);
        await bridge.CloseAsync();
        Assert.Equal(Errno.Ok, await machine.RmmodAsync("rpmsg_tty"));
    }, connections: ["/dev/ttyRPMSG0"]);

    [Fact]
    public void In_virtual_time_there_is_no_terminal()
    {
        using Machine machine = new(new MachineOptions());
        _ = Assert.Throws<ArgumentException>(() => new TtyBridge(machine));
    }

    private static void Run(string image, Func<Machine, TtyBridge, ValueTask> test, string[] connections)
    {
        Machine machine = new(new MachineOptions { IsVirtual = false }, new ProcessorOptions
        {
            Image = SampleImages.Find(image)!.Read(),
            Program = RemotePrograms.Create(RemotePrograms.TtyEcho),
        });
        using TtyBridge bridge = new(machine);
        using (machine) // its threads end before what they use
        {
            List<string> connected = [];
            bridge.Connected += (tty, path) => connected.Add(tty);
            machine.Run(async () =>
            {
                Assert.Equal(Errno.Ok, await machine.ModprobeAsync("virtio_rpmsg_bus"));
                Assert.Equal(Errno.Ok, await machine.ModprobeAsync("rpmsg_tty"));
                Assert.Equal(Errno.Ok, await machine.ModprobeAsync("emu_rproc"));
                await UntilAsync(machine, () => connected.Count > 0);
                await test(machine, bridge);
                await bridge.CloseAsync();
                Assert.Equal(Errno.Ok, await machine.UnloadAllAsync());
            });
            Assert.Empty(machine.WhatIsLeft());
            Assert.Equal(connections, connected);
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);

    private static async ValueTask<string> ExchangeAsync(Machine machine, FileStream program, string text) =>
        Encoding.ASCII.GetString(await ExchangeAsync(machine, program, Encoding.ASCII.GetBytes(text)));

    private static async ValueTask<byte[]> ExchangeAsync(Machine machine, FileStream program, byte[] bytes)
    {
        byte[] answer = new byte[bytes.Length];
        Task typing = Task.Run(() => program.Write(bytes));
        Task reading = Task.Run(() => program.ReadExactly(answer));
        await UntilAsync(machine, () => typing.IsCompleted && reading.IsCompleted);
        await typing;
        await reading;
        return answer;
    }

    private static async ValueTask UntilAsync(Machine machine, Func<bool> condition)
    {
        for (int i = 0; i < 20_000 && !condition(); i++) await machine.Scheduler.DelayAsync(1_000_000);
        Assert.True(condition(), "it has not happened within 20 s");
    }
}
