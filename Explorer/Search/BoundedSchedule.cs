using System.Collections.Generic;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>Walks every schedule with at most so many preemptions, or delays, depth first. Free questions get every answer.</summary>
/// <remarks>
/// Source: M. Musuvathi, S. Qadeer, Iterative context bounding for systematic testing of multithreaded programs, PLDI 2007; M. Emmi, S.
/// Qadeer, Z. Rakamaric, Delay-bounded scheduling, POPL 2011.
/// </remarks>
public sealed class BoundedSchedule(ScheduleBound kind, int boundMax) : Schedule
{
    private readonly List<(int Answer, int Bound, int UnitCost)> _trail = []; // UnitCost: what an answer other than 0 costs; 0 for nothing
    private int _position;
    private int _spent;
    private bool _started;

    /// <summary>The question at which the subject was not what it was under the same answers; -1 while it always was.</summary>
    public int DivergedAt { get; private set; } = -1;

    /// <summary>Goes on to the next schedule.</summary>
    /// <returns>False when all were walked.</returns>
    public bool MoveNext()
    {
        if (_started && !Advance()) return false;
        _started = true;
        Begin();
        return true;
    }

    /// <inheritdoc/>
    protected override void OnBegin() => _position = _spent = 0;

    /// <inheritdoc/>
    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound)
    {
        if (bound == 1) return 0;
        return Answer(bound, kind == ScheduleBound.Delays || current is not null ? 1 : 0);
    }

    /// <inheritdoc/>
    protected override int ChooseValue(int bound) => Answer(bound, 0);

    private int Answer(int bound, int unitCost)
    {
        if (DivergedAt >= 0) return 0;
        if (_position == _trail.Count) _trail.Add((0, bound, unitCost));
        (int answer, int boundThen, int costThen) = _trail[_position];
        if (boundThen != bound || costThen != unitCost)
        {
            DivergedAt = _position;
            return 0;
        }

        _position++;
        _spent += CostOf(answer, unitCost);
        return answer;
    }

    private bool Advance()
    {
        if (_position < _trail.Count) _trail.RemoveRange(_position, _trail.Count - _position);
        while (_trail.Count > 0)
        {
            (int answer, int bound, int unitCost) = _trail[^1];
            _spent -= CostOf(answer, unitCost);
            if (answer + 1 < bound && _spent + CostOf(answer + 1, unitCost) <= boundMax)
            {
                _trail[^1] = (answer + 1, bound, unitCost);
                return true;
            }

            _trail.RemoveAt(_trail.Count - 1);
        }

        return false;
    }

    private int CostOf(int answer, int unitCost) => unitCost == 0 || answer == 0 ? 0 : kind == ScheduleBound.Delays ? answer : 1;
}
