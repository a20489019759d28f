using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Harness;

/// <summary>One processor of a <see cref="MemoryExplorer"/>: what it knows, what it waits for, and what it has done so far.</summary>
internal sealed class ExploredLane(int index, string name)
{
    private readonly List<(ExploredWord? Word, uint Value)> _done = [];
    private int _again;
    private ExploredWord? _awaited;
    private int _awaitedCount;

    /// <summary>0 for the first processor, 1 for the second.</summary>
    public int Index => index;

    public string Name => name;

    /// <summary>Stores, plain loads and notifications so far.</summary>
    public int Step { get; set; }

    /// <summary>The neighbour's steps up to this one have been seen.</summary>
    public int Known { get; set; }

    /// <summary>What a full fence adds to <see cref="Known"/>: carried by values that were read without acquiring.</summary>
    public int Pending { get; set; }

    /// <summary>The own step at the last full fence.</summary>
    public int Fenced { get; set; }

    /// <summary>Name of the word stored last.</summary>
    public string LastStored { get; set; } = "";

    /// <summary>A version for each full fence.</summary>
    public ExploredWord Fences { get; } = new("fences");

    /// <summary>A version for each notification of the neighbour.</summary>
    public ExploredWord Bell { get; } = new("bell");

    public bool IsDone { get; set; }

    /// <summary>Whether it waits although it could go on: it wants a newer value than there was.</summary>
    public bool IsChoosy { get; private set; }

    public bool CanMove => !IsDone && (_awaited is null || _awaited.Count > _awaitedCount);

    public void Begin(int run)
    {
        _done.Clear();
        BeginAgain();
        StopWaiting();
        IsDone = false;
        Step = Known = Pending = Fenced = 0;
        LastStored = "";
        Fences.Begin(run, 0);
        Bell.Begin(run, 0);
    }

    /// <summary>Its body starts anew and is led to where it was.</summary>
    public void BeginAgain() => _again = 0;

    /// <summary>Takes an access that was done before the body started anew.</summary>
    /// <returns>False when there is none: this access is new.</returns>
    public bool TryAgain(ExploredWord? word, out uint value)
    {
        value = 0;
        if (_again == _done.Count) return false;
        (ExploredWord? before, value) = _done[_again++];
        if (before != word) throw new InvalidOperationException($"{name} does not do the same again: what does it keep?");
        return true;
    }

    public uint Done(ExploredWord? word, uint value = 0)
    {
        _done.Add((word, value));
        _again++;
        return value;
    }

    /// <summary>It moves again when the word has one version more.</summary>
    public void WaitFor(ExploredWord word, bool isChoosy)
    {
        _awaited = word;
        _awaitedCount = word.Count;
        IsChoosy = isChoosy;
    }

    /// <summary>Ends a wait, if there is one.</summary>
    /// <returns>Versions of the word that have come since; 0 when it did not wait.</returns>
    public int StopWaiting()
    {
        int news = _awaited is null ? 0 : _awaited.Count - _awaitedCount;
        _awaited = null;
        IsChoosy = false;
        return news;
    }
}
