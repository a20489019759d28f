using System.Collections.Generic;

namespace RemoteprocEmu.Platform;

/// <summary>Gives out the lowest free number: the kernel's ida and idr_alloc.</summary>
public sealed class IdAllocator
{
    private readonly SortedSet<int> _taken = [];

    /// <summary>Numbers that are taken, ascending.</summary>
    public IReadOnlyCollection<int> Taken => _taken;

    /// <summary>Takes the lowest free number from <paramref name="first"/> on. Kernel: idr_alloc(first, 0).</summary>
    /// <param name="first">The lowest acceptable; at least 0.</param>
    /// <param name="endExclusive">One past the highest acceptable.</param>
    /// <returns>The number, or -1 when the range is full (ENOSPC).</returns>
    public int Take(int first = 0, int endExclusive = int.MaxValue)
    {
        int id = first;
        foreach (int taken in _taken.GetViewBetween(first, int.MaxValue))
        {
            if (taken != id || id >= endExclusive) break;
            id++;
        }

        if (id >= endExclusive) return -1;
        _ = _taken.Add(id); // it was free
        return id;
    }

    /// <summary>Takes one number. Kernel: idr_alloc(id, id + 1).</summary>
    /// <returns>False when it is taken.</returns>
    public bool TakeExactly(int id) => _taken.Add(id);

    /// <summary>Gives a number back.</summary>
    /// <exception cref="InvariantException">It was not taken.</exception>
    public void Release(int id) => Invariant.Check(_taken.Remove(id), "an id is released once");
}
