using System.Collections.Generic;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Board.Link;

/// <summary>What the remote of a link came to.</summary>
public sealed class LinkRemoteReport
{
    /// <summary>Hosts that came.</summary>
    public int HostCount { get; internal set; }

    /// <summary>Hosts that vanished: they hung up with DRIVER_OK set and without a goodbye.</summary>
    public int LostHostCount { get; internal set; }

    /// <summary>Crashes of the program.</summary>
    public int CrashCount { get; internal set; }

    /// <summary>What passed.</summary>
    public VdevCounters Traffic { get; internal set; }

    /// <summary>Bytes sent to and received from the socket.</summary>
    public (long Sent, long Received) Kicks { get; internal set; }

    /// <summary>Whether it was interrupted.</summary>
    public bool WasInterrupted { get; internal set; }

    /// <summary>What was wrong with the peer or the places; null for nothing.</summary>
    public LinkFault? Fault { get; internal set; }

    /// <summary>What went wrong, in order.</summary>
    public List<string> Findings { get; } = [];
}
