using System.Collections.Generic;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Remoteproc;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Resources;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Bus;

namespace RemoteprocEmu.Cli.Run;

/// <summary>Takes down what a processor that is up has, before it is stopped.</summary>
internal static class RunObserver
{
    /// <summary>Fills in the report's rows.</summary>
    /// <param name="machine">The machine; its first processor is up.</param>
    /// <param name="exchanges">What was exchanged.</param>
    /// <param name="isVirtual">Whether time is virtual, so that there are no rates.</param>
    /// <param name="report">Written to.</param>
    public static void Observe(Machine machine, IReadOnlyList<VdevExchange> exchanges, bool isVirtual, RunReport report)
    {
        BoardProcessor processor = machine.Processors[0];
        Rproc rproc = processor.Rproc!;
        report.State = rproc.State.Word();
        report.Table = rproc.Table.HasTable ? rproc.Table.InEffect.ToArray() : [];
        report.CrashCount = rproc.CrashCount;
        report.CoreDump = rproc.Coredump.Last;
        foreach (RprocVdev vdev in rproc.Vdevs) ObserveVdev(vdev, (processor.Core as ScriptedCore)?.FirstInstruction ?? [], report);
        ObserveMemory(machine, rproc, report);
        foreach (AddressWindow window in processor.Memory.Windows.Windows)
            report.Windows.Add(new WindowRow(window.Name, window.DeviceAddress.Value, window.PhysicalAddress.Value, window.LengthBytes));
        foreach (TraceBuffer trace in rproc.Traces) report.Traces.Add((trace.Name, trace.Read()));
        ObserveChannels(machine.RpmsgCore.Bus, report);
        if (processor.Core is ScriptedCore core) ObserveTraffic(core, exchanges, isVirtual, report);
    }

    private static void ObserveVdev(RprocVdev vdev, IReadOnlyList<VdevSnapshot> firstInstruction, RunReport report)
    {
        VdevSnapshot? first = vdev.Index < firstInstruction.Count ? firstInstruction[vdev.Index] : null;
        foreach (RprocVring vring in vdev.Vrings)
        {
            DeviceAddress firstAddress = (vring.Index == 0 ? first?.Vring0.Address : first?.Vring1.Address) ?? DeviceAddress.Any;
            report.Rings.Add(new RingRow(vdev.Index, vring.Index, vring.Num, vring.AlignBytes, firstAddress.Value,
                vring.PublishedAddress.Value, vring.NotifyId, vring.Queue?.Name ?? ""));
        }

        if (vdev.VirtioDevice is { } device)
        {
            report.Vdevs.Add(new VdevRow(
                vdev.Index, vdev.DeviceId, device.Name, device.Driver?.Name ?? "", (byte)device.Status, device.Features));
        }
    }

    private static void ObserveMemory(Machine machine, Rproc rproc, RunReport report)
    {
        HashSet<string> carveouts = [];
        foreach (Carveout carveout in rproc.Carveouts.Items)
        {
            _ = carveouts.Add(carveout.Name); // names are unique, or the first stands for all
            string use = carveout.Name.StartsWith("vdev", System.StringComparison.Ordinal) ? "vring" : "carveout";
            report.Memory.Add(new MemoryRow(
                carveout.Name, carveout.DeviceAddress.Value, carveout.PhysicalAddress.Value, carveout.LengthBytes, use));
        }

        foreach (MemoryBlock block in machine.DmaBank.LiveBlocks)
        {
            if (!carveouts.Contains(block.Owner)) // the driver's message buffers: reached by their bus address
                report.Memory.Add(new MemoryRow(block.Owner, block.Address.Value, block.Address.Value, block.SizeBytes, "message buffers"));
        }

        foreach (AddressWindow window in rproc.Mappings.Items)
        {
            if (!carveouts.Contains(window.Name))
            {
                report.Memory.Add(new MemoryRow(
                    window.Name, window.DeviceAddress.Value, window.PhysicalAddress.Value, (long)window.LengthBytes, "devmem"));
            }
        }
    }

    private static void ObserveChannels(RpmsgBus bus, RunReport report)
    {
        foreach (Device device in bus.Devices)
        {
            if (device is not RpmsgDevice { DriverOverride: null } channel) continue; // not the bus's own services
            report.Channels.Add(new ChannelRow(
                channel.Name, channel.Id, channel.Source.Value, channel.Destination.Value, channel.Driver?.Name ?? ""));
        }
    }

    private static void ObserveTraffic(ScriptedCore core, IReadOnlyList<VdevExchange> exchanges, bool isVirtual, RunReport report)
    {
        CoreCounters counters = core.Counters;
        report.Kicks = (counters.KicksReceived, counters.KicksSent);
        foreach (VdevExchange exchange in exchanges)
        {
            VdevCounters vdev = core.GetVdevCounters(exchange.VdevIndex);
            MessageStream stream = exchange.Stream;
            long bad = stream.LostCount + stream.DuplicateCount + stream.DamagedCount;
            report.Traffic.Add(new TrafficRow(exchange.VdevIndex, vdev.Received, vdev.Sent, stream.VerifiedCount,
                stream.SentAgainCount, bad, isVirtual ? 0 : exchange.ActiveNs));
            if (bad == 0) continue;
            report.Findings.Add($"vdev {exchange.VdevIndex}: {stream.LostCount} messages lost, {stream.DuplicateCount} doubled, " +
                $"{stream.DamagedCount} altered");
        }
    }
}
