using System;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>A message that an endpoint received, in the vring buffer itself.</summary>
public readonly struct RpmsgMessage
{
    internal RpmsgMessage(RpmsgEndpoint endpoint, RpmsgAddress source, int lengthBytes, int buffer, long serial)
    {
        Endpoint = endpoint;
        Source = source;
        LengthBytes = lengthBytes;
        Buffer = buffer;
        Serial = serial;
    }

    /// <summary>The endpoint that it came to.</summary>
    public RpmsgEndpoint Endpoint { get; }

    /// <summary>The sender's endpoint.</summary>
    public RpmsgAddress Source { get; }

    /// <summary>Length of the payload, bytes; checked against what the remote was lent.</summary>
    public int LengthBytes { get; }

    /// <summary>The payload. A remote that breaks the protocol may change it while it is read. Empty when the device is gone.</summary>
    /// <exception cref="InvalidOperationException">The handler is over, and the message is not held.</exception>
    public ReadOnlySpan<byte> Payload => Endpoint.Device.Backend.PayloadOf(this);

    internal int Buffer { get; }

    internal long Serial { get; }

    /// <summary>Keeps the buffer beyond the handler. The kernel has no such thing; OpenAMP has.</summary>
    /// <returns>The hold, to be disposed once. Who holds every buffer starves the remote.</returns>
    /// <exception cref="InvalidOperationException">The handler is over already.</exception>
    public RpmsgHold Hold()
    {
        Endpoint.Device.Backend.Hold(this);
        return new RpmsgHold(this);
    }
}
