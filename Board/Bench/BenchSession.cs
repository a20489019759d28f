using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Board.Bench.Lanes;

namespace RemoteprocEmu.Board.Bench;

/// <summary>Measures groups of cases, one group after the other, the cases of a group by turns.</summary>
/// <remarks>
/// <code>
/// for each group:  make its lanes; warm each up
///                  as often as asked for, for each lane:  line - run - line
/// </code>
/// A run between two lines of different length is dropped and made again: the cores were moved meanwhile. So is one in which a thread that
/// never sleeps did not have its core: somebody else had it. A machine that is never quiet gets rows all the same; they say so.
/// </remarks>
/// <param name="host">The machine.</param>
/// <param name="factory">Makes lanes.</param>
/// <param name="options">How much.</param>
internal sealed class BenchSession(BenchHost host, LaneFactory factory, BenchOptions options)
{
    private const int MoodLookMs = 50;
    private const double SameMoodMax = 1.4; // two lines of one mood differ by less

    private double _lineNs;
    private int _moodLooks;

    /// <summary>Told what is being run: how many of the group's runs are done, of how many, and the case.</summary>
    public Action<int, int, BenchCase>? Progress { get; init; }

    /// <summary>Measures a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="cancellation">Ends it after the run that goes on.</param>
    /// <returns>A row for each case and mood; none after a cancellation.</returns>
    /// <exception cref="BenchFailureException">A message was not the one expected.</exception>
    public IReadOnlyList<BenchRow> Measure(BenchGroup group, CancellationToken cancellation)
    {
        List<Lane> lanes = [];
        try
        {
            foreach (BenchCase benchCase in group.All)
            {
                if (benchCase.Place == BenchPlace.OneThread || host.HasTwoCores) lanes.Add(factory.Create(benchCase));
            }

            LaneTally[] tallies = [.. lanes.Select(lane => new LaneTally(lane))];
            if (!TryRun(tallies, cancellation)) return [];
            LaneTally? limit = group.Limit is null ? null : tallies.FirstOrDefault(tally => tally.Case == group.Limit);
            return [.. tallies.SelectMany(tally => tally.Rows(group, limit, options, host))];
        }
        finally
        {
            foreach (Lane lane in lanes) lane.Dispose();
        }
    }

    private bool TryRun(LaneTally[] tallies, CancellationToken cancellation)
    {
        int done = 0;
        int all = tallies.Length * (options.Runs + 1);
        foreach (LaneTally tally in tallies)
        {
            if (cancellation.IsCancellationRequested) return false;
            Progress?.Invoke(done++, all, tally.Case);
            tally.WarmUp(options.WarmUpSeconds);
        }

        _lineNs = 0;
        for (int run = 0; run < options.Runs; run++)
        {
            foreach (LaneTally tally in tallies)
            {
                if (cancellation.IsCancellationRequested) return false;
                Progress?.Invoke(done++, all, tally.Case);
                if (options.Mood is { } mood && tally.Case.Place != BenchPlace.OneThread) WaitFor(mood, cancellation);
                RunOnce(tally);
            }
        }

        return true;
    }

    private void RunOnce(LaneTally tally)
    {
        if (tally.Case.Place == BenchPlace.OneThread)
        {
            tally.Add(tally.Run(options.RunSeconds) with { Mood = "one" });
            return;
        }

        for (int attempt = 1; attempt <= options.Attempts; attempt++)
        {
            double before = _lineNs > 0 ? _lineNs : host.LineNs();
            LaneTally.Sample sample = tally.Run(options.RunSeconds);
            double after = _lineNs = host.LineNs();
            bool isSame = Math.Max(before, after) / Math.Min(before, after) < SameMoodMax && IsNear(before) == IsNear(after);
            bool isGood = isSame && !sample.IsDisturbed;
            if (isGood || attempt == options.Attempts)
            {
                string mood = IsNear(Math.Max(before, after)) ? "near" : "far";
                tally.Add(sample with { Mood = mood, LineNs = Math.Sqrt(before * after), IsDisturbed = !isGood });
                return;
            }

            tally.Drop();
        }
    }

    /// <summary>The cores are moved when the machine's owner likes: not for ever.</summary>
    private void WaitFor(string mood, CancellationToken cancellation)
    {
        while (_moodLooks * MoodLookMs < options.MoodSeconds * 1000 && !cancellation.IsCancellationRequested)
        {
            _lineNs = host.LineNs();
            if (IsNear(_lineNs) == (mood == "near")) return;
            _moodLooks++;
            _ = cancellation.WaitHandle.WaitOne(MoodLookMs);
        }
    }

    private static bool IsNear(double lineNs) => lineNs < LineRoundTrip.NearNsMax;
}
