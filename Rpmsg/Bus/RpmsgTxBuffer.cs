using System;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>A vring buffer that its taker may write a message into, in place.</summary>
/// <remarks>It ends with <see cref="Commit(int)"/> or <see cref="Dispose"/>; after Commit, Dispose does nothing, so that <c>using</c>
/// fits.</remarks>
public readonly struct RpmsgTxBuffer : IDisposable
{
    internal RpmsgTxBuffer(RpmsgEndpoint endpoint, int buffer, long serial)
    {
        Endpoint = endpoint;
        Buffer = buffer;
        Serial = serial;
    }

    /// <summary>Where the payload goes, MTU bytes; what an earlier message left is still there. Empty when the device is gone.</summary>
    /// <exception cref="InvalidOperationException">The buffer was sent or given back already.</exception>
    public Span<byte> Payload => Endpoint.Device.Backend.PayloadOf(this);

    /// <summary><see cref="Payload"/> as memory that can be kept until it is sent or given back: for what writes asynchronously.</summary>
    /// <exception cref="InvalidOperationException">The buffer was sent or given back already.</exception>
    public Memory<byte> Memory => Endpoint.Device.Backend.MemoryOf(this);

    internal RpmsgEndpoint Endpoint { get; }

    internal int Buffer { get; }

    internal long Serial { get; }

    /// <summary>Sends it to the channel's destination.</summary>
    /// <inheritdoc cref="Commit(RpmsgAddress, RpmsgAddress, int)"/>
    public Errno Commit(int lengthBytes) => Commit(Endpoint.Address, Endpoint.Device.Destination, lengthBytes);

    /// <summary>Sends it.</summary>
    /// <param name="source">The sender's address.</param>
    /// <param name="destination">The receiver's address.</param>
    /// <param name="lengthBytes">How much of <see cref="Payload"/> was written; may be 0.</param>
    /// <returns>
    /// Ok; EINVAL for an address that is Any, EMSGSIZE for a length that does not fit (also a negative one), both with the buffer still
    /// the taker's; ENOSPC or EIO when the ring refuses, with the buffer lost for ever, as in the kernel; ENODEV when the device is gone.
    /// </returns>
    /// <exception cref="InvalidOperationException">The buffer was sent or given back already.</exception>
    public Errno Commit(RpmsgAddress source, RpmsgAddress destination, int lengthBytes) =>
        Endpoint.Device.Backend.Commit(this, source, destination, lengthBytes);

    /// <summary>Gives it back unsent, if it was not sent: it is the next to be taken.</summary>
    public void Dispose() => Endpoint?.Device.Backend.Cancel(this);
}
