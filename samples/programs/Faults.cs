using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Faults;

namespace RemoteprocEmu.Samples;

/// <summary>Lets every place of a boot fail in turn, and looks at what is left behind.</summary>
internal static class Faults
{
    internal static void Run()
    {
        byte[] image = SampleImages.Find("rpmsg-echo")!.Read();
        for (int n = 0; ; n++)
        {
            FailNth plan = new(n, Errno.ENOMEM);
            using Machine machine = new(new MachineOptions { Faults = plan },
                new ProcessorOptions { Image = image, Program = new EchoProgram() });
            machine.Run(async () =>
            {
                foreach (string module in (string[])["rpmsg_client_sample", "virtio_rpmsg_bus", "emu_rproc"])
                    _ = await machine.ModprobeAsync(module); // one of them, or the boot, fails
                await machine.Scheduler.DelayAsync(10_000_000);
                _ = await machine.UnloadAllAsync(); // WhatIsLeft tells
            });
            if (plan.FailedSite is null) break; // n is past the last place
            Console.WriteLine($"{n,3} {plan.FailedSite,-34} left behind: {machine.WhatIsLeft().Count}");
        }
    }
}
