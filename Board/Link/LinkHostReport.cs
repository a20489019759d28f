using System.Collections.Generic;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.DriverModel.Log;

namespace RemoteprocEmu.Board.Link;

/// <summary>What the host of a link came to.</summary>
/// <param name="stream">Its messages, where they come back.</param>
/// <param name="oneWay">Its messages, where they do not; null where they do.</param>
public sealed class LinkHostReport(MessageStream stream, OneWayStream? oneWay)
{
    /// <summary>Its messages, where they come back.</summary>
    public MessageStream Stream { get; } = stream;

    /// <summary>Its messages, where they do not; null where they do.</summary>
    public OneWayStream? OneWay { get; } = oneWay;

    /// <summary>Messages to pass.</summary>
    public long Target => OneWay?.Target ?? Stream.Target;

    /// <summary>Messages that were verified, here or by the remote.</summary>
    public long VerifiedCount => OneWay?.WholeCount ?? Stream.VerifiedCount;

    /// <summary>Messages that came altered, or, one way, out of order.</summary>
    public long WrongCount => OneWay?.WrongCount ?? Stream.DamagedCount;

    /// <summary>Whether the last has passed.</summary>
    public bool IsDone => OneWay?.IsDone ?? Stream.IsDone;

    /// <summary>Whether a remote came at all.</summary>
    public bool HasBooted { get; internal set; }

    /// <summary>The service of the channel that carried messages last; empty for none.</summary>
    public string Service { get; internal set; } = "";

    /// <summary>How long messages were under way, ns.</summary>
    public long ActiveNs { get; internal set; }

    /// <summary>Crashes of the remote: it hung up.</summary>
    public int CrashCount { get; internal set; }

    /// <summary>Bytes sent to and received from the socket.</summary>
    public (long Sent, long Received) Kicks { get; internal set; }

    /// <summary>Whether it was interrupted.</summary>
    public bool WasInterrupted { get; internal set; }

    /// <summary>What was wrong with the peer or the places; null for nothing.</summary>
    public LinkFault? Fault { get; internal set; }

    /// <summary>What is left of the machine and should not be.</summary>
    public IReadOnlyList<string> Left { get; internal set; } = [];

    /// <summary>What went wrong, in order.</summary>
    public List<string> Findings { get; } = [];

    /// <summary>The kernel log.</summary>
    public IReadOnlyList<LogLine> Log { get; internal set; } = [];

    /// <summary>Verified messages a second; 0 when there is no rate.</summary>
    public double MessagesPerSecond => ActiveNs > 0 ? VerifiedCount * 1e9 / ActiveNs : 0;
}
