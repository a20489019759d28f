using RemoteprocEmu.Cores.Scripted;
using RemoteprocEmu.Interop.VhostUser;

namespace RemoteprocEmu.Board.VhostUser;

/// <summary>One device to be served, on one socket.</summary>
public sealed record VhostUserPortOptions
{
    /// <summary>What a person calls it; the socket's file name without its ending, for instance.</summary>
    public required string Name { get; init; }

    /// <summary>Where front ends connect.</summary>
    public required string SocketPath { get; init; }

    /// <summary>The firmware behind the device.</summary>
    public required RemoteProgram Program { get; init; }

    /// <summary>Virtio device id: 7 rpmsg. The front end must know it by itself; the protocol does not say.</summary>
    public uint DeviceId { get; init; } = 7;

    /// <summary>What is offered.</summary>
    public VhostUserOptions Protocol { get; init; } = new();

    /// <summary>Whether each message, kick and call is told as an event.</summary>
    public bool TracesMessages { get; init; }
}
