using System;

namespace RemoteprocEmu.Rpmsg.Remote;

/// <summary>A buffer of the driver's that the remote may write a message into, in place.</summary>
public readonly struct RemoteTxBuffer
{
    private readonly RemoteRpmsg _remote;

    internal RemoteTxBuffer(RemoteRpmsg remote, ushort head, long serial)
    {
        _remote = remote;
        Head = head;
        Serial = serial;
    }

    /// <summary>Where the payload goes, as long as the buffer allows. Empty when the driver has reset the device since.</summary>
    /// <exception cref="InvalidOperationException">The buffer was sent or released already.</exception>
    public Span<byte> Payload => _remote.ReservedPayload(this);

    /// <summary>Whose it is; null for a buffer that nobody gave out.</summary>
    internal RemoteRpmsg? Remote => _remote;

    internal ushort Head { get; }

    internal long Serial { get; }
}
