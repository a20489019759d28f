using System;
using System.Text;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.DriverModel.Nodes;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Drivers;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Samples;

/// <summary>What a program does with /dev/rpmsg_ctrl0: an endpoint that talks to the firmware's at 0x400.</summary>
internal static class DeviceNodes
{
    internal static void Run()
    {
        using Machine machine = new(new MachineOptions(),
            new ProcessorOptions { Image = SampleImages.Find("rpmsg-echo")!.Read(), Program = new EchoProgram() });
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("virtio_rpmsg_bus"));
            Must(await machine.ModprobeAsync("rpmsg_ctrl")); // and with it rpmsg_char
            Must(await machine.ModprobeAsync("emu_rproc"));
            while (machine.Kernel.Nodes.Find("/dev/rpmsg_ctrl0") is null) await machine.Scheduler.DelayAsync(1_000_000);
            await machine.Scheduler.DelayAsync(10_000_000); // the firmware announces itself

            (_, DeviceFile? ctrl) = await machine.Kernel.Nodes.OpenAsync("/dev/rpmsg_ctrl0", OpenFlags.ReadWrite);
            RpmsgEndpointInfo info = new("my-endpoint", RpmsgAddress.Any, new RpmsgAddress(0x400));
            Must(await ctrl!.IoctlAsync(RpmsgIoctl.CreateEndpoint, info.ToArray()));

            (_, DeviceFile? file) = await machine.Kernel.Nodes.OpenAsync("/dev/rpmsg0", OpenFlags.ReadWrite);
            IoResult written = await file!.WriteAsync("hello"u8.ToArray());
            byte[] answer = new byte[496];
            IoResult read = await file.ReadAsync(answer);
            Console.WriteLine($"write: {written}, read: {read}: {Encoding.ASCII.GetString(answer, 0, read.LengthBytes)}");

            Must(await file.IoctlAsync(RpmsgIoctl.DestroyEndpoint));
            Console.WriteLine($"read after RPMSG_DESTROY_EPT_IOCTL: {await file.ReadAsync(answer)}");
            Must(await file.CloseAsync());
            Must(await ctrl.CloseAsync());
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
