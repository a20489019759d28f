using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>Carries out a search: its parts on several threads, within a time, with progress.</summary>
/// <remarks>
/// Each worker has a subject of its own and takes part after part. The result is put together in the order of the parts, so it does not
/// depend on who was faster.
/// </remarks>
public sealed class Campaign
{
    private const int RunsPerLook = 64; // at the clock
    private const long ProgressTicks = TimeSpan.TicksPerSecond / 5;

    private readonly CampaignOptions _options;
    private readonly List<int> _open;
    private readonly SortedDictionary<int, PartResult> _done = [];
    private readonly SortedDictionary<int, PartResult> _brokenOff = [];
    private readonly SortedSet<string> _findings = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Stopwatch _clock = new();
    private readonly int _partCount;
    private int _next;
    private long _runCount;
    private long _badCount;
    private long _progressDue;
    private Exception? _failure;

    private Campaign(CampaignOptions options)
    {
        _options = options;
        _open = [];
        for (int part = options.ShardIndex; part < options.Plan.PartCount; part += options.ShardCount)
        {
            _partCount++;
            if (options.DoneParts.TryGetValue(part, out PartResult? done)) _done.Add(part, done);
            else _open.Add(part);
        }
    }

    /// <summary>Runs a campaign to its end, or to the end of its time.</summary>
    /// <exception cref="Platform.InvariantException">A subject is not a function of its schedule: our own defect.</exception>
    public static CampaignResult Run(CampaignOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.WorkerCount, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ShardCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)options.ShardIndex, (uint)options.ShardCount, nameof(options));
        return new Campaign(options).Run();
    }

    private CampaignResult Run()
    {
        _clock.Start();
        int workerCount = Math.Max(1, Math.Min(_options.WorkerCount, _open.Count));
        Thread[] others = new Thread[workerCount - 1];
        for (int i = 0; i < others.Length; i++)
        {
            others[i] = new Thread(Work) { IsBackground = true, Name = $"campaign {i + 1}" };
            others[i].Start();
        }

        Work();
        foreach (Thread other in others) other.Join();
        if (_failure is not null) throw new Platform.InvariantException(_failure.Message, _failure);
        PartResult total = new();
        foreach (PartResult result in _done.Values.Concat(_brokenOff.Values)) total.Add(result);
        return new CampaignResult(total, _done, _partCount, _clock.Elapsed, workerCount);
    }

    private void Work()
    {
        try
        {
            using ISubject subject = _options.NewSubject();
            while (TryTake(out int part))
            {
                PartProgress progress = new(this);
                PartResult result = _options.Plan.RunPart(subject, part, progress.OnRun);
                _ = progress.Report(result);
                End(part, result);
            }
        }
#pragma warning disable CA1031 // whatever it is, the caller of Run gets it
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
        }
    }

    private void Fail(Exception failure)
    {
        lock (_gate)
        {
            if (_failure is not null) return; // the first is reported
            _failure = failure;
        }
    }

    private bool TryTake(out int part)
    {
        lock (_gate)
        {
            part = -1;
            if (_next == _open.Count || MustStop()) return false;
            part = _open[_next++];
            return true;
        }
    }

    private void End(int part, PartResult result)
    {
        lock (_gate)
        {
            if (!result.IsComplete)
            {
                _brokenOff.Add(part, result);
                return;
            }

            _done.Add(part, result);
            _options.PartDone?.Invoke(part, result);
        }
    }

    private bool MustStop() =>
        _failure is not null || _options.Cancellation.IsCancellationRequested ||
        (_options.Budget is { } budget && _clock.Elapsed >= budget);

    private bool GoesOn(long runs, long bad, PartResult result)
    {
        lock (_gate)
        {
            _runCount += runs;
            _badCount += bad;
            foreach (string id in result.Findings.Keys) _ = _findings.Add(id); // most are known
            if (_clock.ElapsedTicks >= _progressDue && _options.Progressed is { } progressed)
            {
                _progressDue = _clock.ElapsedTicks + (ProgressTicks * Stopwatch.Frequency / TimeSpan.TicksPerSecond);
                progressed(new CampaignProgress(_runCount, _badCount, _findings.Count, _done.Count, _partCount, _clock.Elapsed));
            }

            return !MustStop();
        }
    }

    /// <summary>Adds up one part's runs, and looks at the clock now and then.</summary>
    private sealed class PartProgress(Campaign campaign)
    {
        private long _runs;
        private long _bad;
        private int _sinceLook;

        public bool OnRun(PartResult result)
        {
            if (++_sinceLook < RunsPerLook) return true;
            return Report(result);
        }

        public bool Report(PartResult result)
        {
            _sinceLook = 0;
            long runs = result.RunCount + result.RedundantCount - _runs;
            long bad = result.BadCount - _bad;
            _runs += runs;
            _bad += bad;
            return campaign.GoesOn(runs, bad, result);
        }
    }
}
