using System;
using System.Runtime.CompilerServices;
using RemoteprocEmu.Platform.Memory;
using RemoteprocEmu.Rpmsg.Bus;
using RemoteprocEmu.Rpmsg.Wire;

namespace RemoteprocEmu.Rpmsg.VirtioBackend;

/// <summary>A message that a polled endpoint received, in the vring buffer itself.</summary>
public readonly ref struct RpmsgBatchMessage
{
    private readonly MessageReceiver _receiver;
    private readonly nint _start;
    private readonly int _buffer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal RpmsgBatchMessage(MessageReceiver receiver, RpmsgEndpoint endpoint, RpmsgAddress source, nint start, int lengthBytes,
        int buffer)
    {
        _receiver = receiver;
        _start = start;
        _buffer = buffer;
        Endpoint = endpoint;
        Source = source;
        LengthBytes = lengthBytes;
    }

    /// <summary>The endpoint that it came to.</summary>
    public RpmsgEndpoint Endpoint { get; }

    /// <summary>The sender's endpoint.</summary>
    public RpmsgAddress Source { get; }

    /// <summary>Length of the payload, bytes; checked against what the remote was lent.</summary>
    public int LengthBytes { get; }

    /// <summary>The payload. A remote that breaks the protocol may change it while it is read.</summary>
    public ReadOnlySpan<byte> Payload => HostBytes.At(_start, LengthBytes);

    /// <summary>Keeps the buffer beyond the handler.</summary>
    /// <returns>The hold, to be disposed once. Who holds every buffer starves the remote.</returns>
    public RpmsgHold Hold() => new RpmsgMessage(Endpoint, Source, LengthBytes, _buffer, _receiver.Enter(_buffer)).Hold();
}
