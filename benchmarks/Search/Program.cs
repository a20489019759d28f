using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using RemoteprocEmu.Benchmarks.Search;

// dotnet run -c Release --project benchmarks/Search -- [--seconds N] [--plot FILE]
// How the number of schedules grows with vdevs and with events that may happen; one worker.
// dotnet run -c Release --project benchmarks/Search -- --rate RP-06 [--era E] [--seconds N]
// How many schedules a second one core explores.
double seconds = 10;
string? plot = null;
string? row = null;
string? era = null;
for (int i = 0; i + 1 < args.Length; i += 2)
{
    if (args[i] == "--seconds") seconds = double.Parse(args[i + 1], CultureInfo.InvariantCulture);
    else if (args[i] == "--plot") plot = args[i + 1];
    else if (args[i] == "--rate") row = args[i + 1];
    else if (args[i] == "--era") era = args[i + 1];
    else throw new ArgumentException($"{args[i]} is no option: --seconds N, --plot FILE, --rate ROW, --era E");
}

TimeSpan budget = TimeSpan.FromSeconds(seconds);
if (row is not null)
{
    Console.WriteLine(Rate.Table(row, era, budget));
    return;
}

Growth.WarmUp();
List<GrowthPoint> vdevs = [];
foreach (int count in (int[])[1, 2, 3, 4, 6, 8])
    vdevs.Add(Growth.Measure($"{count} vdev{(count == 1 ? "" : "s")}", count, events: 0, budget));
List<GrowthPoint> events = [];
for (int count = 0; count <= 4; count++) events.Add(Growth.Measure($"{count} event{(count == 1 ? "" : "s")}", vdevCount: 1, count, budget));
Console.WriteLine(GrowthTable.Text("vdevs, all of rpmsg, the bus loaded first", vdevs));
Console.WriteLine(GrowthTable.Text("events that may happen at any point, one vdev", events));
if (plot is not null) File.WriteAllText(plot, GrowthPlot.Svg(vdevs, events));
