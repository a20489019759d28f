using System;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>A message that the remote received, in the vring buffer itself.</summary>
public readonly ref struct RemoteMessage
{
    private readonly RemoteRpmsg _remote;
    private readonly int _place;

    internal RemoteMessage(RemoteRpmsg remote, int place, RpmsgHeader header, ReadOnlySpan<byte> payload)
    {
        _remote = remote;
        _place = place;
        Header = header;
        Payload = payload;
    }

    /// <summary>The header, copied out before it was checked.</summary>
    public RpmsgHeader Header { get; }

    /// <summary>The sender's endpoint: where an answer goes.</summary>
    public RpmsgAddress Source => Header.Source;

    /// <summary>The payload. A host that breaks the protocol may change it while it is read.</summary>
    public ReadOnlySpan<byte> Payload { get; }

    /// <summary>Keeps the buffer beyond the handler. OpenAMP: rpmsg_hold_rx_buffer.</summary>
    /// <returns>One hold, to be given to <see cref="RemoteRpmsg.Release(RemoteRxBuffer)"/>. Who holds every buffer starves the
    /// sender.</returns>
    public RemoteRxBuffer Hold() => _remote.Hold(_place, Header);
}
