using System.Collections.Generic;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Tests.Ring;

/// <summary>A virtqueue as the specification tells it, slow and obvious: lists, and counters that never wrap.</summary>
internal sealed class SlowQueue(int queueSize, bool eventIndex)
{
    private readonly List<Chain> _offered = [];
    private readonly List<Chain> _available = [];
    private readonly List<Chain> _returned = [];
    private readonly List<Chain> _used = [];
    private readonly List<Chain> _taken = [];
    private long _availCount, _availAtKick, _takenCount;
    private long _usedCount, _usedAtInterrupt, _reclaimedCount;
    private long _availEvent, _usedEvent;
    private bool _noNotify, _noInterrupt;

    public int FreeCount { get; private set; } = queueSize;

    public int TakenCount => _taken.Count;

    public RingStatus Offer(List<VringSegment> segments, int readableCount, int token)
    {
        if (segments.Count > FreeCount) return RingStatus.Full;
        FreeCount -= segments.Count;
        _offered.Add(new Chain(segments, readableCount, token));
        return RingStatus.Ok;
    }

    public void PublishOffers()
    {
        _availCount += _offered.Count;
        Move(_offered, _available);
    }

    public bool ShouldKick()
    {
        bool crossed = _availEvent >= _availAtKick && _availEvent < _availCount;
        _availAtKick = _availCount;
        return eventIndex ? crossed : !_noNotify;
    }

    public Chain? Take()
    {
        if (_available.Count == 0) return null;
        Chain chain = _available[0];
        _available.RemoveAt(0);
        _taken.Add(chain);
        _takenCount++;
        return chain;
    }

    public void Return(int which, uint writtenBytes)
    {
        _returned.Add(_taken[which] with { WrittenBytes = writtenBytes });
        _taken.RemoveAt(which);
    }

    public void PublishReturns()
    {
        _usedCount += _returned.Count;
        Move(_returned, _used);
    }

    public bool ShouldInterrupt()
    {
        bool crossed = _usedEvent >= _usedAtInterrupt && _usedEvent < _usedCount;
        _usedAtInterrupt = _usedCount;
        return eventIndex ? crossed : !_noInterrupt;
    }

    public Chain? Reclaim()
    {
        if (_used.Count == 0) return null;
        Chain chain = _used[0];
        _used.RemoveAt(0);
        FreeCount += chain.Segments.Count;
        _reclaimedCount++;
        if (!_noInterrupt) _usedEvent = _reclaimedCount;
        return chain;
    }

    public bool ArmKick()
    {
        _noNotify = false;
        _availEvent = _takenCount;
        return _available.Count > 0;
    }

    public void DisarmKick()
    {
        _noNotify = true;
        _availEvent = _takenCount - 1;
    }

    public bool ArmInterrupt()
    {
        _noInterrupt = false;
        _usedEvent = _reclaimedCount;
        return _used.Count > 0;
    }

    public void DisarmInterrupt()
    {
        _noInterrupt = true;
        _usedEvent = _reclaimedCount - 1;
    }

    private static void Move(List<Chain> from, List<Chain> to)
    {
        to.AddRange(from);
        from.Clear();
    }

    public sealed record Chain(List<VringSegment> Segments, int ReadableCount, int Token)
    {
        public uint WrittenBytes { get; init; }
    }
}
