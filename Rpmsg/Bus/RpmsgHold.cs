using System;

namespace RemoteprocEmu.Rpmsg.Bus;

/// <summary>A received message that is kept beyond its handler.</summary>
public readonly struct RpmsgHold : IDisposable
{
    internal RpmsgHold(RpmsgMessage message) => Message = message;

    /// <summary>The message.</summary>
    public RpmsgMessage Message { get; }

    /// <summary>The payload, in the vring buffer. Empty when the device is gone.</summary>
    /// <exception cref="InvalidOperationException">The hold was given up already.</exception>
    public ReadOnlySpan<byte> Payload => Message.Payload;

    /// <summary>The payload as memory that can be kept: for what .NET reads asynchronously. Empty when the device is gone.</summary>
    /// <remarks>Not looked at again: used after <see cref="Dispose"/>, it shows whatever the buffer is lent for then.</remarks>
    /// <exception cref="InvalidOperationException">The hold was given up already.</exception>
    public ReadOnlyMemory<byte> Memory => Message.Endpoint.Device.Backend.MemoryOf(Message);

    /// <summary>Gives the hold up; the last one lends the buffer to the remote again and kicks it.</summary>
    /// <exception cref="InvalidOperationException">It was given up already.</exception>
    public void Dispose() => Message.Endpoint.Device.Backend.Release(Message);
}
