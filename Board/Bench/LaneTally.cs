using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using RemoteprocEmu.Board.Bench.Host;
using RemoteprocEmu.Board.Bench.Lanes;

namespace RemoteprocEmu.Board.Bench;

/// <summary>A lane, and what its runs came to so far.</summary>
internal sealed class LaneTally(Lane lane)
{
    private const double UndisturbedMin = 0.95; // of its core, by each thread

    private readonly List<Sample> _samples = [];
    private double _perSecond = 1_000_000; // until something is known
    private int _dropped;

    /// <summary>The case.</summary>
    public BenchCase Case => lane.Case;

    /// <summary>Whether both halves look without end, so that a core is theirs whatever they do.</summary>
    private bool Spins => Case.Wait == BenchWait.Poll && Case.Place != BenchPlace.OneThread &&
        Case.Transport is not (BenchTransport.Unix or BenchTransport.Udp);

    /// <summary>Runs it until its code is compiled as it stays, and learns how fast it is.</summary>
    public void WarmUp(double seconds)
    {
        long count = 64;
        long begin = Stopwatch.GetTimestamp();
        do
        {
            _perSecond = Measure(count).PerSecond;
            count = Math.Clamp((long)(_perSecond * seconds / 10), 64, 4 * count);
        }
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
    }

    /// <summary>Runs it once for about so long, without counting it.</summary>
    public Sample Run(double seconds)
    {
        double perSecond = Case.OfferedPerSecond > 0 ? Case.OfferedPerSecond : _perSecond;
        Sample sample = Measure(Math.Max(64, (long)(perSecond * seconds)));
        _perSecond = sample.PerSecond; // moods come and go: the next run's length follows
        return sample;
    }

    /// <summary>A run counts.</summary>
    public void Add(Sample sample) => _samples.Add(sample);

    /// <summary>A run does not count: the mood changed, or somebody else had the cores.</summary>
    public void Drop() => _dropped++;

    /// <summary>The median rate in a mood; 0 where there was no run.</summary>
    public double MedianPerSecond(string mood)
    {
        double[] rates = [.. _samples.Where(sample => sample.Mood == mood).Select(sample => sample.PerSecond)];
        return rates.Length == 0 ? 0 : Statistics.Median(rates);
    }

    /// <summary>A row for each mood that it was run in.</summary>
    public IEnumerable<BenchRow> Rows(BenchGroup group, LaneTally? limit, BenchOptions options, BenchHost host)
    {
        foreach (IGrouping<string, Sample> mood in _samples.GroupBy(sample => sample.Mood))
        {
            Sample[] samples = [.. mood];
            double perSecond = MedianPerSecond(mood.Key);
            double limitPerSecond = limit?.MedianPerSecond(mood.Key) ?? 0;
            double messages = samples.Sum(sample => (double)sample.Count);
            bool isTimed = Case.OfferedPerSecond > 0;
            yield return new BenchRow
            {
                Group = group.Name,
                Case = Case,
                Mood = mood.Key,
                LineNs = Statistics.Median([.. samples.Select(sample => sample.LineNs)]),
                PerSecond = perSecond,
                PerSecondMin = samples.Min(sample => sample.PerSecond),
                PerSecondMax = samples.Max(sample => sample.PerSecond),
                RatioToSpsc = limitPerSecond > 0 && !isTimed ? perSecond / limitPerSecond : null,
                AllocatedBytes = samples.Sum(sample => sample.AllocatedBytes) / messages,
                Kicks = samples.Sum(sample => sample.Kicks) / messages,
                Sleeps = samples.Sum(sample => sample.Sleeps) / messages,
                Copies = lane.CopiesPerMessage,
                Cpu = Statistics.Median([.. samples.Select(sample => sample.Cpu)]),
                LatencyMedianNs = isTimed ? Statistics.Median([.. samples.Select(sample => sample.LatencyMedianNs)]) : null,
                LatencyP99Ns = isTimed ? Statistics.Median([.. samples.Select(sample => sample.LatencyP99Ns)]) : null,
                Runs = samples.Length,
                Dropped = _dropped,
                Disturbed = samples.Count(sample => sample.IsDisturbed),
                RunSeconds = options.RunSeconds,
                SpinNs = Case.Wait == BenchWait.EventFd ? host.SleepNs : 0,
                CpuModel = host.CpuModel,
                Machine = host.Machine,
            };
        }
    }

    /// <summary>A run's time: on one thread the time that the thread had a core; else from the sender's beginning to the last message
    /// read.</summary>
    private Sample Measure(long count)
    {
        (RunResult host, RunResult remote) = lane.Run(count);
        bool isOne = Case.Place == BenchPlace.OneThread;
        (RunResult first, RunResult last) = Case.Direction switch
        {
            BenchDirection.ToRemote => (host, remote),
            BenchDirection.ToHost => (remote, host),
            _ => (host, host),
        };
        double wallNs = (last.EndTicks - first.BeginTicks) * 1e9 / Stopwatch.Frequency;
        double ns = isOne ? host.CpuNs : wallNs;
        RunResult[] threads = isOne ? [host] : [host, remote];
        return new Sample
        {
            Count = count,
            PerSecond = count * 1e9 / ns,
            AllocatedBytes = threads.Sum(thread => (double)thread.AllocatedBytes),
            Kicks = threads.Sum(thread => (double)thread.Kicks),
            Sleeps = threads.Sum(thread => (double)thread.Sleeps),
            Cpu = threads.Sum(thread => (double)thread.CpuNs) / wallNs,
            IsDisturbed = Spins && threads.Any(thread => thread.CpuNs < UndisturbedMin * ns),
            LatencyMedianNs = last.Latencies?.PercentileNs(0.5) ?? 0,
            LatencyP99Ns = last.Latencies?.PercentileNs(0.99) ?? 0,
        };
    }

    /// <summary>What one run came to.</summary>
    internal sealed record Sample
    {
        public required long Count { get; init; }

        public required double PerSecond { get; init; }

        public required double AllocatedBytes { get; init; }

        public required double Kicks { get; init; }

        public required double Sleeps { get; init; }

        public required double Cpu { get; init; }

        public double LatencyMedianNs { get; init; }

        public double LatencyP99Ns { get; init; }

        /// <summary>Whether halves that look without end had less than their core: somebody else was there.</summary>
        public required bool IsDisturbed { get; init; }

        public string Mood { get; init; } = "";

        public double LineNs { get; init; }
    }
}
