using System;
using System.Collections.Generic;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RemoteprocEmu.Explorer.Search;

/// <summary>Which steps of a run are ordered, whatever the scheduler does; and which are not, though they touch the same thing.</summary>
/// <remarks>
/// Ordered are: the steps of a task; a spawn, or a wake-up, and what its task does next; two steps of which one writes what the other
/// touches, as the run had them; and all before time passed with all after it, for time passes only when nothing can move. Each step has a
/// vector clock. Who takes a lock comes after whoever gave it back last; the race is with who took it last.
/// Source: C. Flanagan, P. Godefroid, Dynamic partial-order reduction for model checking software, POPL 2005.
/// </remarks>
internal sealed class HappensBefore
{
    private readonly List<int[]> _tasks = [];      // by task: the clock of its last step, joined with what has woken it
    private readonly List<int> _stepCounts = [];   // by task
    private readonly int[] _lastWrite = new int[Footprint.BitCount];
    private readonly int[] _lastGive = new int[Footprint.BitCount];
    private readonly List<int>[] _readsSince = new List<int>[Footprint.BitCount];
    private readonly List<int>[] _addsSince = new List<int>[Footprint.BitCount];
    private readonly List<int> _touchedBits = [];
    private readonly List<int> _conflicts = [];
    private readonly List<int> _gives = [];
    private readonly List<int> _roused = [];
    private int _width = 16;

    /// <summary>Makes one for many runs.</summary>
    public HappensBefore()
    {
        Array.Fill(_lastWrite, -1);
        Array.Fill(_lastGive, -1);
        for (int i = 0; i < Footprint.BitCount; i++)
        {
            _readsSince[i] = [];
            _addsSince[i] = [];
        }
    }

    /// <summary>Forgets the last run, and goes on after so many nodes of it: of these everything is known.</summary>
    public void Resume(List<SearchNode> nodes, int count)
    {
        Forget();
        for (int i = 0; i < count; i++)
        {
            SearchNode node = nodes[i];
            if (!node.IsStep) continue;
            EnsureTask(node.Task);
            _stepCounts[node.Task] = node.Ordinal;
            node.Clock.CopyTo(_tasks[node.Task], 0);
            foreach (int roused in node.Roused)
            {
                EnsureTask(roused);
                Join(_tasks[roused], node.Clock);
            }

            Remember(node.Step, i);
            if (node.IsBarrier) Barrier();
        }
    }

    /// <summary>The running step has created or woken a task.</summary>
    public void Rouse(int task) => _roused.Add(task);

    /// <summary>Time passed: everything so far happens before everything from here on.</summary>
    public void Barrier()
    {
        ForgetTouches();
        if (_tasks.Count == 0) return;
        int[] all = _tasks[0];
        for (int i = 1; i < _tasks.Count; i++) Join(all, _tasks[i]);
        for (int i = 1; i < _tasks.Count; i++) all.CopyTo(_tasks[i], 0);
    }

    /// <summary>A step has ended: gives it its clock.</summary>
    /// <param name="nodes">The run so far.</param>
    /// <param name="index">Where the step is in it.</param>
    /// <param name="attempts">
    /// What it wanted to take and could not, because another had been faster. That is a race, too. The taking that succeeds later shows
    /// none: it comes after whoever woke the task.
    /// </param>
    /// <param name="races">
    /// Gets the earlier steps that this one might have come before: they touch the same thing, and nothing else orders the two.
    /// </param>
    public void End(List<SearchNode> nodes, int index, List<int> attempts, List<int> races)
    {
        SearchNode node = nodes[index];
        int task = node.Task;
        EnsureTask(task);
        node.Ordinal = ++_stepCounts[task];
        if (node.Clock.Length < _width) node.Clock = new int[_width];
        int[] clock = node.Clock;
        Array.Clear(clock);
        _tasks[task].CopyTo(clock, 0);
        JoinConflicts(nodes, node.Step, clock, races);
        FindLosses(nodes, attempts, clock, races);
        clock[task] = node.Ordinal;
        clock.AsSpan(0, _width).CopyTo(_tasks[task]);
        node.Roused.Clear();
        foreach (int roused in _roused)
        {
            node.Roused.Add(roused);
            EnsureTask(roused);
            if (node.Clock.Length < _width) node.Clock = Grown(node.Clock);
            Join(_tasks[roused], node.Clock);
        }

        _roused.Clear();
        Remember(node.Step, index);
    }

    /// <summary>Whether a step happens before the one of a clock.</summary>
    public static bool IsBefore(SearchNode step, int[] clock) => step.Task < clock.Length && clock[step.Task] >= step.Ordinal;

    private static void Join(int[] clock, int[] other)
    {
        int length = Math.Min(clock.Length, other.Length); // 16, 32, ...: whole vectors
        Span<Vector<int>> to = MemoryMarshal.Cast<int, Vector<int>>(clock.AsSpan(0, length));
        ReadOnlySpan<Vector<int>> from = MemoryMarshal.Cast<int, Vector<int>>(other.AsSpan(0, length));
        for (int i = 0; i < to.Length; i++) to[i] = Vector.Max(to[i], from[i]);
    }

    private void JoinConflicts(List<SearchNode> nodes, in Footprint step, int[] clock, List<int> races)
    {
        FindConflicts(step);
        for (int i = _conflicts.Count - 1; i >= 0; i--) // latest first: what lies before a later conflict is no race of its own
        {
            SearchNode earlier = nodes[_conflicts[i]];
            if (IsBefore(earlier, clock)) continue;
            races.Add(_conflicts[i]);
            Join(clock, earlier.Clock);
        }

        foreach (int give in _gives) Join(clock, nodes[give].Clock);
    }

    private void FindLosses(List<SearchNode> nodes, List<int> attempts, int[] clock, List<int> races)
    {
        foreach (int bit in attempts)
        {
            int winner = _lastWrite[bit];
            if (winner >= 0 && !IsBefore(nodes[winner], clock)) races.Add(winner);
        }
    }

    private void FindConflicts(in Footprint step)
    {
        _conflicts.Clear();
        _gives.Clear();
        for (int word = 0; word < Footprint.WordCount; word++)
        {
            Footprint.TouchedWord touched = step[word];
            ulong readsOrWrites = touched.Reads | touched.Writes;
            ulong addsOrWrites = touched.Adds | touched.Writes;
            for (ulong left = readsOrWrites | addsOrWrites; left != 0; left &= left - 1)
            {
                int bit = (word << 6) + BitOperations.TrailingZeroCount(left);
                ulong lowest = left & (ulong)-(long)left;
                AddConflict(_lastWrite[bit]);
                if ((readsOrWrites & lowest) != 0) AddConflicts(_addsSince[bit]);
                if ((addsOrWrites & lowest) != 0) AddConflicts(_readsSince[bit]);
                if (_lastGive[bit] >= 0) _gives.Add(_lastGive[bit]);
            }
        }

        if (_conflicts.Count > 1) _conflicts.Sort();
    }

    private void AddConflicts(List<int> indices)
    {
        foreach (int index in indices) AddConflict(index);
    }

    private void AddConflict(int index)
    {
        if (index >= 0 && !_conflicts.Contains(index)) _conflicts.Add(index);
    }

    private void Remember(in Footprint step, int index)
    {
        for (int word = 0; word < Footprint.WordCount; word++)
        {
            Footprint.TouchedWord touched = step[word];
            for (ulong left = touched.Any; left != 0; left &= left - 1)
            {
                int bit = (word << 6) + BitOperations.TrailingZeroCount(left);
                ulong lowest = left & (ulong)-(long)left;
                _touchedBits.Add(bit);
                if ((touched.Writes & lowest) != 0)
                {
                    _lastWrite[bit] = index;
                    _readsSince[bit].Clear();
                    _addsSince[bit].Clear();
                }

                if ((touched.Adds & lowest) != 0) _addsSince[bit].Add(index);
                if ((touched.Reads & lowest) != 0) _readsSince[bit].Add(index);
                if ((touched.Gives & lowest) != 0) _lastGive[bit] = index;
            }
        }
    }

    private void Forget()
    {
        ForgetTouches();
        _roused.Clear();
        for (int i = 0; i < _tasks.Count; i++)
        {
            Array.Clear(_tasks[i]);
            _stepCounts[i] = 0;
        }
    }

    private void ForgetTouches()
    {
        foreach (int bit in _touchedBits)
        {
            _lastWrite[bit] = _lastGive[bit] = -1;
            _readsSince[bit].Clear();
            _addsSince[bit].Clear();
        }

        _touchedBits.Clear();
    }

    private void EnsureTask(int task)
    {
        while (_width <= task)
        {
            _width *= 2;
            for (int i = 0; i < _tasks.Count; i++) _tasks[i] = Grown(_tasks[i]);
        }

        while (_tasks.Count <= task)
        {
            _tasks.Add(new int[_width]);
            _stepCounts.Add(0);
        }
    }

    private int[] Grown(int[] clock)
    {
        Array.Resize(ref clock, _width);
        return clock;
    }
}
