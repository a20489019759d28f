using System;
using System.Collections.Generic;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>How often each status came out, of which ring and which half.</summary>
public sealed class Counts
{
    private static readonly int s_statuses = Enum.GetValues<RingStatus>().Length;
    private readonly long[] _counts = new long[4 * s_statuses];

    /// <summary>Counts one.</summary>
    public void Add(bool isPacked, QueueHalf half, RingStatus status) => _counts[Index(isPacked, half, (int)status)]++;

    /// <summary>Forgets all.</summary>
    public void Clear() => Array.Clear(_counts);

    /// <summary>Adds others to these.</summary>
    public void Add(Counts others)
    {
        for (int i = 0; i < _counts.Length; i++) _counts[i] += others._counts[i];
    }

    /// <summary>What came out, in a fixed order.</summary>
    public IEnumerable<(string Ring, QueueHalf Half, RingStatus Status, long Count)> All()
    {
        foreach (bool isPacked in (bool[])[false, true])
        {
            foreach (QueueHalf half in Enum.GetValues<QueueHalf>())
            {
                for (int status = 0; status < s_statuses; status++)
                {
                    long count = _counts[Index(isPacked, half, status)];
                    if (count != 0) yield return (isPacked ? "packed" : "split", half, (RingStatus)status, count);
                }
            }
        }
    }

    private static int Index(bool isPacked, QueueHalf half, int status) => (((isPacked ? 2 : 0) + (int)half) * s_statuses) + status;
}
