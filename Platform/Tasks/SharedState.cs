using System.Collections.Concurrent;
using System.Threading;

namespace RemoteprocEmu.Platform.Tasks;

/// <summary>A piece of state that several tasks touch, by name: a lock, a list, a counter, an entry of a table.</summary>
/// <remarks>
/// Whoever reads or writes the piece says so here; see <see cref="ISchedule.Touched"/>. It costs a test of a field where nobody asks. Of
/// two pieces with one name a search believes that they are one, which makes it slower and never wrong.
/// </remarks>
/// <param name="scheduler">Whose tasks touch it.</param>
/// <param name="name">What a person calls it; not empty.</param>
/// <param name="kind">What it is waited on as; null for plain data.</param>
public sealed class SharedState(Scheduler scheduler, string name, WaitQueueKind? kind = null)
{
    private static readonly ConcurrentDictionary<string, int> s_ids = new(System.StringComparer.Ordinal);
    private static int s_count;

    private int _id = -1;

    /// <summary>What a person calls it: <c>remoteproc0 lock</c>.</summary>
    public string Name => name;

    /// <summary>What it is waited on as; null for plain data, which nothing waits on: only of that can two tasks race.</summary>
    public WaitQueueKind? Kind => kind;

    /// <summary>Number of its name in this process, from 0.</summary>
    public int Id => _id >= 0 ? _id : _id = s_ids.GetOrAdd(name, static _ => Interlocked.Increment(ref s_count) - 1);

    /// <summary>The piece of a name: for what is made again and again under one name, as a device with each boot, it is the same
    /// one.</summary>
    /// <inheritdoc cref="SharedState"/>
    public static SharedState Of(Scheduler scheduler, string name, WaitQueueKind? kind = null)
    {
        System.ArgumentNullException.ThrowIfNull(scheduler);
        return scheduler.StateOf(name, kind);
    }

    /// <summary>The running step has looked at it.</summary>
    public void Read() => scheduler.Listener?.Touched(this, Touch.Read);

    /// <summary>The running step has changed it, or taken it.</summary>
    public void Write() => scheduler.Listener?.Touched(this, Touch.Write);

    /// <summary>The running step has added to it, or taken something off it, in a way that commutes: see <see cref="Touch.Add"/>.</summary>
    public void Add() => scheduler.Listener?.Touched(this, Touch.Add);

    /// <summary>The running step has done something else to it.</summary>
    internal void Do(Touch touch) => scheduler.Listener?.Touched(this, touch);

    /// <inheritdoc/>
    public override string ToString() => name;
}
