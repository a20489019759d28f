using System;
using System.Collections.Generic;
using System.IO;
using RemoteprocEmu.Benchmarks.Search;

// dotnet run -c Release --project benchmarks/Search -- [--seconds N] [--plot FILE]
// How fast schedules are explored, one worker, and how their number grows with vdevs and with events that may happen.
double seconds = 10;
string? plot = null;
for (int i = 0; i + 1 < args.Length; i += 2)
{
    if (args[i] == "--seconds") seconds = double.Parse(args[i + 1], System.Globalization.CultureInfo.InvariantCulture);
    else if (args[i] == "--plot") plot = args[i + 1];
    else throw new ArgumentException($"{args[i]} is no option: --seconds N, --plot FILE");
}

TimeSpan budget = TimeSpan.FromSeconds(seconds);
Growth.WarmUp();
List<GrowthPoint> vdevs = [];
foreach (int count in (int[])[1, 2, 3, 4, 6, 8])
    vdevs.Add(Growth.Measure($"{count} vdev{(count == 1 ? "" : "s")}", count, events: 0, budget));
List<GrowthPoint> events = [];
for (int count = 0; count <= 4; count++) events.Add(Growth.Measure($"{count} event{(count == 1 ? "" : "s")}", vdevCount: 1, count, budget));
Console.WriteLine(GrowthTable.Text("vdevs, all of rpmsg, the bus loaded first", vdevs));
Console.WriteLine(GrowthTable.Text("events that may happen at any point, one vdev", events));
if (plot is not null) File.WriteAllText(plot, GrowthPlot.Svg(vdevs, events));
