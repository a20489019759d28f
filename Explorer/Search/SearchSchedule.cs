using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>
/// Walks every schedule of a subject, depth first; with reduction, of schedules that differ only in the order of independent steps it
/// walks one.
/// </summary>
/// <remarks>
/// <code>
/// SearchSchedule schedule = new(isReduced: true);
/// while (schedule.MoveNext()) subject.Run(schedule);
/// </code>
/// Reduction: a run shows which of its steps race (<see cref="HappensBefore"/>). For each race, a schedule is wanted in which the later
/// step comes first; it is asked for where the earlier one was chosen, by a task that can begin it (a source set), and goes on with what
/// the later step needs, so that it comes to it (a wake-up sequence). A task whose step was tried from a node sleeps in the runs of its
/// siblings, until a step comes that the tried one depends on. What sleeps is not begun with.
/// Source: P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, Optimal dynamic partial order reduction, POPL 2014: source-DPOR, and of optimal
/// DPOR one sequence for each answer; P. Godefroid, Partial-order methods, 1996: sleep sets.
/// </remarks>
public sealed class SearchSchedule : Schedule
{
    /// <summary>Tasks that can be ready at once.</summary>
    private const int BoundMax = 64;

    private readonly bool _isReduced;
    private readonly SearchJob? _job;
    private readonly List<SearchNode> _nodes = [];
    private readonly HappensBefore _order = new();
    private readonly List<int> _races = [];
    private readonly List<int> _attempts = []; // what the running step wanted and could not have
    private readonly int _fixedCount; // nodes that belong to the job
    private readonly List<int> _bitOf = []; // by SharedState.Id
    private readonly List<int> _stateIds = []; // the other way round
    private readonly List<int> _sequence = []; // nodes of the run that another is wanted of
    private int[] _tasks = new int[16];
    private int[] _guide = [];  // whose steps are to follow, so that the run comes to what it is for
    private int _guideAt;
    private int _depth;         // questions asked in the run at hand
    private int _count;         // nodes that the run at hand has
    private int _replayCount;   // of these, how many were answered before
    private int _newStep;       // the first step that no earlier run has had
    private int _step = -1;     // the node of the running step
    private int _lastStep = -1; // the node of the step that has ended last
    private bool _started;
    private bool _isResumed;    // _order has what the run at hand began with, and what follows
    private Footprint _touched;

    /// <summary>Makes a walk over everything.</summary>
    /// <param name="isReduced">Whether orders of independent steps count as one.</param>
    public SearchSchedule(bool isReduced) => _isReduced = isReduced;

    /// <summary>Makes a walk over a part.</summary>
    /// <param name="isReduced">Whether orders of independent steps count as one.</param>
    /// <param name="job">Which part.</param>
    internal SearchSchedule(bool isReduced, SearchJob job)
    {
        _isReduced = isReduced;
        _job = job;
        _fixedCount = job.Answers.Count;
        foreach (int id in job.StateIds) _ = BitOf(id);
    }

    /// <summary>
    /// Whether the run at hand turned out to be one that was seen before, up to the order of independent steps: it counts for nothing.
    /// </summary>
    public bool IsRedundant { get; private set; }

    /// <summary>The question at which the subject was not what it was under the same answers; -1 while it always was.</summary>
    public int DivergedAt { get; private set; } = -1;

    /// <summary>Pieces of state that were touched so far, <see cref="SharedState.Id"/>, in the order of their bits in footprints.</summary>
    /// <remarks>That is the order of the touches, and so another in another walk, unless that one is given it to begin with.</remarks>
    internal IReadOnlyList<int> StateIds => _stateIds;

    /// <summary>Questions that the run at hand was asked.</summary>
    internal int QuestionCount => _depth;

    /// <summary>Goes on to the next schedule.</summary>
    /// <returns>False when all were walked.</returns>
    public bool MoveNext()
    {
        if (!_started)
        {
            _started = true;
            _replayCount = 0;
            _newStep = 0;
            Begin();
            return true;
        }

        Close();
        while (_count > _fixedCount)
        {
            SearchNode node = _nodes[_count - 1];
            node.EndAnswer();
            ulong left = node.Wanted & ~node.Tried & ~AsleepAnswers(node);
            if (left != 0)
            {
                node.Chosen = BitOperations.TrailingZeroCount(left);
                node.AnyStep = default;
                _guide = node.GuideOf(node.Chosen);
                _guideAt = 0;
                _replayCount = _count;
                _newStep = Math.Max(0, StepAt(_count - 1));
                Begin();
                return true;
            }

            _count--;
        }

        return false;
    }

    /// <summary>Only to steps that no earlier run has had: of the others everything is known.</summary>
    public override bool IsListening => _isReduced && !IsClosed && _step >= _newStep;

    /// <inheritdoc/>
    public override void Touched(SharedState state, Touch touch)
    {
        if (IsListening) _touched.Add(BitOf(state.Id), touch);
    }

    /// <inheritdoc/>
    public override void Blocked(KernelTask task, SharedState state, Touch touch)
    {
        if (IsListening) _attempts.Add(BitOf(state.Id));
    }

    /// <inheritdoc/>
    public override void Spawned(KernelTask task, KernelTask? parent)
    {
        if (IsListening && parent is not null) _order.Rouse(task.Id);
    }

    /// <inheritdoc/>
    public override void Woken(KernelTask task)
    {
        // Whose wait is woken comes after the waker by what both touch. A wake-up of its own would order it after one of two bells only.
        if (IsListening && task.WaitsOn is null) _order.Rouse(task.Id);
    }

    /// <inheritdoc/>
    public override void TimePassed(long nowNs)
    {
        if (!_isReduced || IsClosed || IsRedundant || DivergedAt >= 0) return;
        EndStep();
        if (!_isResumed) return;
        if (_lastStep >= 0) _nodes[_lastStep].IsBarrier = true;
        _order.Barrier();
    }

    /// <summary>The tasks that could have the step of a question, and what the chosen one touched; for making jobs.</summary>
    internal SearchNode NodeAt(int question) => _nodes[question];

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _depth = 0;
        _step = _lastStep = -1;
        _attempts.Clear();
        _touched = default;
        IsRedundant = _isResumed = false;
    }

    /// <inheritdoc/>
    protected override void OnClose() => EndStep();

    /// <inheritdoc/>
    protected override int ChooseTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound)
    {
        if (IsRedundant || DivergedAt >= 0) return 0;
        EndStep();
        if (!_isReduced && bound == 1) return 0;
        ReadOnlySpan<int> tasks = Gather(current, ready, bound);
        SearchNode node = NodeFor(out bool isNew);
        if (isNew)
        {
            node.AskStep(tasks);
            if (_isReduced) InheritSleep(node);
            if (!ChooseFirst(node)) return 0;
        }
        else if (!node.HasTasks(tasks))
        {
            DivergedAt = _depth;
            return 0;
        }

        if (_isReduced && _depth >= _newStep)
        {
            if (!_isResumed) _order.Resume(_nodes, _depth);
            _isResumed = true;
            node.IsBarrier = false;
        }

        _step = _depth++;
        return node.Chosen;
    }

    /// <inheritdoc/>
    protected override int ChooseValue(int bound)
    {
        if (IsRedundant || DivergedAt >= 0) return 0;
        SearchNode node = NodeFor(out bool isNew);
        if (isNew)
        {
            node.AskValue(bound);
            node.Wanted = Answers(bound);
            _ = TakeJobAnswer(node);
        }
        else if (node.IsStep || node.Bound != bound)
        {
            DivergedAt = _depth;
            return 0;
        }

        _depth++;
        return node.Chosen;
    }

    private static ulong Answers(int bound) => bound == 64 ? ulong.MaxValue : (1UL << bound) - 1;

    private SearchNode NodeFor(out bool isNew)
    {
        if (_depth == _nodes.Count) _nodes.Add(new SearchNode());
        isNew = _depth >= _replayCount;
        if (isNew) _count = _depth + 1;
        return _nodes[_depth];
    }

    private bool ChooseFirst(SearchNode node)
    {
        if (TakeJobAnswer(node)) return true;
        if (!_isReduced)
        {
            node.Wanted = Answers(node.Bound);
            return true;
        }

        ulong awake = Answers(node.Bound) & ~AsleepAnswers(node);
        if (awake == 0) // every run from here has been seen
        {
            IsRedundant = true;
            _count = _depth;
            return false;
        }

        node.Chosen = Follow(node, awake);
        node.Wanted = 1UL << node.Chosen;
        return true;
    }

    /// <summary>The answer that leads on to what the run is for; once that is done, or cannot be done, the first that there is.</summary>
    private int Follow(SearchNode node, ulong awake)
    {
        if (_guideAt < _guide.Length)
        {
            int answer = node.AnswerOf(_guide[_guideAt++]);
            if (answer >= 0 && (awake >> answer & 1) != 0) return answer;
            _guide = [];
        }

        return BitOperations.TrailingZeroCount(awake);
    }

    private bool TakeJobAnswer(SearchNode node)
    {
        if (_depth >= _fixedCount) return false;
        _job!.Answers[_depth].ApplyTo(node);
        return true;
    }

    private void InheritSleep(SearchNode node)
    {
        int parentIndex = StepAt(_depth - 1);
        if (parentIndex < 0) return;
        SearchNode parent = _nodes[parentIndex];
        foreach (ref readonly (int Task, Footprint Step) asleep in CollectionsMarshal.AsSpan(parent.Asleep))
        {
            if (asleep.Task != parent.Task && !Footprint.Conflict(asleep.Step, parent.Step)) node.Asleep.Add(asleep);
        }

        for (ulong tried = parent.Tried & ~(1UL << parent.Chosen); tried != 0; tried &= tried - 1)
        {
            int answer = BitOperations.TrailingZeroCount(tried);
            int task = parent.TaskOf(answer);
            if (!parent.IsAsleep(task) && !Footprint.Conflict(parent.TriedStep(answer), parent.Step))
                node.Asleep.Add((task, parent.TriedStep(answer)));
        }
    }

    /// <summary>The node of the step that a question belongs to: its own, or, for a free question, the one before.</summary>
    private int StepAt(int question)
    {
        while (question >= 0 && !_nodes[question].IsStep) question--;
        return question;
    }

    private void EndStep()
    {
        if (!_isReduced || _step < 0) return;
        _lastStep = _step;
        if (_step < _newStep)
        {
            _step = -1;
            return;
        }

        SearchNode node = _nodes[_step];
        node.Step = _touched;
        node.AnyStep.Add(_touched);
        _touched = default;
        _races.Clear();
        _order.End(_nodes, _step, _attempts, _races);
        _attempts.Clear();
        foreach (int earlier in _races)
        {
            if (earlier >= _fixedCount) WantReversal(earlier, _step);
        }

        _step = -1;
    }

    /// <summary>
    /// Asks for a schedule in which <paramref name="later"/> comes before <paramref name="earlier"/>, unless one is asked for, or there is
    /// none: who slept until the earlier step woke it cannot be first.
    /// </summary>
    private void WantReversal(int earlier, int later)
    {
        SearchNode at = _nodes[earlier];
        _sequence.Clear(); // what then comes instead of the earlier one: what does not depend on it, and the later one
        for (int i = earlier + 1; i < later; i++)
        {
            if (_nodes[i].IsStep && !HappensBefore.IsBefore(at, _nodes[i].Clock)) _sequence.Add(i);
        }

        _sequence.Add(later);
        int first = -1;
        for (int i = 0; i < _sequence.Count; i++)
        {
            if (!IsInitial(i)) continue;
            SearchNode step = _nodes[_sequence[i]];
            int answer = at.AnswerOf(step.Task);
            if (answer < 0 && i == _sequence.Count - 1) return; // nothing of these comes before it, and yet it could not run
            if (answer < 0) continue;
            if (((at.Wanted | at.Tried) >> answer & 1) != 0 || at.IsAsleep(step.Task)) return; // it is, or was elsewhere
            if (first < 0 || i == _sequence.Count - 1) first = i;
        }

        if (first < 0) at.Wanted |= Answers(at.Bound);
        else at.Want(_nodes[_sequence[first]].Task, TasksWithout(first));
    }

    /// <summary>Whether no step of the sequence must come before this one.</summary>
    private bool IsInitial(int index)
    {
        SearchNode step = _nodes[_sequence[index]];
        for (int i = 0; i < index; i++)
        {
            if (HappensBefore.IsBefore(_nodes[_sequence[i]], step.Clock)) return false;
        }

        return true;
    }

    private int[] TasksWithout(int index)
    {
        int[] tasks = new int[_sequence.Count - 1];
        for (int i = 0; i < tasks.Length; i++) tasks[i] = _nodes[_sequence[i < index ? i : i + 1]].Task;
        return tasks;
    }

    private ReadOnlySpan<int> Gather(KernelTask? current, IReadOnlyList<KernelTask> ready, int bound)
    {
        Platform.Invariant.Check(bound <= BoundMax, "a search chooses between at most 64 tasks");
        if (_tasks.Length < bound) _tasks = new int[BoundMax];
        int count = 0;
        if (current is not null) _tasks[count++] = current.Id;
        for (int i = 0; i < ready.Count; i++) _tasks[count++] = ready[i].Id;
        return _tasks.AsSpan(0, count);
    }

    private static ulong AsleepAnswers(SearchNode node)
    {
        ulong answers = 0;
        foreach (ref readonly (int Task, Footprint Step) asleep in CollectionsMarshal.AsSpan(node.Asleep))
        {
            int answer = node.AnswerOf(asleep.Task);
            if (answer >= 0) answers |= 1UL << answer;
        }

        return answers;
    }

    private int BitOf(int stateId)
    {
        while (_bitOf.Count <= stateId) _bitOf.Add(-1);
        int bit = _bitOf[stateId];
        if (bit >= 0) return bit;
        bit = _stateIds.Count % Footprint.BitCount;
        _stateIds.Add(stateId);
        return _bitOf[stateId] = bit;
    }
}
