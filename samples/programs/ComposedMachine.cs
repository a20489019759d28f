using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Samples;

/// <summary>The machine of README.md: one processor that boots by itself, and a consumer that talks to it.</summary>
internal static class ComposedMachine
{
    internal static void Run()
    {
        byte[] image = SampleImages.Find("rpmsg-echo")!.Read(); // or your own: File.ReadAllBytes("firmware.elf")
        using Machine machine = new(new MachineOptions { ClientSampleCount = 3 },
            new ProcessorOptions { Image = image, Program = new EchoProgram() });
        machine.Kernel.Log.LineWritten += line => Console.WriteLine(line);
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("rpmsg_client_sample"));  // a driver for the channel, from the kernel's samples
            Must(await machine.ModprobeAsync("virtio_rpmsg_bus"));     // a driver for the vdev
            Must(await machine.ModprobeAsync("emu_rproc"));            // the processor's own driver: it boots from here
            await machine.Scheduler.DelayAsync(1_000_000_000);         // one second, virtual: no time at all
            Must(await machine.UnloadAllAsync());
        });
        Console.WriteLine($"left behind: {machine.WhatIsLeft().Count}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
