using System;
using System.Threading;
using RemoteprocEmu.Platform.Doorbells;

namespace RemoteprocEmu.Board.Bench.Lanes;

/// <summary>Where the two halves of a case meet at the beginning of each run; in memory that both have mapped.</summary>
/// <remarks>
/// <code>
/// offset  field
///    0    the run that the host's half has come to
///  128    the run that the remote's half has come to
///  256    1 when a half has failed: the other ends too
///  384    when the sender has begun, in ticks of the machine's clock; 0 before. Where messages are offered at a rate
/// </code>
/// </remarks>
/// <param name="start">Its <see cref="SizeBytes"/> bytes, zero at the beginning; they outlive it.</param>
internal sealed unsafe class Gate(byte* start)
{
    /// <summary>Size, bytes.</summary>
    public const int SizeBytes = 512;

    private long* Host => (long*)start;

    private long* Remote => (long*)(start + 128);

    private long* Failed => (long*)(start + 256);

    /// <summary>When the sender has begun, ticks; the receiver makes it 0 before they meet.</summary>
    public long SenderBeginTicks
    {
        get => Volatile.Read(ref *(long*)(start + 384));
        set => Volatile.Write(ref *(long*)(start + 384), value);
    }

    /// <summary>Waits for the other half.</summary>
    public void Meet(long run, bool isHost)
    {
        Volatile.Write(ref isHost ? ref *Host : ref *Remote, run);
        ref long other = ref isHost ? ref *Remote : ref *Host;
        Patience patience = default;
        for (uint looks = 1; Volatile.Read(ref other) < run; looks++)
        {
            AdaptiveSpin.Pause();
            if (looks % 4096 == 0) Check(ref patience);
        }
    }

    /// <summary>Tells the other half to end.</summary>
    public void Fail() => Volatile.Write(ref *Failed, 1);

    /// <summary>Whether there is still a point in waiting.</summary>
    /// <param name="patience">Begins as the default where a wait begins.</param>
    /// <exception cref="BenchFailureException">The other half has failed, or nothing has come for a long time.</exception>
    public void Check(ref Patience patience)
    {
        if (Volatile.Read(ref *Failed) != 0) throw new BenchFailureException("the other half has failed");
        if (patience.IsOver()) throw new BenchFailureException("nothing has moved for 10 s");
    }

    /// <summary>How long a half has waited. Time in which it could not look, because the process was stopped, is not waiting.</summary>
    public struct Patience
    {
        private const long WaitMsMax = 10_000;
        private const long StepMsMax = 250;

        private long _waitedMs;
        private long _lastMs;

        /// <summary>Looks at the clock.</summary>
        public bool IsOver()
        {
            long nowMs = Environment.TickCount64;
            if (_lastMs != 0) _waitedMs += Math.Min(StepMsMax, nowMs - _lastMs);
            _lastMs = nowMs;
            return _waitedMs > WaitMsMax;
        }
    }
}
