using System;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

#pragma warning disable RS0030 // how long a sleep took on the machine decides how long to spin before the next

namespace RemoteprocEmu.Platform.Doorbells;

/// <summary>How long to look again and again before it pays to sleep on an <see cref="EventFd"/>.</summary>
/// <remarks>
/// A sleep and a wake-up cost tens of microseconds, a look some nanoseconds. Who spins for as long as a sleep would cost loses at most
/// twice of what the best choice would. So the bound is that cost, calibrated by the owner; and as in KVM's halt polling the spin is
/// made shorter where sleeps are long (nothing would have come), and longer where one was short (a little more would have been enough).
/// <code>
/// if (spin.Next()) continue;      // looked in vain: look once more
/// if (queue.ArmKick()) continue;  // something slipped in
/// spin.Sleep(bell);
/// </code>
/// One owner, one thread. Source: Linux virt/kvm/kvm_main.c, kvm_vcpu_halt, grow_halt_poll_ns, shrink_halt_poll_ns.
/// </remarks>
public struct AdaptiveSpin
{
    private const int LimitMin = 16;

    private readonly int _bound;
    private readonly long _boundTicks;
    private int _limit;
    private int _count;

    /// <summary>Begins with the longest spin.</summary>
    /// <param name="boundLooks">Looks that take as long as a sleep costs; 0 to sleep at once.</param>
    /// <param name="boundNs">What a sleep costs, ns.</param>
    public AdaptiveSpin(int boundLooks, long boundNs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(boundLooks);
        _bound = _limit = boundLooks;
        _boundTicks = boundNs * Stopwatch.Frequency / 1_000_000_000;
    }

    /// <summary>Sleeps so far.</summary>
    public long SleepCount { get; private set; }

    /// <summary>Something was there: the next search begins anew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Found() => _count = 0;

    /// <summary>A look was in vain.</summary>
    /// <returns>True, after a pause, when another look is worth it; false when it is time to sleep.</returns>
    public bool Next()
    {
        if (_count >= _limit) return false;
        _count++;
        Pause();
        return true;
    }

    /// <summary>Sleeps until the bell rings, and learns from how long it took.</summary>
    /// <param name="bell">The bell; the other side was asked to ring it.</param>
    /// <param name="timeoutMs">Bound, ms; negative for none.</param>
    /// <returns>False when the time ran out.</returns>
    public bool Sleep(EventFd bell, int timeoutMs = -1)
    {
        ArgumentNullException.ThrowIfNull(bell);
        long before = Stopwatch.GetTimestamp();
        bool hasRung = bell.Wait(timeoutMs) > 0;
        bool wasShort = Stopwatch.GetTimestamp() - before < 2 * _boundTicks; // the wake-up itself is one bound of it
        _limit = wasShort ? Math.Min(_bound, Math.Max(LimitMin, 2 * _limit)) : Math.Min(_bound, Math.Max(LimitMin, _limit / 2));
        SleepCount++;
        _count = 0;
        return hasRung;
    }

    /// <summary>Tells the processor that this is a spin: <c>pause</c>, <c>yield</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pause()
    {
        if (X86Base.IsSupported) X86Base.Pause();
        else if (ArmBase.IsSupported) ArmBase.Yield();
    }
}
