using System;
using RemoteprocEmu.Board;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Remoteproc.Interfaces;
using RemoteprocEmu.Virtio.Net;

namespace RemoteprocEmu.Samples;

/// <summary>Two network vdevs of one image, joined by the host.</summary>
internal static class WireMachine
{
    internal static void Run()
    {
        byte[] image = SampleImages.Find("net-two")!.Read();
        using Machine machine = new(new MachineOptions(), new ProcessorOptions { Image = image, Program = new WireProgram() });
        machine.Run(async () =>
        {
            Must(await machine.ModprobeAsync("virtio_net"));
            Must(await machine.ModprobeAsync("emu_rproc"));
            await machine.Scheduler.DelayAsync(1_000_000_000); // virtual: no time at all
            NetBridge bridge = new();
            foreach (NetDevice device in machine.Net.Interfaces)
            {
                Must(bridge.Add(device)); // opens it, too
                Console.WriteLine($"{device.Name}: {device.Mac}, mtu {device.Mtu}, link {(device.HasCarrier ? "up" : "down")}");
            }

            await machine.Scheduler.DelayAsync(1_000_000_000);
            foreach (NetDevice device in machine.Net.Interfaces)
                Console.WriteLine($"{device.Name}: {device.Counters.RxPackets} in, {device.Counters.TxPackets} out");
            Console.Write(new RprocDebugfs(machine.Processors[0].Rproc!).Read("trace0"));
            Must(await machine.UnloadAllAsync());
        });
        foreach (string left in machine.WhatIsLeft()) Console.WriteLine($"left behind: {left}");

        static void Must(Errno errno)
        {
            if (errno != Errno.Ok) throw new InvalidOperationException(errno.Name());
        }
    }
}
