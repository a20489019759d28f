using System.Collections.Generic;

namespace RemoteprocEmu.Platform;

/// <summary>Gives out the lowest free number: the kernel's ida and idr_alloc.</summary>
public sealed class IdAllocator
{
    private readonly List<int> _taken = []; // ascending

    /// <summary>Numbers that are taken, ascending.</summary>
    public IReadOnlyCollection<int> Taken => _taken;

    /// <summary>Takes the lowest free number from <paramref name="first"/> on. Kernel: idr_alloc(first, 0).</summary>
    /// <param name="first">The lowest acceptable; at least 0.</param>
    /// <param name="endExclusive">One past the highest acceptable.</param>
    /// <returns>The number, or -1 when the range is full (ENOSPC).</returns>
    public int Take(int first = 0, int endExclusive = int.MaxValue)
    {
        int index = _taken.BinarySearch(first);
        if (index < 0) index = ~index;
        int id = first;
        for (; index < _taken.Count && _taken[index] == id && id < endExclusive; index++) id++;
        if (id >= endExclusive) return -1;
        _taken.Insert(index, id);
        return id;
    }

    /// <summary>Takes one number. Kernel: idr_alloc(id, id + 1).</summary>
    /// <returns>False when it is taken.</returns>
    public bool TakeExactly(int id)
    {
        int index = _taken.BinarySearch(id);
        if (index >= 0) return false;
        _taken.Insert(~index, id);
        return true;
    }

    /// <summary>Gives a number back.</summary>
    /// <exception cref="InvariantException">It was not taken.</exception>
    public void Release(int id)
    {
        int index = _taken.BinarySearch(id);
        Invariant.Check(index >= 0, "an id is released once");
        _taken.RemoveAt(index);
    }
}
