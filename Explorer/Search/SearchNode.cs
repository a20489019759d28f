using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>One question of the run at hand: whose step, or which of several things; and what of it was tried.</summary>
/// <remarks>Nodes are kept by depth and used again: a search makes as many as its longest run has questions.</remarks>
internal sealed class SearchNode
{
    private int[] _tasks = new int[8];
    private Footprint[] _triedSteps = new Footprint[8];
    private readonly List<(int Answer, int[] Guide)> _guides = [];
    private Footprint _step;
    private Footprint _anyStep;

    /// <summary>Answers there are.</summary>
    public int Bound { get; private set; }

    /// <summary>Whether it asked whose step is next.</summary>
    public bool IsStep { get; private set; }

    /// <summary>The answer of the run at hand.</summary>
    public int Chosen { get; set; }

    /// <summary>Answers that must be tried, as bits.</summary>
    public ulong Wanted { get; set; }

    /// <summary>Answers that were tried to the end, as bits.</summary>
    public ulong Tried { get; private set; }

    /// <summary>Tasks that need not be the first from here: all runs that begin with their step were seen elsewhere.</summary>
    public List<(int Task, Footprint Step)> Asleep { get; } = [];

    /// <summary>What the chosen step touched in the run at hand.</summary>
    public ref Footprint Step => ref _step;

    /// <summary>What the chosen step touched in any run so far.</summary>
    public ref Footprint AnyStep => ref _anyStep;

    /// <summary>The task whose step it is.</summary>
    public int Task => _tasks[Chosen];

    /// <summary>The how manieth step of its task it is, from 1.</summary>
    public int Ordinal { get; set; }

    /// <summary>Asks for runs that begin with a task, and go on with steps of others.</summary>
    /// <param name="task">One that can run.</param>
    /// <param name="guide">Whose steps are to follow, in order.</param>
    public void Want(int task, int[] guide)
    {
        int answer = AnswerOf(task);
        Wanted |= 1UL << answer;
        if (guide.Length > 0) _guides.Add((answer, guide));
    }

    /// <summary>Whose steps are to follow that of an answer; empty where that does not matter.</summary>
    public int[] GuideOf(int answer)
    {
        foreach ((int guided, int[] guide) in _guides)
        {
            if (guided == answer) return guide;
        }

        return [];
    }

    /// <summary>Tasks that the step has created, or whose sleep it has ended, where nothing else orders them after it.</summary>
    public List<int> Roused { get; } = [];

    /// <summary>Whether time passed after the step and before the next.</summary>
    public bool IsBarrier { get; set; }

    /// <summary>By task: how many of its steps happen before this one, itself included.</summary>
    public int[] Clock { get; set; } = [];

    /// <summary>Makes it the question whose step is next.</summary>
    public void AskStep(ReadOnlySpan<int> tasks)
    {
        IsStep = true;
        Bound = tasks.Length;
        if (_tasks.Length < Bound)
        {
            _tasks = new int[Bound * 2];
            _triedSteps = new Footprint[Bound * 2];
        }

        tasks.CopyTo(_tasks);
        Reset();
    }

    /// <summary>Makes it a free question.</summary>
    public void AskValue(int bound)
    {
        IsStep = false;
        Bound = bound;
        Reset();
    }

    /// <summary>Whether the tasks are the same ones as when it was first asked.</summary>
    public bool HasTasks(ReadOnlySpan<int> tasks) => IsStep && tasks.SequenceEqual(_tasks.AsSpan(0, Bound));

    /// <summary>The answer that stands for a task; -1 when that could not run.</summary>
    public int AnswerOf(int task) => Array.IndexOf(_tasks, task, 0, Bound);

    /// <summary>The task that an answer stands for.</summary>
    public int TaskOf(int answer) => _tasks[answer];

    /// <summary>What the step of an answer touched when it was tried.</summary>
    public ref readonly Footprint TriedStep(int answer) => ref _triedSteps[answer];

    /// <summary>Whether a task need not be first from here.</summary>
    public bool IsAsleep(int task)
    {
        foreach (ref readonly (int Task, Footprint Step) asleep in CollectionsMarshal.AsSpan(Asleep))
        {
            if (asleep.Task == task) return true;
        }

        return false;
    }

    /// <summary>The answer at hand was tried to the end.</summary>
    public void EndAnswer()
    {
        Tried |= 1UL << Chosen;
        if (IsStep) _triedSteps[Chosen] = AnyStep;
    }

    /// <summary>An answer that was tried elsewhere, and what its step touched there.</summary>
    public void MarkTried(int answer, in Footprint step)
    {
        Tried |= 1UL << answer;
        _triedSteps[answer] = step;
    }

    private void Reset()
    {
        Chosen = 0;
        Wanted = Tried = 0;
        Asleep.Clear();
        _guides.Clear();
        _step = _anyStep = default;
    }
}
