using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Samples;

/// <summary>Boot, traffic and unload in three orders of events; each seed gives the same run every time.</summary>
internal static class Seeds
{
    internal static void Run()
    {
        for (ulong seed = 1; seed <= 3; seed++)
        {
            TraceHash first = RunOnce(seed);
            TraceHash second = RunOnce(seed);
            Console.WriteLine($"seed {seed}: {first.Count} events, hash {first.Value:x16}, again {second.Value:x16}");
        }
    }

    private static TraceHash RunOnce(ulong seed)
    {
        TraceHash trace = new();
        MachineOptions options = new() { Choices = new SeededChoices(seed), Trace = trace };
        using Machine machine = new(options,
            new ProcessorOptions { Image = SampleImages.Find("rpmsg-echo")!.Read(), Program = new EchoProgram() });
        machine.Run(async () =>
        {
            foreach (string module in (string[])["rpmsg_client_sample", "virtio_rpmsg_bus", "emu_rproc"])
                if (await machine.ModprobeAsync(module) != Errno.Ok) throw new InvalidOperationException(module);
            await machine.Scheduler.DelayAsync(10_000_000);
            if (await machine.UnloadAllAsync() != Errno.Ok) throw new InvalidOperationException("a module stays");
        });
        return trace;
    }
}
