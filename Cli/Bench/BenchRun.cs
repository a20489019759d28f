using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using RemoteprocEmu.Board.Bench;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Board.Bench.Lanes;
using RemoteprocEmu.Cli.Commands;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Bench;

/// <summary>Measures groups, and says on standard error how far it is.</summary>
internal sealed class BenchRun(IReadOnlyList<BenchGroup> groups, BenchOptions options, (int First, int Second)? cores, Terminal terminal)
{
    /// <summary>The groups that a command line asks for: RM-40's sweep only where it is named.</summary>
    public static IReadOnlyList<BenchGroup> Choose(IReadOnlyList<string> filters, bool isQuick)
    {
        if (isQuick) return BenchFilter.Choose(BenchCatalog.Quick, filters);
        string[] sweeping = [.. filters.Where(filter => filter.Contains("sweep", StringComparison.Ordinal))];
        return
        [
            .. filters.Count > 0 && sweeping.Length == filters.Count ? []
                : BenchFilter.Choose(BenchCatalog.All, [.. filters.Except(sweeping)]),
            .. sweeping.Length == 0 ? [] : BenchFilter.Choose(BenchCatalog.Sweep, sweeping),
        ];
    }

    /// <summary>How long everything takes.</summary>
    public static BenchOptions OptionsOf(IReadOnlyList<BenchGroup> groups, bool isQuick, double? seconds)
    {
        int count = groups.Sum(group => group.All.Count);
        if (seconds is { } time) return BenchOptions.Within(count, time);
        return isQuick ? new BenchOptions { Runs = 3, RunSeconds = 0.02, WarmUpSeconds = 0.1 } : new BenchOptions();
    }

    /// <summary><c>0,1</c>.</summary>
    /// <returns>Null unless both may be used.</returns>
    public static (int First, int Second)? TryParseCores(string text)
    {
        string[] parts = text.Split(',');
        if (parts.Length != 2 || !int.TryParse(parts[0], CultureInfo.InvariantCulture, out int first) ||
            !int.TryParse(parts[1], CultureInfo.InvariantCulture, out int second)) return null;
        IReadOnlyList<int> allowed = HostThreads.AllowedCores();
        return allowed.Contains(first) && allowed.Contains(second) ? (first, second) : null;
    }

    /// <summary>Measures one group after the other.</summary>
    public IEnumerable<IReadOnlyList<BenchRow>> Measure(CancellationToken cancellation)
    {
        using BenchHost host = new(cores);
        if (!host.HasTwoCores) terminal.Complain("there is one core: only what one thread does is measured");
        host.Calibrate();
        bool needsPeer = host.HasTwoCores && groups.Any(group => group.All.Any(one => one.Place == BenchPlace.TwoProcesses));
        using BenchPeer? peer = needsPeer ? new BenchPeer(PeerCommand(), host) : null;
        ProgressLine progress = new(terminal);
        int index = 0;
        BenchSession session = new(host, new LaneFactory(host, peer), options)
        {
            Progress = (run, runs, benchCase) => progress.Show(string.Create(CultureInfo.InvariantCulture,
                $"group {index} of {groups.Count}, {groups[index - 1].Name}: {100 * run / runs} %, {benchCase.Name}")),
        };
        foreach (BenchGroup group in groups)
        {
            if (cancellation.IsCancellationRequested) break;
            index++;
            IReadOnlyList<BenchRow> rows = session.Measure(group, cancellation);
            progress.Clear();
            yield return rows;
        }
    }

    /// <summary>This command once more: the same runtime, the same assembly.</summary>
    private static string[] PeerCommand()
    {
        string assembly = typeof(BenchRun).Assembly.Location;
        string program = Environment.ProcessPath!;
        bool isRuntime = Path.GetFileNameWithoutExtension(program) == "dotnet";
        if (isRuntime) return [program, assembly, BenchChildCommand.CommandName];
        string own = Path.ChangeExtension(assembly, null); // its own executable, also where another has loaded the assembly
        return [File.Exists(own) ? own : program, BenchChildCommand.CommandName];
    }
}
