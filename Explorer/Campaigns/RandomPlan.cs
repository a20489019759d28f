using System;
using System.Globalization;
using RemoteprocEmu.Explorer.Search;

namespace RemoteprocEmu.Explorer.Campaigns;

/// <summary>Schedules by chance: evenly, or by PCT, whose chance of finding a defect has a bound from below.</summary>
public sealed class RandomPlan : SearchPlan
{
    private const int RunsPerPart = 1000;

    private readonly ulong _seed;
    private readonly long _runCount;
    private readonly int _depth;
    private readonly int _stepCount;

    /// <summary>Makes a plan.</summary>
    /// <param name="subject">What is searched; run once, to see how long its runs are.</param>
    /// <param name="runCount">Runs; at least 1.</param>
    /// <param name="seed">Same seed, same runs.</param>
    /// <param name="depth">Orderings that a defect may need, for PCT; 0 for even chances.</param>
    public RandomPlan(ISubject subject, long runCount, ulong seed, int depth)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentOutOfRangeException.ThrowIfLessThan(runCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        _runCount = runCount;
        _seed = seed;
        _depth = depth;
        ReplaySchedule first = new([]);
        first.Begin();
        _ = subject.Run(first); // what it finds is found again
        _stepCount = Math.Max(1, first.StepCount);
    }

    /// <inheritdoc/>
    public override string Words => string.Create(CultureInfo.InvariantCulture,
        $"{(_depth == 0 ? "random" : $"PCT of depth {_depth}")}, {_runCount:N0} runs, seed {_seed}");

    /// <inheritdoc/>
    public override bool IsExhaustive => false;

    /// <inheritdoc/>
    public override int PartCount => (int)((_runCount + RunsPerPart - 1) / RunsPerPart);

    /// <inheritdoc/>
    protected override void RunPart(ISubject subject, int part, PartResult result, Func<PartResult, bool> onRun)
    {
        long end = Math.Min(_runCount, (part + 1L) * RunsPerPart);
        for (long i = (long)part * RunsPerPart; i < end; i++)
        {
            ulong seed = _seed ^ ((ulong)(i + 1) * 0x9E37_79B9_7F4A_7C15); // apart from each other, and from another campaign's
            Schedule schedule = _depth == 0 ? new RandomSchedule(seed) : new PctSchedule(seed, _depth, _stepCount);
            schedule.Begin();
            if (!RunOne(subject, schedule, result, onRun)) return;
        }
    }
}
