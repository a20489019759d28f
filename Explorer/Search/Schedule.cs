using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>The answers of one run, and a record of them.</summary>
/// <remarks>
/// A schedule is written down as the row of its answers to the questions that had more than one: <see cref="Picks"/>. Who gives the same
/// answers to the same subject gets the same run. A kind of search is a class that overrides the two Choose methods.
/// </remarks>
public abstract class Schedule : ISchedule
{
    private readonly List<int> _picks = [];

    /// <summary>The answers so far to questions with more than one answer.</summary>
    public IReadOnlyList<int> Picks => _picks;

    /// <summary>Steps so far: each was somebody's, and ended at a scheduling point.</summary>
    public int StepCount { get; private set; }

    /// <summary>Times that a task was made to give way though it could have gone on.</summary>
    public int PreemptionCount { get; private set; }

    /// <summary>Whether the explored part of the run is over, or paused.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Forgets the last run.</summary>
    public void Begin()
    {
        _picks.Clear();
        StepCount = 0;
        PreemptionCount = 0;
        IsClosed = false;
        OnBegin();
    }

    /// <summary>The explored part of the run is over: from here on everything goes on as before.</summary>
    public void Close()
    {
        if (IsClosed) return;
        IsClosed = true;
        OnClose();
    }

    /// <summary>What follows is not explored: everything goes on as before, and nothing is noted, until <see cref="Resume"/>.</summary>
    public void Pause() => IsClosed = true;

    /// <summary>From the next scheduling point on everything is explored again; have one follow.</summary>
    public void Resume() => IsClosed = false;

    /// <inheritdoc/>
    public int PickTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step)
    {
        if (IsClosed) return 0;
        StepCount++;
        int bound = ready.Count + (current is null ? 0 : 1);
        int pick = ChooseTask(current, ready, step, bound);
        if (bound == 1) return 0;
        _picks.Add(pick);
        if (pick != 0 && current is not null) PreemptionCount++;
        return pick;
    }

    /// <inheritdoc/>
    public int Pick(int bound)
    {
        if (IsClosed || bound == 1) return 0;
        int pick = ChooseValue(bound);
        _picks.Add(pick);
        return pick;
    }

    /// <inheritdoc/>
    public virtual bool IsListening => false;

    /// <inheritdoc/>
    public virtual void Touched(SharedState state, Touch touch) { }

    /// <inheritdoc/>
    public virtual void Blocked(KernelTask task, SharedState state, Touch touch) { }

    /// <inheritdoc/>
    public virtual void Spawned(KernelTask task, KernelTask? parent) { }

    /// <inheritdoc/>
    public virtual void Woken(KernelTask task) { }

    /// <inheritdoc/>
    public virtual void TimePassed(long nowNs) { }

    /// <summary>A run begins.</summary>
    protected virtual void OnBegin() { }

    /// <summary>The explored part of the run is over.</summary>
    protected virtual void OnClose() { }

    /// <summary>Whose step is next? Also asked when there is one answer (<paramref name="bound"/> 1).</summary>
    /// <returns>See <see cref="ISchedule.PickTask"/>.</returns>
    protected abstract int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound);

    /// <summary>Which of <paramref name="bound"/> things happens? 0 is nothing unusual. At least two.</summary>
    protected abstract int ChooseValue(int bound);
}
