using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Search;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Explain.Minimise;

/// <summary>
/// Goes on as before but for some deviations, and notes those that took place. What is left out changes no other: that is why a schedule
/// is cut down as deviations and not as picks, of which each stands for another question once an earlier one has changed.
/// </summary>
internal sealed class DeviationSchedule : Schedule
{
    private readonly Dictionary<Question, ulong> _wanted = [];
    private readonly List<Deviation> _taken = [];
    private readonly Dictionary<(QuestionKind Kind, ulong Task), int> _counts = [];
    private readonly Dictionary<ulong, List<(int PointCount, Question Idle)>> _sleeps = []; // where each task slept or ended
    private readonly Dictionary<ulong, List<(int PointCount, Question Idle)>> _turns = [];  // where each was given a free processor
    private readonly Dictionary<Question, ulong[]> _ready = []; // who could have been given it
    private IReadOnlyList<int>? _picks;
    private KernelTask? _running;
    private int _position;

    /// <summary>The deviations of the run, in order.</summary>
    public IReadOnlyList<Deviation> Taken => _taken;

    /// <summary>Times that another task was given the processor.</summary>
    public int SwitchCount { get; private set; }

    /// <summary>The next run answers with a row of picks, each that does not fit with 0.</summary>
    public void FollowPicks(IReadOnlyList<int> picks) => _picks = picks;

    /// <summary>The next run deviates thus.</summary>
    public void Follow(IEnumerable<Deviation> deviations)
    {
        _picks = null;
        _wanted.Clear();
        foreach (Deviation deviation in deviations) _wanted[deviation.Question] = deviation.Answer;
    }

    /// <summary>
    /// The question asked when the task of a scheduling point next slept or ended of itself: where a switch costs no preemption.
    /// </summary>
    /// <returns>Null when it did not, in the last run.</returns>
    public Question? NextIdle(Question point)
    {
        foreach ((int pointCount, Question idle) in _sleeps.GetValueOrDefault(point.Task, []))
        {
            if (pointCount > point.Number) return idle;
        }

        return null;
    }

    /// <summary>The question at which the task of a scheduling point was last given a processor that nobody had.</summary>
    /// <returns>Null when it never was, in the last run.</returns>
    public Question? LastIdle(Question point)
    {
        Question? last = null;
        foreach ((int pointCount, Question idle) in _turns.GetValueOrDefault(point.Task, []))
        {
            if (pointCount <= point.Number) last = idle;
        }

        return last;
    }

    /// <summary>Who could have been given the processor at a question, in the last run.</summary>
    public IReadOnlyList<ulong> ReadyAt(Question idle) => _ready.GetValueOrDefault(idle, []);

    protected override void OnBegin()
    {
        _taken.Clear();
        _counts.Clear();
        _sleeps.Clear();
        _turns.Clear();
        _ready.Clear();
        _running = null;
        _position = 0;
        SwitchCount = 0;
    }

    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound)
    {
        Question question = Ask(current is null ? QuestionKind.Idle : QuestionKind.Point);
        if (current is null && _running is not null) Note(_sleeps, _running.Key, question);
        int pick = bound == 1 ? 0 : _picks is not null ? NextPick(bound) : Find(question, current, ready);
        KernelTask chosen = current is null ? ready[pick] : pick == 0 ? current : ready[pick - 1];
        if (pick != 0) _taken.Add(new Deviation(question, chosen.Key));
        if (current is null)
        {
            Note(_turns, chosen.Key, question);
            _ready[question] = [.. ready.Select(static task => task.Key)];
        }

        if (chosen != _running) SwitchCount++;
        _running = chosen;
        return pick;
    }

    protected override int ChooseValue(int bound)
    {
        Question question = Ask(QuestionKind.Value);
        int pick = _picks is not null ? NextPick(bound)
            : _wanted.TryGetValue(question, out ulong wanted) && wanted < (ulong)bound ? (int)wanted : 0;
        if (pick != 0) _taken.Add(new Deviation(question, (ulong)pick));
        return pick;
    }

    private Question Ask(QuestionKind kind)
    {
        ulong task = _running?.Key ?? 0;
        int number = _counts.GetValueOrDefault((kind, task));
        _counts[(kind, task)] = number + 1;
        return new Question(kind, task, number);
    }

    private void Note(Dictionary<ulong, List<(int PointCount, Question Idle)>> places, ulong task, Question idle)
    {
        if (!places.TryGetValue(task, out List<(int PointCount, Question Idle)>? list)) places.Add(task, list = []);
        list.Add((_counts.GetValueOrDefault((QuestionKind.Point, task)), idle));
    }

    private int Find(Question question, KernelTask? current, IReadOnlyList<KernelTask> ready)
    {
        if (!_wanted.TryGetValue(question, out ulong wanted)) return 0;
        for (int i = 0; i < ready.Count; i++)
        {
            if (ready[i].Key == wanted) return current is null ? i : i + 1;
        }

        return 0; // it cannot run here
    }

    private int NextPick(int bound)
    {
        if (_position >= _picks!.Count) return 0;
        int pick = _picks[_position++];
        return (uint)pick < (uint)bound ? pick : 0;
    }
}
