using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using RemoteprocEmu.Platform.Access;
using RemoteprocEmu.Platform.Tasks;

namespace RemoteprocEmu.Harness;

/// <summary>Runs synchronous code of several processors one shared access at a time, in the order that the choices give.</summary>
/// <remarks>
/// <para>
/// Code under exploration uses <see cref="ExploredAccess"/>. A store goes to its lane's buffer. Before a load, and before a fence that
/// has stores
/// to wait for, the lane stops, and the choices say what moves next: a lane, or the oldest store of a buffer on its way to memory. A
/// load sees its
/// own lane's buffered stores first; a full fence empties the buffer. That is total store order, as x86 has it. A lane does not stop
/// before a
/// store: nobody else sees a buffer, so an order more would be the same run again.
/// </para>
/// <para>
/// What this does not see: loads that pass loads and stores that pass stores, as on ARM. There the acquire and release pairs are read
/// by eye.
/// Plain accesses, such as descriptors, take place at once, which total store order allows: nothing published points to them yet.
/// </para>
/// </remarks>
public sealed class Explorer : IDisposable
{
    [ThreadStatic] private static Lane? s_current;

    private readonly Lane[] _lanes;
    private readonly SemaphoreSlim _finished = new(0);
    private readonly List<(Lane Lane, bool IsFlush)> _moves = [];
    private IChoices _choices = FirstChoice.Instance;
    private Exception? _failure;
    private volatile bool _stopping;

    /// <summary>Makes an explorer; its lanes serve all runs.</summary>
    /// <param name="laneCount">Processors.</param>
    public Explorer(int laneCount)
    {
        _lanes = new Lane[laneCount];
        for (int index = 0; index < laneCount; index++) _lanes[index] = new Lane(this, index);
    }

    /// <summary>Runs one body a lane to the end, all stores in memory.</summary>
    /// <param name="choices">Decides every move that has an alternative.</param>
    /// <param name="bodies">One a lane. What they share they access through <see cref="ExploredAccess"/> or not at all.</param>
    public void Run(IChoices choices, params ReadOnlySpan<Action> bodies)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bodies.Length, _lanes.Length);
        _choices = choices;
        _failure = null;
        for (int index = 0; index < bodies.Length; index++) _lanes[index].Prepare(bodies[index]);
        MoveOn(null);
        _finished.Wait();
        if (_failure is not null) throw new InvalidOperationException($"Failed under choices {choices}: {_failure.Message}", _failure);
    }

    /// <summary>Ends the lanes.</summary>
    public void Dispose()
    {
        _stopping = true;
        foreach (Lane lane in _lanes) lane.End();
        _finished.Dispose();
    }

    internal static ushort Load(ref Le16 cell) => Current.Load(ref cell);

    internal static void Store(ref Le16 cell, ushort value) => Current.Store(ref cell, value);

    internal static void Fence() => Current.Fence();

    private static Lane Current => s_current ?? throw new InvalidOperationException("ExploredAccess is used outside of an Explorer.");

    /// <summary>Chooses what moves until it is a lane; hands over to it, unless it is the caller. The lane that holds the turn calls
    /// this.</summary>
    private void MoveOn(Lane? self)
    {
        while (true)
        {
            _moves.Clear();
            foreach (Lane lane in _lanes)
            {
                if (!lane.IsDone) _moves.Add((lane, false));
                if (lane.HasStores) _moves.Add((lane, true));
            }
            if (_moves.Count == 0)
            {
                _finished.Release();
                return;
            }
            (Lane chosen, bool isFlush) = _moves[Answer(_moves.Count)];
            if (isFlush)
            {
                chosen.FlushOldest();
                continue;
            }
            if (chosen == self) return;
            bool comesBack = self is { IsDone: false }; // read while the turn is ours: the next run may begin right after
            chosen.GiveTurn();
            if (comesBack) self!.AwaitTurn();
            return;
        }
    }

    private int Answer(int bound)
    {
        if (bound == 1 || _failure is not null) return 0;
        try
        {
            return _choices.Pick(bound);
        }
        catch (InvalidOperationException exception)
        {
            _failure = exception;
            return 0;
        }
    }

    private sealed class Lane
    {
        private readonly Explorer _owner;
        private readonly SemaphoreSlim _turn = new(0);
        private readonly Queue<(nint Cell, ushort Raw)> _stores = new();
        private readonly Thread _thread;
        private Action? _body;

        public Lane(Explorer owner, int index)
        {
            _owner = owner;
            _thread = new Thread(Serve, 256 * 1024) { IsBackground = true, Name = $"explorer lane {index}" };
            _thread.Start();
        }

        public bool IsDone { get; private set; } = true;

        public bool HasStores => _stores.Count > 0;

        public void Prepare(Action body)
        {
            _body = body;
            IsDone = false;
        }

        public void GiveTurn() => _turn.Release();

        public void AwaitTurn() => _turn.Wait();

        public void End()
        {
            _turn.Release();
            _thread.Join();
            _turn.Dispose();
        }

        public ushort Load(ref Le16 cell)
        {
            Pause();
            nint address = AddressOf(ref cell);
            ushort? own = null;
            foreach ((nint stored, ushort raw) in _stores) // as late as possible: the pause may have moved some to memory
            {
                if (stored == address) own = raw;
            }
            return FromRaw(own ?? Volatile.Read(ref Unsafe.As<Le16, ushort>(ref cell)));
        }

        public void Store(ref Le16 cell, ushort value)
        {
            Le16 wire = new(value);
            _stores.Enqueue((AddressOf(ref cell), Unsafe.As<Le16, ushort>(ref wire)));
        }

        public void Fence()
        {
            if (HasStores) Pause();
            while (HasStores) FlushOldest();
        }

        // SAFETY: explored cells lie in unmanaged memory, which does not move, and outlive the run that stores to them.
        public unsafe void FlushOldest()
        {
            (nint cell, ushort raw) = _stores.Dequeue();
            Volatile.Write(ref *(ushort*)cell, raw);
        }

        private void Serve()
        {
            s_current = this;
            while (true)
            {
                AwaitTurn();
                if (_owner._stopping) return;
                try
                {
                    _body!();
                }
                catch (Exception exception) // whatever it is, the run reports it
                {
                    _owner._failure ??= exception;
                }
                IsDone = true;
                _owner.MoveOn(this);
            }
        }

        private void Pause()
        {
            _owner.MoveOn(this);
            if (_owner._failure is not null) throw new OperationCanceledException("Another lane failed.");
        }

        // SAFETY: see FlushOldest.
        private static unsafe nint AddressOf(ref Le16 cell) => (nint)Unsafe.AsPointer(ref cell);

        private static ushort FromRaw(ushort raw) => Unsafe.As<ushort, Le16>(ref raw).Value;
    }
}
