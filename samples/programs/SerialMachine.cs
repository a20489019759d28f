using System;
using System.Text;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Samples;

/// <summary>A serial port and a console to a remote processor, opened as a program of the host opens them.</summary>
internal static class SerialMachine
{
    internal static void Run()
    {
        byte[] image = SampleImages.Find("serial")!.Read();
        using Machine machine = new(new MachineOptions(), new ProcessorOptions { Image = image, Program = new EchoAllProgram() });
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("virtio_console"));
            Must(await machine.ModprobeAsync("emu_rproc"));
            await machine.Scheduler.DelayAsync(1_000_000_000); // virtual: no time at all
            foreach (string path in (string[])["/dev/vport0p0", "/dev/hvc0"])
            {
                (Errno errno, DeviceFile? file) = await machine.Kernel.Nodes.OpenAsync(path, OpenFlags.ReadWrite);
                Must(errno);
                _ = await file!.WriteAsync("AT+GMR\r"u8.ToArray());
                byte[] answer = new byte[100];
                IoResult read = await file.ReadAsync(answer);
                Console.WriteLine($"{path}: {Encoding.ASCII.GetString(answer, 0, read.LengthBytes).TrimEnd()}");

                Must(await machine.Processors[0].Rproc!.ShutdownAsync()); // the remote goes while the file is open
                Console.WriteLine($"{path}: read {await file.ReadAsync(answer)}, write {await file.WriteAsync(answer)}");
                Must(await file.CloseAsync());
                Must(await machine.Processors[0].Rproc!.BootAsync());
            }

            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
