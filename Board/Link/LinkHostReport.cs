using System.Collections.Generic;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.DriverModel.Log;

namespace RemoteprocEmu.Board.Link;

/// <summary>What the host of a link came to.</summary>
/// <param name="stream">Its messages.</param>
public sealed class LinkHostReport(MessageStream stream)
{
    /// <summary>Its messages.</summary>
    public MessageStream Stream { get; } = stream;

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
    public double MessagesPerSecond => ActiveNs > 0 ? Stream.VerifiedCount * 1e9 / ActiveNs : 0;
}
