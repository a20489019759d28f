using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Remoteproc.Vdevs;

/// <summary>The notifyids of a processor: the lowest free one for each vring, over all its vdevs.</summary>
/// <remarks>Source: remoteproc_core.c, rproc_alloc_vring, idr_alloc on rproc->notifyids; max_notifyid.</remarks>
public sealed class NotifyIds
{
    /// <summary>Ids there can be: what a doorbell of ours has lines for. The kernel's idr has no such bound.</summary>
    public const int CountMax = 1024;

    private readonly IdAllocator _ids = new();
    private RprocVring?[] _vrings = [];

    /// <summary>The highest id given out since the last boot began; -1 for none.</summary>
    public int Max { get; private set; } = -1;

    /// <summary>Ids that are given out.</summary>
    public int Count => _ids.Taken.Count;

    /// <summary>The vring of an id; null for an id that nobody has.</summary>
    public RprocVring? Find(int notifyId) => (uint)notifyId < (uint)_vrings.Length ? _vrings[notifyId] : null;

    internal void Reset() => Max = -1;

    /// <summary>Gives out an id.</summary>
    /// <returns>-1 when there is none left (ENOSPC).</returns>
    internal int Take(RprocVring vring)
    {
        int id = _ids.Take(0, CountMax);
        if (id < 0) return id;
        if (id >= _vrings.Length) System.Array.Resize(ref _vrings, id + 4);
        _vrings[id] = vring;
        if (id > Max) Max = id;
        return id;
    }

    internal void Release(int notifyId)
    {
        _ids.Release(notifyId);
        _vrings[notifyId] = null;
    }
}
