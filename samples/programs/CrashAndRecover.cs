using System;
using System.IO;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Recovery;

namespace RemoteprocEmu.Samples;

/// <summary>A firmware that crashes after ten answers, the recovery, and the core dump as a file.</summary>
internal static class CrashAndRecover
{
    internal static void Run(string dumpPath)
    {
        byte[] image = SampleImages.Find("rpmsg-echo")!.Read();
        using Machine machine = new(new MachineOptions { ClientSampleCount = 12 },
            new ProcessorOptions { Image = image, Program = new CrashAfterProgram(messages: 10) });
        machine.Kernel.Log.LineWritten += line => Console.WriteLine(line);
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("rpmsg_client_sample"));
            Must(await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Must(await machine.ModprobeAsync("emu_rproc"));
            Rproc rproc = machine.Processors[0].Rproc!;
            rproc.Coredump.Configuration = CoredumpConfiguration.Enabled; // disabled by default, as since v5.10
            while (rproc.CrashCount == 0 || rproc.State != RprocState.Running) await machine.Scheduler.DelayAsync(1_000_000);

            File.WriteAllBytes(dumpPath, rproc.Coredump.Last.Span);
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
