using System;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Samples;

/// <summary>The firmware's terminal, /dev/ttyRPMSG0, as a pipe.</summary>
internal static class TtyPipe
{
    internal static void Run()
    {
        RemoteProgram program = RemotePrograms.Create("tty-echo", new RemoteProgramOptions())!;
        using Machine machine = new(new MachineOptions(),
            new ProcessorOptions { Image = SampleImages.Find("rpmsg-echo")!.Read(), Program = program });
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Must(await machine.ModprobeAsync("rpmsg_tty"));
            Must(await machine.ModprobeAsync("emu_rproc"));
            while (machine.Kernel.Nodes.Find("/dev/ttyRPMSG0") is null) await machine.Scheduler.DelayAsync(1_000_000);
            (_, DeviceFile? tty) = await machine.Kernel.Nodes.OpenAsync("/dev/ttyRPMSG0", OpenFlags.ReadWrite);
            await TalkAsync(tty!);
            Must(await tty!.CloseAsync());
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");
    }

    private static async ValueTask TalkAsync(DeviceFile tty)
    {
        PipeReader input = PipeReader.Create(new DeviceFileStream(tty));
        PipeWriter output = PipeWriter.Create(new DeviceFileStream(tty));
        _ = await output.WriteAsync("hello, terminal"u8.ToArray());
        ReadResult read = await input.ReadAtLeastAsync(15);
        Console.WriteLine($"the terminal says: {Encoding.ASCII.GetString(read.Buffer)}");
        input.AdvanceTo(read.Buffer.End);
    }

    private static void Must(Errno errno)
    {
        if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
    }
}
