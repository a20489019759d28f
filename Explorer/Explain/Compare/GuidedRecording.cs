using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Explain.Record;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Explorer.Explain.Compare;

/// <summary>
/// Has another subject's tasks move in the order of a recorded run, as far as they can: at each decision the earliest recorded step that
/// was not taken and whose task can move.
/// </summary>
/// <remarks>
/// Tasks are the same by name, and of equal names the n-th is the n-th. A step that the recorded task never took is taken on the way to
/// the one that it did; one that the other subject does not have is left out. Which those are is seen from a run of its own, where each
/// task's steps are compared with the recorded ones, and from a task that takes a later one, or ends. Optional events happen as they did,
/// in order. Beyond the recorded part everything goes on as it goes.
/// </remarks>
internal sealed class GuidedRecording : RecordingSchedule
{
    private const long TableSizeMax = 4_000_000;

    private readonly Recording _guide;
    private readonly IReadOnlyCollection<int> _involved;
    private readonly List<(int Task, string Step, int WaitPlace)> _steps = []; // a step of a wait: the touch after it; else -1
    private readonly List<int> _values = [];
    private readonly Dictionary<(string Name, int Number), int> _guideTasks;
    private readonly Dictionary<int, int> _guideOf = []; // by task of this run: the recorded one
    private readonly Dictionary<int, KernelTask> _taskOf = []; // by recorded task: this run's
    private readonly Dictionary<string, int> _nameCounts = [];
    private readonly bool[] _isAbsent; // the other subject has no such step
    private bool[] _isTaken;
    private int _next;
    private int _nextValue;

    /// <summary>Follows a run.</summary>
    /// <param name="guide">The run.</param>
    /// <param name="end">The last event of it that matters; -1 for none.</param>
    /// <param name="other">A run of the other subject; null for none.</param>
    /// <param name="involved">The recorded tasks of which an obstacle is worth a word.</param>
    public GuidedRecording(Recording guide, int end, Recording? other, IReadOnlyCollection<int> involved)
    {
        _involved = involved;
        _guide = guide;
        _guideTasks = Numbered(guide);
        for (int i = guide.OpenedAt; i <= end && i < guide.ClosedAt && i < guide.Events.Count; i++)
        {
            RecordedEvent at = guide.Events[i];
            if (at.Kind == RecordedKind.Step) _steps.Add((at.Task, at.Name, guide.IsWaitStep(i) ? i + 1 : -1));
            if (at.Kind == RecordedKind.Choice) _values.Add((int)at.A);
        }

        _isAbsent = other is null ? new bool[_steps.Count] : Absent(other);
        _isTaken = new bool[_steps.Count];
    }

    /// <summary>The first recorded step of an involved task that could not be taken in its turn; null when all could.</summary>
    public Obstacle? FirstObstacle { get; private set; }

    public override void Spawned(KernelTask task, KernelTask? parent)
    {
        base.Spawned(task, parent);
        if (!_guideTasks.TryGetValue((task.Name, Number(task.Name)), out int guide)) return;
        _guideOf[task.Id] = guide;
        _taskOf[guide] = task;
    }

    protected override void OnBegin()
    {
        base.OnBegin();
        _nameCounts.Clear();
        _guideOf.Clear();
        _taskOf.Clear();
        _isTaken = [.. _isAbsent];
        _next = 0;
        _nextValue = 0;
        FirstObstacle = null;
    }

    protected override int AnswerTask(KernelTask? current, IReadOnlyList<KernelTask> ready, string step, int bound)
    {
        while (_next < _steps.Count && _isTaken[_next]) _next++;
        for (int i = _next; i < _steps.Count; i++)
        {
            if (_isTaken[i]) continue;
            int answer = AnswerOf(_steps[i].Task, current, ready);
            if (answer >= 0)
            {
                Take(i, answer == 0 && current is not null ? step : StepAheadOf(ready[current is null ? answer : answer - 1]));
                return answer;
            }

            if (HasEnded(_steps[i].Task)) _isTaken[i] = true; // it does not have this step
            else if (_involved.Contains(_steps[i].Task))
                FirstObstacle ??= new Obstacle(_guide.TaskText(_steps[i].Task), StepText(i), Why(_steps[i].Task));
        }

        return 0;
    }

    protected override int AnswerValue(int bound)
    {
        if (_nextValue >= _values.Count) return 0;
        int value = _values[_nextValue++];
        return value < bound ? value : 0;
    }

    private int Number(string name)
    {
        int number = _nameCounts.GetValueOrDefault(name);
        _nameCounts[name] = number + 1;
        return number;
    }

    private int AnswerOf(int guideTask, KernelTask? current, IReadOnlyList<KernelTask> ready)
    {
        if (!_taskOf.TryGetValue(guideTask, out KernelTask? task)) return -1;
        if (task == current) return 0;
        for (int i = 0; i < ready.Count; i++)
        {
            if (ready[i] == task) return current is null ? i : i + 1;
        }

        return -1;
    }

    /// <summary>
    /// The task of a recorded step moves: the step is taken if this is the one, or a later one of the task's, which leaves out those
    /// between; otherwise this is a step more than was recorded.
    /// </summary>
    private void Take(int index, string step)
    {
        int task = _steps[index].Task;
        for (int i = index; i < _steps.Count; i++)
        {
            if (_steps[i].Task != task || _isTaken[i] || _steps[i].Step != step) continue;
            for (int left = index; left <= i; left++) _isTaken[left] |= _steps[left].Task == task;
            return;
        }
    }

    /// <summary>The recorded steps that are not in the longest row of steps that a task has in both runs.</summary>
    private bool[] Absent(Recording other)
    {
        bool[] absent = new bool[_steps.Count];
        Dictionary<(string Name, int Number), int> otherTasks = Numbered(other);
        foreach (((string Name, int Number) task, int id) in Numbered(_guide))
        {
            if (!otherTasks.TryGetValue(task, out int otherId)) continue;
            int[] mine = [.. Enumerable.Range(0, _steps.Count).Where(i => _steps[i].Task == id)];
            string[] theirs =
            [
                .. other.Events.Skip(other.OpenedAt).Where(at => at.Task == otherId && at.Kind == RecordedKind.Step)
                    .Select(static at => at.Name),
            ];
            int same = 0;
            while (same < mine.Length && same < theirs.Length && _steps[mine[same]].Step == theirs[same]) same++;
            (mine, theirs) = (mine[same..], theirs[same..]);
            if ((long)mine.Length * theirs.Length > TableSizeMax) continue; // too long to compare: every step may be there
            int[,] lengths = new int[mine.Length + 1, theirs.Length + 1];
            for (int i = mine.Length - 1; i >= 0; i--)
            {
                for (int j = theirs.Length - 1; j >= 0; j--)
                {
                    int without = Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
                    lengths[i, j] = Math.Max(Worth(mine[i], theirs[j]) + lengths[i + 1, j + 1], without);
                }
            }

            for (int i = 0, j = 0; i < mine.Length;)
            {
                bool isOne = j < theirs.Length && lengths[i, j] > Math.Max(lengths[i + 1, j], lengths[i, j + 1]);
                if (isOne) (i, j) = (i + 1, j + 1);
                else if (j < theirs.Length && lengths[i, j + 1] >= lengths[i + 1, j]) j++;
                else absent[mine[i++]] = true;
            }
        }

        return absent;
    }

    /// <summary>What it is worth that two steps are one: locks may have changed places, what is done has rather not.</summary>
    private int Worth(int mine, string theirs) => _steps[mine].Step != theirs ? 0 : _steps[mine].WaitPlace >= 0 ? 2 : 3;

    private static Dictionary<(string Name, int Number), int> Numbered(Recording run)
    {
        Dictionary<string, int> counts = [];
        Dictionary<(string Name, int Number), int> tasks = [];
        foreach (RecordedTask task in run.Tasks)
        {
            int number = counts.GetValueOrDefault(task.Name);
            counts[task.Name] = number + 1;
            tasks[(task.Name, number)] = task.Id;
        }

        return tasks;
    }

    private bool HasEnded(int guideTask) => _taskOf.TryGetValue(guideTask, out KernelTask? task) && task.State == KernelTaskState.Done;

    private string StepText(int index) => _steps[index].WaitPlace >= 0 ? KernelWords.Touch(_guide, _steps[index].WaitPlace)
        : KernelWords.Step(_steps[index].Step);

    private string Why(int guideTask)
    {
        if (!_taskOf.TryGetValue(guideTask, out KernelTask? task)) return "does not exist yet";
        if (task.WaitsOn is not { } queue) return "sleeps";
        string holder = queue.Holder is { } by && by != task ? $", which {by.Name} has" : "";
        return $"sleeps in {KernelWords.Sleep(queue.Name, (ulong)queue.Kind + 1)}{holder}";
    }
}
