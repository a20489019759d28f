using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Board.Bench;
using RemoteprocEmu.Board.Bench.Report;
using Spectre.Console;

namespace RemoteprocEmu.Cli.Output;

/// <summary>Measurements, for people: a table a group, and whether the targets are met.</summary>
internal static class BenchReportText
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>Writes a group's table.</summary>
    public static void WriteGroup(IReadOnlyList<BenchRow> rows, Terminal terminal)
    {
        if (rows.Count == 0) return;
        terminal.WriteTitle(rows[0].Group);
        BenchRow[] ordered = [.. rows.OrderByDescending(row => row.Mood)]; // near before far, stably
        if (ordered[0].RoundTripNs is not null) WriteRoundTrips(ordered, terminal);
        else if (ordered[0].LatencyMedianNs is not null) WriteLatencies(ordered, terminal);
        else WriteRates(ordered, terminal);
    }

    /// <summary>Writes what the columns mean, and on what it was measured.</summary>
    public static void WriteLegend(BenchRow row, Terminal terminal)
    {
        terminal.Output.WriteLine();
        terminal.WriteText($"{row.CpuModel}; {row.Machine}. Medians of {row.Runs} runs of about {row.RunSeconds * 1e3:f0} ms.");
        terminal.WriteText("mood, line: a cache line's way between the two cores and back, around each run; near is below 200 ns. Do not " +
            "compare across moods, nor across machines. spread: from the slowest run to the fastest. spsc: of a bare ring without " +
            "descriptors in the same group and mood. kicks, alloc, copies: rings of a bell, bytes allocated and copies made, for each " +
            "message. cpu: cores kept busy." + (row.Disturbed > 0 ? " The machine was not quiet: spreads are large." : ""));
        terminal.WriteText("A PC's cores share a coherent cache and run at gigahertz. None of these numbers says what a microcontroller " +
            "does: there the time goes into uncached memory, interrupts and cache maintenance, which are not here.");
    }

    /// <summary>Writes which targets are met.</summary>
    public static void WriteTargets(IReadOnlyList<BenchTarget> targets, Terminal terminal)
    {
        terminal.WriteTitle("Targets, in the near mood");
        Table table = NewTable("target", "at least", "aim", "measured", "");
        foreach (BenchTarget target in targets)
        {
            Color colour = target.Verdict == BenchVerdict.Missed ? Color.Red
                : target.Verdict == BenchVerdict.NotMeasured ? Color.Yellow : Color.Green;
            _ = table.AddRow(new Text(target.Text), new Text(target.Format(target.AtLeast)), new Text(target.Format(target.Aim)),
                new Text(target.Value is { } value ? target.Format(value) : "-"), new Text(Word(target.Verdict), new Style(colour)));
        }

        terminal.WriteTable(table);
    }

    private static void WriteRates(BenchRow[] rows, Terminal terminal)
    {
        Table table = NewTable("case", "mood", "line", "M msg/s", "spread", "ns", "spsc", "kicks", "alloc", "copies", "cpu");
        foreach (BenchRow row in rows)
        {
            AddRow(table, Label(row.Case), row.Mood, Line(row), N(row.PerSecond / 1e6), Spread(row), N(row.NsPerMessage),
                row.RatioToSpsc?.ToString("f2", s_culture) ?? "-", Small(row.Kicks), Small(row.AllocatedBytes),
                row.Copies.ToString("f0", s_culture), row.Cpu.ToString("f1", s_culture));
        }

        terminal.WriteTable(table);
    }

    private static void WriteRoundTrips(BenchRow[] rows, Terminal terminal)
    {
        Table table = NewTable("case", "mood", "line", "there and back, ns", "spread", "lines", "kicks", "alloc", "cpu");
        foreach (BenchRow row in rows)
        {
            AddRow(table, Label(row.Case), row.Mood, Line(row), N(row.NsPerMessage), Spread(row),
                row.RatioToLine?.ToString("f2", s_culture) ?? "-", Small(row.Kicks), Small(row.AllocatedBytes),
                row.Cpu.ToString("f1", s_culture));
        }

        terminal.WriteTable(table);
    }

    private static void WriteLatencies(BenchRow[] rows, Terminal terminal)
    {
        Table table = NewTable("case", "mood", "line", "offered M/s", "read M/s", "median, us", "99 %, us", "kicks", "alloc", "cpu");
        foreach (BenchRow row in rows)
        {
            AddRow(table, Label(row.Case with { OfferedPerSecond = 0 }), row.Mood, Line(row), N(row.Case.OfferedPerSecond / 1e6),
                N(row.PerSecond / 1e6), N((row.LatencyMedianNs ?? 0) / 1e3), N((row.LatencyP99Ns ?? 0) / 1e3), Small(row.Kicks),
                Small(row.AllocatedBytes), row.Cpu.ToString("f1", s_culture));
        }

        terminal.WriteTable(table);
    }

    /// <summary>What distinguishes a case in its group; what nearly all share is not said.</summary>
    private static string Label(BenchCase benchCase)
    {
        List<string> words = [BenchCase.Word(benchCase.Transport)];
        if (benchCase.Layout != BenchLayout.None) words.Add(BenchCase.Word(benchCase.Layout));
        if (benchCase.Copies) words.Add("copy");
        if (benchCase.Direction == BenchDirection.ToHost) words.Add("to-host");
        if (benchCase.Place == BenchPlace.OneThread) words.Add("1-thread");
        if (benchCase.Place == BenchPlace.TwoProcesses) words.Add("2-processes");
        if (benchCase.Wait == BenchWait.EventFd) words.Add("eventfd");
        if (benchCase.Ring != 256) words.Add($"r{benchCase.Ring}");
        if (benchCase.Vdevs > 1) words.Add($"v{benchCase.Vdevs}");
        if (benchCase.Endpoints > 1) words.Add($"e{benchCase.Endpoints}");
        return string.Join(' ', words);
    }

    private static Table NewTable(params string[] columns)
    {
        Table table = new() { Border = TableBorder.None, ShowHeaders = true };
        foreach (string column in columns)
        {
            TableColumn tableColumn = new(new Text(column, new Style(decoration: Decoration.Dim)))
            {
                Padding = new Padding(0, 0, 1, 0),
                NoWrap = true,
            };
            _ = column is "case" or "mood" or "target" or "" ? tableColumn.LeftAligned() : tableColumn.RightAligned();
            _ = table.AddColumn(tableColumn);
        }

        return table;
    }

    private static void AddRow(Table table, params string[] cells) => _ = table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Line(BenchRow row) => row.LineNs > 0 ? row.LineNs.ToString("f0", s_culture) : "-";

    /// <summary>From the slowest run to the fastest, in percent of the median.</summary>
    private static string Spread(BenchRow row) =>
        ((row.PerSecondMax - row.PerSecondMin) / row.PerSecond * 100).ToString("f0", s_culture) + "%";

    /// <summary>Three digits that mean something.</summary>
    private static string N(double value) => value switch
    {
        >= 100 => value.ToString("n0", s_culture),
        >= 10 => value.ToString("f1", s_culture),
        _ => value.ToString("f2", s_culture),
    };

    private static string Small(double value) => value == 0 ? "0" : value < 0.001 ? "<0.001" : value.ToString("f3", s_culture);

    private static string Word(BenchVerdict verdict) => verdict switch
    {
        BenchVerdict.Aim => "aim met",
        BenchVerdict.Met => "met",
        BenchVerdict.Missed => "missed",
        _ => "not measured",
    };
}
