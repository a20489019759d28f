using System;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>A received message that is held beyond its handler.</summary>
public readonly struct RemoteRxBuffer
{
    private readonly RemoteRpmsg _remote;

    internal RemoteRxBuffer(RemoteRpmsg remote, ushort head, long serial, RpmsgHeader header)
    {
        _remote = remote;
        Head = head;
        Serial = serial;
        Header = header;
    }

    /// <summary>The header, as it was when the message came.</summary>
    public RpmsgHeader Header { get; }

    /// <summary>The payload, in the vring buffer. Empty when the driver has reset the device since.</summary>
    /// <exception cref="InvalidOperationException">The buffer was released already.</exception>
    public ReadOnlySpan<byte> Payload => _remote.HeldPayload(this);

    /// <summary>Whose it is; null for a buffer that nobody gave out.</summary>
    internal RemoteRpmsg? Remote => _remote;

    internal ushort Head { get; }

    internal long Serial { get; }
}
