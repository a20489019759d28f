using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Interfaces;

namespace RemoteprocEmu.Samples;

/// <summary>Boots <see cref="ShoutProgram"/> in the place of an image's own code, and talks to it.</summary>
internal static class ShoutMachine
{
    internal static void Run()
    {
        byte[] image = SampleImages.Find("rpmsg-echo")!.Read(); // says what memory and which vdevs there are
        using Machine machine = new(new MachineOptions(), new ProcessorOptions { Image = image, Program = new ShoutProgram() });
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Must(await machine.ModprobeAsync("emu_rproc"));

            Completion answered = new(machine.Scheduler, "answered");
            ShoutDriver driver = new(answered);
            Must(await machine.RpmsgCore.Bus.RegisterDriverAsync(driver));
            if (!await answered.WaitAsync(timeoutNs: 5_000_000_000)) throw new TimeoutException("the remote does not answer");

            Console.Write(new RprocDebugfs(machine.Processors[0].Rproc!).Read("trace0"));
            await machine.RpmsgCore.Bus.UnregisterDriverAsync(driver);
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
