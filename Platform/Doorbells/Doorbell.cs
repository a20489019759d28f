using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Threading;
using System.Threading.Tasks;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Platform.Trace;

namespace RemoteprocEmu.Platform.Doorbells;

/// <summary>A mailbox between two processors: one side rings a line, the other sleeps until any line has rung.</summary>
/// <remarks>
/// <code>
/// ringer                              owner (one task)
/// 1 pending |= 1 &lt;&lt; line  (atomic)     1 take: line = lowest of pending, clear it (atomic)
/// 2 if the owner sleeps: wake it      2 none: mark asleep, look again, sleep
/// </code>
/// A line that rings twice before it is taken is taken once, as in a hardware mailbox. Step 1 is a full fence on both sides, so
/// either the ringer sees the owner asleep or the owner sees the line: no ring is lost.
/// </remarks>
public sealed class Doorbell
{
    private readonly WaitQueue _queue;
    private readonly ulong[] _pending;
    private KernelTask? _owner; // who sleeps here, or is about to
    private long _ringCount;

    /// <summary>Creates a doorbell on which nothing rings.</summary>
    /// <param name="scheduler">Whose tasks ring and answer.</param>
    /// <param name="name">What a person calls it.</param>
    /// <param name="lineCount">Lines, numbered from 0; at least 1.</param>
    public Doorbell(Scheduler scheduler, string name, int lineCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lineCount, 1);
        _queue = new WaitQueue(scheduler, name, WaitQueueKind.Doorbell);
        _pending = new ulong[(lineCount + 63) / 64];
        LineCount = lineCount;
    }

    /// <summary>Lines, numbered from 0.</summary>
    public int LineCount { get; }

    /// <summary>What a person calls it.</summary>
    public string Name => _queue.Name;

    /// <summary>Whether somebody sleeps until it rings.</summary>
    public bool HasSleeper => _queue.SleeperCount > 0;

    /// <summary>Times that it was rung, those that fell together counted each.</summary>
    public long RingCount => Interlocked.Read(ref _ringCount);

    /// <summary>Rings a line. From any task, on any processor.</summary>
    /// <returns>False when there is no such line; nothing rang.</returns>
    public bool Ring(int line)
    {
        if ((uint)line >= (uint)LineCount) return false;
        _queue.Touch(Touch.Add);
        _ = Interlocked.Increment(ref _ringCount);
        _ = Interlocked.Or(ref _pending[line >> 6], 1UL << (line & 63));
        _queue.Scheduler.Trace.Emit(TraceKind.Doorbell, _queue.Name, (ulong)line, 0);
        if (Volatile.Read(ref _owner) is not null) _queue.WakeAll();
        return true;
    }

    /// <summary>Takes the lowest line that has rung.</summary>
    /// <returns>False when none has.</returns>
    public bool TryTake(out int line)
    {
        for (int word = 0; word < _pending.Length; word++)
        {
            ulong bits = Volatile.Read(ref _pending[word]);
            if (bits == 0) continue;
            int bit = BitOperations.TrailingZeroCount(bits); // only the owner clears bits: it is still set
            _ = Interlocked.And(ref _pending[word], ~(1UL << bit));
            line = (word << 6) + bit;
            _queue.Touch(Touch.Write);
            return true;
        }

        line = -1;
        _queue.Touch(Touch.Read);
        return false;
    }

    /// <summary>Sleeps until a line has rung; it is left for <see cref="TryTake"/>.</summary>
    /// <param name="timeoutNs">Bound, ns.</param>
    /// <returns>False when the time ran out.</returns>
    /// <exception cref="InvalidOperationException">Another task waits: a second owner would miss rings.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))] // sleeps come one a message: they must not allocate
    public async ValueTask<bool> WaitAsync(long timeoutNs = Scheduler.Forever)
    {
        KernelTask task = _queue.Scheduler.RequireCurrent();
        if (Interlocked.Exchange(ref _owner, task) is { KillRequested: false }) // a full fence; pairs with the one in Ring
            throw new InvalidOperationException($"two tasks wait for doorbell \"{Name}\"");
        bool rang = await _queue.WaitAsync(this, static bell => bell.IsAnyPending(), timeoutNs,
                holds: static bell => bell.IsAnyPending(), touch: Touch.Read) == WaitResult.Ok;
        Volatile.Write(ref _owner, null);
        return rang;
    }

    /// <summary>Forgets every line that has rung: the mailbox was reset.</summary>
    public void Clear()
    {
        _queue.Touch(Touch.Write);
        for (int word = 0; word < _pending.Length; word++) _ = Interlocked.Exchange(ref _pending[word], 0);
    }

    private bool IsAnyPending()
    {
        foreach (ref readonly ulong word in _pending.AsSpan())
        {
            if (Volatile.Read(in word) != 0) return true;
        }

        return false;
    }
}
