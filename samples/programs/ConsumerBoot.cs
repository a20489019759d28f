using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Platforms;

namespace RemoteprocEmu.Samples;

/// <summary>The AM335x pair: nobody boots the processor until its consumer does.</summary>
internal static class ConsumerBoot
{
    internal static void Run()
    {
        WkupM3Board pair = new();
        using Machine machine = new(new MachineOptions(), pair.Processor(SampleImages.Find("pm-trace-only")!.Read()));
        PlatformDevice node = pair.AddConsumer(machine);
        machine.Kernel.Log.LineWritten += line => Console.WriteLine(line);
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("wkup_m3_ipc"));   // too early: its probe is deferred
            Must(await machine.ModprobeAsync("wkup_m3_rproc")); // now it finds its processor, and boots it
            await machine.Scheduler.DelayAsync(1_000_000);

            WkupM3Ipc ipc = WkupM3IpcDriver.ConsumerOf(node)!;
            Console.WriteLine($"ping: {(await ipc.PingAsync()).Name()}, state {ipc.State}, version 0x{ipc.FirmwareVersion:x}");
            Console.WriteLine($"rmmod wkup_m3_rproc: {(await machine.RmmodAsync("wkup_m3_rproc")).Kernel()}"); // the handle holds it

            Must(await machine.RmmodAsync("wkup_m3_ipc"));
            Must(await machine.RmmodAsync("wkup_m3_rproc"));
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
