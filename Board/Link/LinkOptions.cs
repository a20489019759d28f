using RemoteprocEmu.Interop.OpenAmp;

namespace RemoteprocEmu.Board.Link;

/// <summary>How a process meets its peer.</summary>
/// <param name="Role">Which half of virtio it has.</param>
/// <param name="Side">Which end of the socket.</param>
/// <param name="Places">Where they meet.</param>
public sealed record LinkOptions(LinkRole Role, LinkSide Side, OpenAmpPlaces Places)
{
    /// <summary>How long to wait for a peer, each time, ns.</summary>
    public long WaitNs { get; init; } = 60_000_000_000;

    /// <summary>Looks at the rings all the time, and asks for no kicks; both processes want a processor of their own then.</summary>
    public bool Polls { get; init; }

    /// <summary>For a host: starts the peer, at every start anew, with <c>/bin/sh -c</c>; null when somebody else does.</summary>
    public string? Command { get; init; }
}
