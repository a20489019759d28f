using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace RemoteprocEmu.Board.Bench.Report;

/// <summary>Rows as pictures, in the near mood where there is one.</summary>
internal static class BenchPlots
{
    private const int Gap = 30;

    private static readonly (string Name, string Colour, bool IsDashed, Func<BenchCase, bool> Takes)[] s_lanes =
    [
        ("bare ring (spsc)", "#777777", true, Is(BenchTransport.Spsc, BenchLayout.None)),
        ("rpmsg, in order", "#2f6f9f", false, Is(BenchTransport.Rpmsg, BenchLayout.InOrder)),
        ("rpmsg, split", "#c1502e", false, Is(BenchTransport.Rpmsg, BenchLayout.Split)),
        ("rpmsg, packed", "#4f8f4f", false, Is(BenchTransport.Rpmsg, BenchLayout.Packed)),
        ("rpmsg, split, copying", "#e0a080", false, one => one is
            { Transport: BenchTransport.Rpmsg, Layout: BenchLayout.Split, Copies: true }),
        ("Channel", "#8a5fa8", true, Is(BenchTransport.Channel, BenchLayout.None)),
        ("Pipe", "#b0a040", true, Is(BenchTransport.Pipe, BenchLayout.None)),
        ("unix socket", "#40a0a0", true, Is(BenchTransport.Unix, BenchLayout.None)),
        ("UDP, loopback", "#d06090", true, Is(BenchTransport.Udp, BenchLayout.None)),
    ];

    /// <summary>File names and pictures; only those for which there are rows.</summary>
    public static IReadOnlyList<(string FileName, string Svg)> Draw(IReadOnlyList<BenchRow> rows)
    {
        List<(string, string)> pictures = [];
        foreach ((string name, Func<IReadOnlyList<BenchRow>, string?> draw) in
            new (string, Func<IReadOnlyList<BenchRow>, string?>)[]
            {
                ("bench-rate.svg", Rates), ("bench-latency.svg", Latencies), ("bench-growth.svg", Growth),
            })
        {
            if (draw(rows) is { } svg) pictures.Add((name, svg));
        }

        return pictures;
    }

    private static string? Rates(IReadOnlyList<BenchRow> rows)
    {
        BenchRow[] chosen = [.. Chosen(rows, "payload").Concat(Chosen(rows, "others")).Where(row =>
            row.Case is { Direction: BenchDirection.ToRemote, Place: BenchPlace.TwoThreads, Wait: BenchWait.Poll })];
        List<SvgSeries> series = [];
        foreach ((string name, string colour, bool isDashed, Func<BenchCase, bool> takes) in s_lanes)
        {
            (double, double)[] points = [.. chosen.Where(row => takes(row.Case)).GroupBy(row => row.Case.PayloadBytes)
                .OrderBy(group => group.Key).Select(group => ((double)group.Key, group.First().PerSecond / 1e6))];
            if (points.Length > 0) series.Add(new SvgSeries(name, colour, points, isDashed));
        }

        if (series.Count == 0) return null;
        SvgPanel panel = new("Messages between two cores, over payload", "payload, bytes", "million messages a second",
            [.. chosen.Select(row => (double)row.Case.PayloadBytes).Distinct().Order()], IsLogarithmic: true);
        return Picture([(panel, series)]);
    }

    private static string? Latencies(IReadOnlyList<BenchRow> rows)
    {
        BenchRow[] chosen = [.. Chosen(rows, "rates")];
        if (chosen.Length == 0) return null;
        List<SvgSeries> series = [];
        foreach ((string name, string colour, Func<BenchCase, bool> takes) in new (string, string, Func<BenchCase, bool>)[]
        {
            ("split", "#c1502e", one => one is { Layout: BenchLayout.Split, Wait: BenchWait.Poll }),
            ("in order", "#2f6f9f", one => one is { Layout: BenchLayout.InOrder, Wait: BenchWait.Poll }),
            ("split, eventfd", "#8a5fa8", one => one is { Layout: BenchLayout.Split, Wait: BenchWait.EventFd }),
        })
        {
            BenchRow[] own = [.. chosen.Where(row => takes(row.Case)).OrderBy(row => row.Case.OfferedPerSecond)];
            series.Add(new SvgSeries($"{name}, median", colour,
                [.. own.Select(row => ((double)row.Case.OfferedPerSecond, (row.LatencyMedianNs ?? 0) / 1e3))]));
            series.Add(new SvgSeries($"{name}, 99 %", colour,
                [.. own.Select(row => ((double)row.Case.OfferedPerSecond, (row.LatencyP99Ns ?? 0) / 1e3))], IsDashed: true));
        }

        SvgPanel panel = new("Latency over rate, rpmsg, 64 B", "messages offered a second", "from due to read, microseconds",
            [.. chosen.Select(row => (double)row.Case.OfferedPerSecond).Distinct().Order()], IsLogarithmic: true);
        return Picture([(panel, series)]);
    }

    private static string? Growth(IReadOnlyList<BenchRow> rows)
    {
        List<(SvgPanel, IReadOnlyList<SvgSeries>)> panels = [];
        foreach ((string group, string title, string xTitle, Func<BenchCase, int> count) in
            new (string, string, string, Func<BenchCase, int>)[]
        {
            ("ring-sizes", "Cost over ring size, 64 B, batch 8", "buffers in the ring", one => one.Ring),
            ("vdevs", "Cost over vdevs, 16 B, batch 32", "vdevs that take turns", one => one.Vdevs),
            ("endpoints", "Cost over endpoints, 16 B, batch 32", "endpoints that take turns", one => one.Endpoints),
        })
        {
            BenchRow[] chosen = [.. Chosen(rows, group)];
            List<SvgSeries> series = [];
            foreach ((string name, string colour, bool isDashed, Func<BenchCase, bool> takes) in s_lanes)
            {
                (double, double)[] points = [.. chosen.Where(row => takes(row.Case)).OrderBy(row => count(row.Case))
                    .Select(row => ((double)count(row.Case), row.NsPerMessage))];
                if (points.Length > 0) series.Add(new SvgSeries(name, colour, points, isDashed));
            }

            if (series.Count == 0) continue;
            double[] ticks = [.. chosen.Select(row => (double)count(row.Case)).Distinct().Order()];
            panels.Add((new SvgPanel(title, xTitle, "ns a message", ticks, IsLogarithmic: false), series));
        }

        return panels.Count == 0 ? null : Picture(panels);
    }

    private static string Picture(List<(SvgPanel Panel, IReadOnlyList<SvgSeries> Series)> panels)
    {
        const int Step = SvgPanel.Left + SvgPanel.Width + Gap;
        StringBuilder svg = SvgPanel.Begin(panels.Count * Step, panels.Max(panel => SvgPanel.TotalHeight(panel.Series.Count)));
        for (int i = 0; i < panels.Count; i++) panels[i].Panel.Draw(svg, (i * Step) + 10, panels[i].Series);
        return svg.Append("</svg>\n").ToString();
    }

    /// <summary>The rows of groups of a kind, in the near mood, or in the far one where no run was near.</summary>
    private static IEnumerable<BenchRow> Chosen(IReadOnlyList<BenchRow> rows, string kind)
    {
        BenchRow[] own = [.. rows.Where(row => row.Group.Split(' ')[0] == kind)];
        string mood = own.Any(row => row.Mood == "near") ? "near" : "far";
        return own.Where(row => row.Mood == mood);
    }

    private static Func<BenchCase, bool> Is(BenchTransport transport, BenchLayout layout) =>
        one => one.Transport == transport && one.Layout == layout && !one.Copies;
}
