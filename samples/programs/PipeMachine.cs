using System;
using System.IO;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Tasks;
using RemoteprocEmu.Board;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Rpmsg.Pipes;

namespace RemoteprocEmu.Samples;

/// <summary>Talks to <see cref="ShoutProgram"/> line by line, with what the base library has for text.</summary>
internal static class PipeMachine
{
    internal static void Run()
    {
        byte[] image = SampleImages.Find("rpmsg-echo")!.Read();
        using Machine machine = new(new MachineOptions(), new ProcessorOptions { Image = image, Program = new ShoutProgram() });
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Must(await machine.ModprobeAsync("emu_rproc"));
            Completion isBound = new(machine.Scheduler, "channel");
            PipeDriver driver = new(isBound);
            Must(await machine.RpmsgCore.Bus.RegisterDriverAsync(driver));
            if (!await isBound.WaitAsync(timeoutNs: 5_000_000_000)) throw new TimeoutException("the remote announces nothing");
            await TalkAsync(driver.Pipe!);
            await machine.RpmsgCore.Bus.UnregisterDriverAsync(driver);
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");
    }

    private static async ValueTask TalkAsync(RpmsgPipe pipe)
    {
        using StreamReader reader = new(pipe.Input.AsStream());
        foreach (string line in new[] { "one line", "and another", "a third, over two messages: " + new string('x', 500) })
        {
            _ = Encoding.ASCII.GetBytes(line + "\n", pipe.Output);
            FlushResult flushed = await pipe.Output.FlushAsync(); // waits while the ring is full
            if (flushed.IsCompleted) return;                      // the channel is gone
            Console.WriteLine($"the remote says: {await reader.ReadLineAsync()}");
        }

        Console.WriteLine($"copied on the way out: {pipe.CopiedBytes} bytes");
    }

    private static void Must(Errno errno)
    {
        if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
    }
}
