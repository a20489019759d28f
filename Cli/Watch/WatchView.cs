using System;
using System.Collections.Generic;
using System.Globalization;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.DriverModel.Devices;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Remoteproc.Lifecycle;
using RemoteprocEmu.Remoteproc.Vdevs;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.VirtioBackend;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace RemoteprocEmu.Cli.Watch;

/// <summary>The picture of <c>rproc run --watch</c>: processors, rings, channels, rates, and the end of the log.</summary>
/// <remarks>Looks at the machine on the host processor's task, where nothing of the host moves meanwhile: the picture is of one
/// moment.</remarks>
/// <param name="image">What runs.</param>
/// <param name="widthColumns">How wide the picture is.</param>
internal sealed class WatchView(string image, int widthColumns)
{
    private const int LogLines = 8;
    private const int BarColumns = 16;
    private const double NsPerSecond = 1e9;

    private readonly Queue<LogLine> _log = new();
    private readonly Dictionary<string, (long Passed, long TimeNs, double PerSecond)> _rates = new(StringComparer.Ordinal);

    /// <summary>Takes down a line of the log.</summary>
    public void Note(in LogLine line)
    {
        _log.Enqueue(line);
        if (_log.Count > LogLines) _ = _log.Dequeue();
    }

    /// <summary>Draws the machine as it is now.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="exchanges">What is exchanged, where something is.</param>
    public IRenderable Draw(Machine machine, IReadOnlyList<VdevExchange> exchanges)
    {
        long nowNs = machine.Scheduler.NowNs;
        Grid grid = new();
        _ = grid.AddColumn();
        string clock = string.Create(CultureInfo.InvariantCulture, $"{nowNs / NsPerSecond:F1} s");
        _ = grid.AddRow(new Markup($"[bold]{Markup.Escape(image)}[/]  {clock}  [grey]Ctrl-C stops the processor in order[/]"));
        _ = grid.AddRow(Processors(machine));
        _ = grid.AddRow(Rings(machine, nowNs));
        _ = grid.AddRow(Channels(machine.RpmsgCore.Bus, exchanges));
        _ = grid.AddRow(Log());
        return grid;
    }

    private static Table Processors(Machine machine)
    {
        Table table = NewTable("processor", "state", "users", "crashes", "kicks to it", "kicks from it");
        foreach (BoardProcessor processor in machine.Processors)
        {
            if (processor.Rproc is not { } rproc) continue;
            CoreCounters counters = (processor.Core as ScriptedCore)?.Counters ?? default;
            string colour = rproc.State switch
            {
                RprocState.Running or RprocState.Attached => "green",
                RprocState.Crashed => "red",
                _ => "yellow",
            };
            _ = table.AddRow($"{Markup.Escape(rproc.Name)} [grey]{Markup.Escape(rproc.RprocName)}[/]", $"[{colour}]{rproc.State.Word()}[/]",
                Number(rproc.Power), Number(rproc.CrashCount), Number(counters.KicksReceived), Number(counters.KicksSent));
        }

        return table;
    }

    /// <summary>One row a ring: how many of its buffers are in it, and how many messages pass a second.</summary>
    private Table Rings(Machine machine, long nowNs)
    {
        Table table = NewTable("ring", "buffers in the ring", "of", "held", "waiting", "messages", "per second");
        foreach (BoardProcessor processor in machine.Processors)
        {
            foreach (RprocVdev vdev in processor.Rproc?.Vdevs ?? [])
            {
                if (vdev.VirtioDevice is not { } device) continue;
                if (!VirtioRpmsgBusModule.TryCount(device, out BufferCensus receive, out BufferCensus send))
                {
                    _ = table.AddRow($"{device.Name} [grey]{device.Driver?.Name ?? "no driver"}[/]");
                    continue;
                }

                AddRing(table, receive, nowNs);
                AddRing(table, send, nowNs);
            }
        }

        return table;
    }

    private void AddRing(Table table, in BufferCensus census, long nowNs)
    {
        int full = census.Total == 0 ? 0 : (int)((long)census.InRing * BarColumns / census.Total);
        string bar = census.IsBroken ? "[red]broken[/]" : $"[green]{new string('#', full)}[/][grey]{new string('.', BarColumns - full)}[/]";
        _ = table.AddRow(census.Queue, $"{bar} {census.InRing}", Number(census.Total), Number(census.Held), Number(census.Waiting),
            Number(census.Passed), Number((long)Rate(census.Queue, census.Passed, nowNs)));
    }

    private double Rate(string queue, long passed, long nowNs)
    {
        (long before, long timeNs, double perSecond) = _rates.GetValueOrDefault(queue);
        if (nowNs <= timeNs) return perSecond;
        perSecond = passed < before ? 0 : (passed - before) * NsPerSecond / (nowNs - timeNs); // fewer: another driver counts anew
        _rates[queue] = (passed, nowNs, perSecond);
        return perSecond;
    }

    private static Table Channels(RpmsgBus bus, IReadOnlyList<VdevExchange> exchanges)
    {
        Table table = NewTable("channel", "from", "to", "driver", "verified");
        foreach (Device device in bus.Devices)
        {
            if (device is not RpmsgDevice { DriverOverride: null } channel) continue; // not the bus's own services
            string verified = "";
            foreach (VdevExchange exchange in exchanges)
            {
                if (exchange.Channel != channel) continue;
                verified = $"{Number(exchange.Stream.VerifiedCount)} of {Number(exchange.Stream.Target)}";
            }

            _ = table.AddRow(Markup.Escape(channel.Name), channel.Source.ToString(), channel.Destination.ToString(),
                Markup.Escape(channel.Driver?.Name ?? ""), verified);
        }

        return table;
    }

    private Rows Log()
    {
        List<IRenderable> lines = [];
        foreach (LogLine line in _log)
        {
            string colour = line.Level switch
            {
                LogLevel.Error => "red",
                LogLevel.Warning => "yellow",
                _ => "default",
            };
            string text = line.ToString();
            if (text.Length > widthColumns) text = text[..(widthColumns - 3)] + "..."; // one row each: the picture keeps its height
            lines.Add(new Markup($"[{colour}]{Markup.Escape(text)}[/]"));
        }

        while (lines.Count < LogLines) lines.Add(Text.Empty);
        return new Rows(lines);
    }

    private static Table NewTable(params string[] columns)
    {
        Table table = new Table().Border(TableBorder.Simple).Expand();
        foreach (string column in columns) _ = table.AddColumn(new TableColumn($"[grey]{column}[/]").NoWrap());
        return table;
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
