using System;
using System.Collections.Generic;
using System.Linq;

namespace RemoteprocEmu.Board.Bench.Report;

/// <summary>What the rings are to reach in the near mood, and what rows say about it.</summary>
internal static class BenchTargets
{
    private const double GrowthMax = 15; // percent

    /// <summary>Judges rows.</summary>
    public static IReadOnlyList<BenchTarget> Judge(IReadOnlyList<BenchRow> rows) =>
    [
        new("split, 496 B in place, batch 32, of spsc", 0.75, 0.95, false, Ratio(rows, BenchLayout.Split, 496), ""),
        new("split, 16 B in place, batch 32, of spsc", 0.45, 0.7, false, Ratio(rows, BenchLayout.Split, 16), ""),
        new("in order, 16 B in place, batch 32, of spsc", 0.8, 1, false, Ratio(rows, BenchLayout.InOrder, 16), ""),
        new("two processes of two threads, the least of all", 0.95, 1, false, Processes(rows), ""),
        new("round trip, 16 B, in order, polling, of the line", 1.6, 1.2, true, RoundTrip(rows, BenchLayout.InOrder), ""),
        new("round trip, 16 B, split, polling, of the line", 3, 2.2, true, RoundTrip(rows, BenchLayout.Split), ""),
        new("eventfd of polling, 16 B, batch 8, the least of all", 0.5, 0.8, false, EventFd(rows), ""),
        new("bytes allocated a message, the most of all rings", 0, 0, true, Allocated(rows), ""),
        new("a message costs more, 8 vdevs than 1", GrowthMax, GrowthMax, true, Growth(rows, "vdevs", row => row.Case.Vdevs, 8), " %"),
        new("a message costs more, 1,000 endpoints than 1", GrowthMax, GrowthMax, true,
            Growth(rows, "endpoints", row => row.Case.Endpoints, 1000), " %"),
    ];

    private static IEnumerable<BenchRow> Near(IReadOnlyList<BenchRow> rows, string group) =>
        rows.Where(row => row.Mood == "near" && row.Group.Split(' ')[0] == group && row.Case.Transport == BenchTransport.Rpmsg);

    private static double? Ratio(IReadOnlyList<BenchRow> rows, BenchLayout layout, int payload) =>
        Near(rows, "payload").FirstOrDefault(row => row.Case is { Copies: false, Direction: BenchDirection.ToRemote } &&
            row.Case.Layout == layout && row.Case.PayloadBytes == payload)?.RatioToSpsc;

    private static double? RoundTrip(IReadOnlyList<BenchRow> rows, BenchLayout layout) => Near(rows, "round-trip").FirstOrDefault(row =>
        row.Case is { Place: BenchPlace.TwoThreads, Wait: BenchWait.Poll, PayloadBytes: 16 } && row.Case.Layout == layout)?.RatioToLine;

    private static double? Processes(IReadOnlyList<BenchRow> rows) => Least(rows, "processes",
        row => row.Case.Place == BenchPlace.TwoProcesses, row => row.Case with { Place = BenchPlace.TwoThreads });

    private static double? EventFd(IReadOnlyList<BenchRow> rows) => Least(rows, "eventfd",
        row => row.Case is { Wait: BenchWait.EventFd, Place: BenchPlace.TwoThreads, PayloadBytes: 16 },
        row => row.Case with { Wait = BenchWait.Poll });

    /// <summary>The worst ratio of a case's rate to that of the case it is compared with, in one group.</summary>
    private static double? Least(IReadOnlyList<BenchRow> rows, string group, Func<BenchRow, bool> takes, Func<BenchRow, BenchCase> other)
    {
        BenchRow[] near = [.. Near(rows, group)];
        double[] ratios =
        [
            .. from row in near.Where(takes)
               from base0 in near
               where base0.Group == row.Group && base0.Case == other(row)
               select row.PerSecond / base0.PerSecond,
        ];
        return ratios.Length == 0 ? null : ratios.Min();
    }

    private static double? Allocated(IReadOnlyList<BenchRow> rows)
    {
        double[] bytes = [.. rows.Where(row => row.Case.Layout != BenchLayout.None).Select(row => row.AllocatedBytes)];
        return bytes.Length == 0 ? null : bytes.Max();
    }

    /// <summary>By how much the most costs more than one, in the layout where that is worst, percent.</summary>
    private static double? Growth(IReadOnlyList<BenchRow> rows, string group, Func<BenchRow, int> count, int most)
    {
        BenchRow[] near = [.. Near(rows, group)];
        double[] growths =
        [
            .. from one in near
               from many in near
               where count(one) == 1 && count(many) == most && one.Case.Layout == many.Case.Layout
               select ((many.NsPerMessage / one.NsPerMessage) - 1) * 100,
        ];
        return growths.Length == 0 ? null : growths.Max();
    }
}
