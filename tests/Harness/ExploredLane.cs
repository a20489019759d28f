using System;
using System.Threading;

namespace RemoteprocEmu.Harness;

/// <summary>One processor of a <see cref="MemoryExplorer"/>: a thread that moves only while it has the turn, and what it knows.</summary>
/// <remarks>The first one borrows the thread of the explorer's caller: two hand-overs a run less.</remarks>
internal sealed class ExploredLane
{
    [ThreadStatic] private static ExploredLane? s_current;

    private readonly SemaphoreSlim _turn = new(0);
    private readonly Thread? _thread;
    private Action? _body;
    private bool _isEnding;
    private ExploredWord? _awaited;
    private int _awaitedCount;

    public ExploredLane(MemoryExplorer owner, string name, bool hasThread)
    {
        Owner = owner;
        Name = name;
        if (!hasThread) return;
        _thread = new Thread(Serve, 256 * 1024) { IsBackground = true, Name = $"explored {name}" };
        _thread.Start();
    }

    /// <summary>The lane that is running.</summary>
    public static ExploredLane Current =>
        s_current ?? throw new InvalidOperationException("ExploredAccess is used outside of a MemoryExplorer.");

    public MemoryExplorer Owner { get; }

    public string Name { get; }

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

    public bool IsDone { get; private set; } = true;

    /// <summary>Whether it waits although it could go on: it wants a newer value than there was.</summary>
    public bool IsChoosy { get; private set; }

    public bool CanMove => !IsDone && (_awaited is null || _awaited.Count > _awaitedCount);

    public void Prepare(int run, Action body)
    {
        _body = body;
        IsDone = false;
        Awaits(null, false);
        Step = Known = Pending = Fenced = 0;
        LastStored = "";
        Fences.Begin(run, 0);
        Bell.Begin(run, 0);
    }

    /// <summary>It moves again when the word has one version more; null: at any time.</summary>
    public void Awaits(ExploredWord? word, bool isChoosy)
    {
        _awaited = word;
        _awaitedCount = word?.Count ?? 0;
        IsChoosy = isChoosy;
    }

    public void GiveTurn() => _turn.Release();

    public void AwaitTurn() => _turn.Wait();

    /// <summary>Runs the body on the caller's thread, which has the turn.</summary>
    public void RunHere()
    {
        s_current = this;
        Owner.Guard(_body!);
        s_current = null;
        IsDone = true;
        Owner.MoveOnFrom(this);
    }

    public void End()
    {
        _isEnding = true;
        GiveTurn();
        _thread?.Join();
        _turn.Dispose();
    }

    private void Serve()
    {
        while (true)
        {
            AwaitTurn();
            if (_isEnding) return;
            RunHere();
        }
    }
}
