using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cli.Run;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using Spectre.Console;

namespace RemoteprocEmu.Cli.Output;

/// <summary>The summary of a run, for people.</summary>
internal static class RunReportText
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>Writes the summary; its last line is <see cref="LastLine"/>.</summary>
    public static void Write(RunOptions options, RunReport report, bool withVdevs, Terminal terminal)
    {
        _ = ElfImage.TryOpen(options.Image.Bytes, out ElfImage image, out _); // it was booted
        terminal.WriteTitle("Image");
        terminal.WriteText($"{options.Image.Name}: {ElfSummary.ToText(image)}");
        terminal.WriteText($"era {options.Era}, booted by {BootWord(report)}; behind the doorbell: {report.ProgramName}");
        WriteTable(image, report, terminal);
        if (report.HasBooted) WriteMemory(report, terminal);
        if (report.Rings.Count > 0) WriteRings(report, terminal);
        if (withVdevs && report.Vdevs.Count > 0) WriteVdevs(report, terminal);
        if (report.HasBooted) WriteChannels(report, terminal);
        if (report.Traffic.Count > 0) WriteTraffic(options, report, terminal);
        if (report.Streams.Count > 0) WriteStreams(report, terminal);
        WriteTraces(report, terminal);
        if (report.CrashCount > 0) WriteCrash(report, terminal);
        terminal.WriteTitle("Left behind");
        if (report.Left.Count == 0) terminal.WriteText("nothing: no memory, id, device, module reference or task");
        foreach (string left in report.Left) terminal.WriteText(left);
        if (report.Findings.Count > 0) terminal.WriteTitle("Findings");
        foreach (string finding in report.Findings) terminal.WriteText(finding);
        terminal.Output.WriteLine();
        terminal.Output.WriteLine(LastLine(options, report));
    }

    /// <summary>The whole run in one line.</summary>
    public static string LastLine(RunOptions options, RunReport report)
    {
        List<string> parts = [report.HasBooted ? "booted" : report.Boot == BootBy.None ? "left offline" : "not booted"];
        if (report.VerifiedCount > 0) parts.Add(string.Create(s_culture, $"{report.VerifiedCount:N0} messages each way"));
        AddStreams(report, parts);
        if (report.CrashCount > 0) parts.Add(Crashes(report) + (report.State == "running" ? " recovered" : ""));
        if (report.HasBooted) parts.Add("stopped");
        string verdict = report.WasInterrupted ? "interrupted"
            : report.Findings.Count == 0 ? "ok"
            : report.Findings.Count == 1 ? "1 finding" : $"{report.Findings.Count} findings";
        string left = report.Left.Count == 0 ? "nothing is left" : $"{report.Left.Count} things are left";
        return $"{verdict}: {options.Image.FirmwareName} {string.Join(", ", parts)}; {left}";
    }

    private static string BootWord(RunReport report) => report.Boot switch
    {
        BootBy.Auto => "itself (auto_boot)",
        BootBy.Consumer => "its consumer",
        _ => "nobody",
    };

    private static void WriteTable(in ElfImage image, RunReport report, Terminal terminal)
    {
        if (ResourceTableSection.TryFind(image, out ResourceTableSection section) != ResourceTableStatus.Ok) return;
        terminal.WriteTitle(string.Create(s_culture, $"Resource table, {section.SizeBytes} bytes at da 0x{section.Address.Value:x}"));
        Table table = NewTable("entry", "type", "what it asks for");
        foreach (TableEntryRow row in TableEntryRow.Of(report.Table.Length > 0 ? report.Table : section.Bytes.Span, section.ByteOrder))
            Row(table, $"{row.Index}", row.Type, row.Summary);
        terminal.WriteTable(table);
    }

    private static void WriteMemory(RunReport report, Terminal terminal)
    {
        if (report.Memory.Count > 0)
        {
            terminal.WriteTitle("Memory that was allocated");
            Table allocated = NewTable("name", "da", "pa", "size", "use");
            foreach (MemoryRow row in report.Memory)
                Row(allocated, row.Name, Hex(row.DeviceAddress), Hex(row.PhysicalAddress), Size(row.SizeBytes), row.Use);
            terminal.WriteTable(allocated);
        }

        terminal.WriteTitle("Memory map: what the board has for this image");
        Table windows = NewTable("da", "pa", "size");
        foreach (WindowRow row in report.Windows)
            Row(windows, Hex(row.DeviceAddress), Hex(row.PhysicalAddress), Size((long)row.LengthBytes));
        terminal.WriteTable(windows);
    }

    private static void WriteRings(RunReport report, Terminal terminal)
    {
        terminal.WriteTitle("Vrings");
        Table table = NewTable("ring", "da at start", "da now", "num", "align", "notifyid", "queue");
        foreach (RingRow row in report.Rings)
        {
            Row(table, $"vdev{row.Vdev}vring{row.Index}", Hex(row.FirstAddress), Hex(row.PublishedAddress),
                $"{row.Num}", $"{row.AlignBytes}", $"{row.NotifyId}", row.UsedBy.Length == 0 ? "no driver" : row.UsedBy);
        }

        terminal.WriteTable(table);
        terminal.WriteText("da at start: what the firmware read in its table at its first instruction");
    }

    private static void WriteVdevs(RunReport report, Terminal terminal)
    {
        terminal.WriteTitle("Vdevs");
        Table table = NewTable("vdev", "device id", "virtio device", "status", "features", "driver");
        foreach (VdevRow row in report.Vdevs)
        {
            Row(table, $"{row.Index}", $"{row.DeviceId}", row.VirtioName, $"0x{row.Status:x2}", Hex(row.Features),
                row.Driver.Length == 0 ? "no driver" : row.Driver);
        }

        terminal.WriteTable(table);
    }

    private static void WriteChannels(RunReport report, Terminal terminal)
    {
        terminal.WriteTitle("Channels");
        if (report.Channels.Count == 0)
        {
            terminal.WriteText(report.Vdevs.Any(vdev => vdev.DeviceId == 7) ? "none was announced" : "none: the image has no rpmsg vdev");
            return;
        }

        Table table = NewTable("channel", "host", "firmware", "driver");
        foreach (ChannelRow row in report.Channels)
            Row(table, row.Name, Address(row.Source), Address(row.Destination), row.Driver.Length == 0 ? "no driver" : row.Driver);
        terminal.WriteTable(table);
    }

    private static void WriteTraffic(RunOptions options, RunReport report, Terminal terminal)
    {
        terminal.WriteTitle("Messages");
        Table table = NewTable("vdev", "to fw", "from fw", "verified", "again", "bad", "rate each way");
        foreach (TrafficRow row in report.Traffic)
        {
            string rate = options.IsVirtual || row.Verified == 0 ? "none"
                : string.Create(s_culture, $"{row.MessagesPerSecond:N0}/s, {row.MegabytesPerSecond:F1} MB/s");
            Row(table, $"{row.Vdev}", N(row.ToFirmware), N(row.FromFirmware), N(row.Verified), N(row.SentAgain), N(row.Bad), rate);
        }

        terminal.WriteTable(table);
        terminal.WriteText($"verified: numbered, {MessageStream.MessageBytes} bytes, back whole and in order; again: a crash took them");
        terminal.WriteText($"kicks: {N(report.Kicks.FromHost)} by the host, {N(report.Kicks.FromFirmware)} by the firmware");
        if (report.BuffersTakenCount is { } taken)
            terminal.WriteText($"buffers: taken {N(taken)} times; who did not give one back, or used it afterwards, is a finding");
        terminal.WriteText(options.IsVirtual ? "no rate: time is virtual"
            : "rate: of this computer, with scripted firmware and the start of the runtime; it says nothing about a board");
    }

    private static void WriteStreams(RunReport report, Terminal terminal)
    {
        terminal.WriteTitle("Frames and bytes");
        Table table = NewTable("vdev", "interface", "carries", "to fw", "from fw", "verified", "again", "bad");
        foreach (StreamRow row in report.Streams)
        {
            Row(table, $"{row.Vdev}", row.HostName, row.Kind, N(row.ToFirmware), N(row.FromFirmware), N(row.Verified), N(row.SentAgain),
                N(row.Bad));
        }

        terminal.WriteTable(table);
        terminal.WriteText($"verified: numbered, {MessageStream.MessageBytes} bytes in a frame or in the stream, back whole and in order");
    }

    private static void AddStreams(RunReport report, List<string> parts)
    {
        long frames = report.Streams.Where(row => row.IsFrames).Sum(row => row.Verified);
        long records = report.Streams.Where(row => !row.IsFrames).Sum(row => row.Verified);
        if (frames > 0) parts.Add(string.Create(s_culture, $"{frames:N0} {(frames == 1 ? "frame" : "frames")} each way"));
        if (records > 0) parts.Add(string.Create(s_culture, $"{records * MessageStream.MessageBytes:N0} bytes each way"));
    }

    private static void WriteTraces(RunReport report, Terminal terminal)
    {
        foreach ((string name, string text) in report.Traces)
        {
            terminal.WriteTitle($"{name}, the firmware's own words");
            if (text.Length == 0) terminal.WriteText("(empty)");
            foreach (string line in text.TrimEnd('\n').Split('\n')) terminal.WriteText(line);
        }
    }

    private static void WriteCrash(RunReport report, Terminal terminal)
    {
        terminal.WriteTitle("Crash");
        string dump = report.CoreDump.IsEmpty ? "no core dump"
            : $"core dump taken, {N(report.CoreDump.Length)} bytes (--coredump FILE keeps it)";
        terminal.WriteText($"{Crashes(report)}; {dump}; {report.State} again");
    }

    private static Table NewTable(params string[] columns)
    {
        Table table = new() { Border = TableBorder.None, ShowHeaders = true };
        foreach (string column in columns)
        {
            _ = table.AddColumn(new TableColumn(new Markup(Markup.Escape(column), new Style(decoration: Decoration.Dim)))
            {
                Padding = new Padding(0, 0, 2, 0),
                NoWrap = true,
            });
        }

        return table;
    }

    private static void Row(Table table, params string[] cells) => _ = table.AddRow([.. cells.Select(cell => new Text(cell))]);

    private static string Hex(ulong value) => value == uint.MaxValue ? "ANY" : $"0x{value:x8}";

    private static string Address(uint value) => value == uint.MaxValue ? "-" : $"0x{value:x}";

    private static string N(long value) => value.ToString("N0", s_culture);

    private static string Crashes(RunReport report) => report.CrashCount == 1 ? "1 crash" : $"{report.CrashCount} crashes";

    private static string Size(long bytes) =>
        bytes % (1 << 20) == 0 ? $"{bytes >> 20} MiB" : bytes % 1024 == 0 ? $"{bytes >> 10} KiB" : $"{bytes} bytes";
}
