using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>
/// Probabilistic concurrency testing: each task has a priority by chance, the highest that can runs, and at a few steps, by chance, the
/// running task's priority drops below all others.
/// </summary>
/// <remarks>
/// A defect that needs d orderings among n tasks and k steps is found by a run with a probability of at least 1 / (n * k^(d-1)), for d-1
/// changes of priority. Free questions are answered by chance.
/// Source: S. Burckhardt, P. Kothari, M. Musuvathi, S. Nagarakatte, A randomized scheduler with probabilistic guarantees of finding bugs,
/// ASPLOS 2010.
/// </remarks>
public sealed class PctSchedule : Schedule
{
    private const int ChanceBits = 1 << 20;

    private readonly ulong _seed;
    private readonly int _stepCount;
    private readonly int[] _changes;
    private readonly Dictionary<int, int> _priorities = [];
    private SeededChoices _chance;

    /// <summary>Makes one.</summary>
    /// <param name="seed">Same seed, same answers.</param>
    /// <param name="depth">Orderings that a defect may need: d; at least 1.</param>
    /// <param name="stepCount">Steps of a run, about: k; see <see cref="Schedule.StepCount"/> of a first run.</param>
    public PctSchedule(ulong seed, int depth, int stepCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(depth, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stepCount, 1);
        _seed = seed;
        _stepCount = stepCount;
        _changes = new int[depth - 1];
        _chance = new SeededChoices(seed);
    }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _chance = new SeededChoices(_seed);
        _priorities.Clear();
        for (int i = 0; i < _changes.Length; i++) _changes[i] = 1 + _chance.Pick(Math.Max(2, _stepCount));
    }

    /// <inheritdoc/>
    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound)
    {
        int best = Best(current, ready);
        int change = Array.IndexOf(_changes, StepCount);
        if (change < 0) return best;
        KernelTask chosen = current is null ? ready[best] : best == 0 ? current : ready[best - 1];
        _priorities[chosen.Id] = change - _changes.Length; // below every other: those begin at 1
        return Best(current, ready);
    }

    /// <inheritdoc/>
    protected override int ChooseValue(int bound) => _chance.Pick(bound);

    private int Best(KernelTask? current, IReadOnlyList<KernelTask> ready)
    {
        int best = -1;
        int bestPriority = int.MinValue;
        int offset = 0;
        if (current is not null)
        {
            best = 0;
            bestPriority = PriorityOf(current);
            offset = 1;
        }

        for (int i = 0; i < ready.Count; i++)
        {
            int priority = PriorityOf(ready[i]);
            if (priority <= bestPriority) continue;
            bestPriority = priority;
            best = i + offset;
        }

        return best;
    }

    private int PriorityOf(KernelTask task)
    {
        if (_priorities.TryGetValue(task.Id, out int priority)) return priority;
        priority = 1 + _chance.Pick(ChanceBits);
        _priorities.Add(task.Id, priority);
        return priority;
    }
}
