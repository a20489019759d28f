namespace RemoteprocEmu.Platform.Trace;

/// <summary>
/// A sink that keeps one number of the whole run: two runs with equal hash and count made the same events in the same order.
/// </summary>
/// <remarks>FNV-1a over 64-bit words, each spread by a multiplication; not for adversaries. For one thread.</remarks>
public sealed class TraceHash : ITraceSink
{
    private const ulong Prime = 0x100000001B3;

    /// <summary>The hash of all events so far.</summary>
    public ulong Value { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Events so far.</summary>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public void Emit(in TraceEvent traceEvent)
    {
        Count++;
        Mix((ulong)traceEvent.TimeNs);
        Mix(((ulong)(uint)traceEvent.TaskId << 16) | (ushort)traceEvent.Kind);
        foreach (char c in traceEvent.Name) Mix(c);
        Mix(traceEvent.A);
        Mix(traceEvent.B);
    }

    private void Mix(ulong word)
    {
        word *= 0x9E3779B97F4A7C15;
        Value = (Value ^ (word ^ (word >> 29))) * Prime;
    }
}
