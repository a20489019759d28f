using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>How a half waits for the other: by looking, or by looking for a while and then sleeping on its bell.</summary>
/// <param name="gate">Where it learns that waiting is in vain.</param>
/// <param name="bell">Its bell; null to look for ever.</param>
/// <param name="spin">How long to look.</param>
internal struct Waiter(Gate gate, EventFd? bell, AdaptiveSpin spin)
{
    private const int SleepMs = 200;

    private AdaptiveSpin _spin = spin;
    private uint _looks;
    private Gate.Patience _patience;

    /// <summary>Times that it slept.</summary>
    public readonly long SleepCount => _spin.SleepCount;

    /// <summary>Something was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Found()
    {
        _looks = 0;
        _spin.Found();
    }

    /// <summary>Nothing was there: waits a little.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Wait<T>(ref T half) where T : struct, IHalf
    {
        if (bell is not null && _spin.Next()) return;
        AdaptiveSpin.Pause();
        if (bell is not null || ++_looks % 65536 == 0) WaitLong(ref half);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitLong<T>(ref T half) where T : struct, IHalf
    {
        if (_looks <= 65536) _patience = default;
        if (bell is not null)
        {
            bool hasRung = !half.TryArm() || _spin.Sleep(bell, SleepMs);
            half.Disarm();
            if (hasRung) return;
            _looks = 65537; // a time without a ring: patience goes on
        }

        gate.Check(ref _patience);
    }
}
