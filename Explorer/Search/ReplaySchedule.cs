using System;
using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>Gives recorded answers, and goes on as before when they are used up.</summary>
/// <param name="picks">The answers; see <see cref="Schedule.Picks"/>.</param>
/// <param name="isLenient">
/// Whether an answer that does not fit its question counts as 0, for trying out a changed schedule; otherwise it is an error.
/// </param>
public sealed class ReplaySchedule(IReadOnlyList<int> picks, bool isLenient = false) : Schedule
{
    private int _position;

    /// <summary>Whether an answer did not fit its question: the run is another's.</summary>
    public bool Diverged { get; private set; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _position = 0;
        Diverged = false;
    }

    /// <inheritdoc/>
    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound) =>
        bound == 1 ? 0 : Next(bound);

    /// <inheritdoc/>
    protected override int ChooseValue(int bound) => Next(bound);

    private int Next(int bound)
    {
        if (_position >= picks.Count) return 0;
        int pick = picks[_position++];
        if ((uint)pick < (uint)bound) return pick;
        Diverged = true;
        if (!isLenient) throw new InvalidOperationException($"answer {_position - 1} is {pick}, the question has {bound}: another run's");
        return 0;
    }
}
