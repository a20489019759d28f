using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Interop.VhostUser;

namespace RemoteprocEmu.Interop.Tests.VhostUser;

/// <summary>The other half of vhost-user: sends requests, and receives replies. What it sends is the test's affair.</summary>
internal sealed class FrontEnd(DescriptorSocket socket, Action waitForPeer) : IDisposable
{
    private const int Patience = 20_000;

    private readonly byte[] _bytes = new byte[VhostUserHeader.SizeBytes + VhostUserHeader.PayloadBytesMax];
    private readonly List<SafeFileHandle> _descriptors = [];

    /// <summary>Whether each request asks to be acknowledged, and the acknowledgement is awaited.</summary>
    public bool WantsAcks { get; set; }

    /// <summary>The socket.</summary>
    public DescriptorSocket Socket => socket;

    /// <summary>Sends a request.</summary>
    /// <returns>The acknowledgement, where one was asked for; otherwise 0.</returns>
    public ulong Send(VhostUserRequest request, ReadOnlySpan<byte> payload, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        SendRaw(new VhostUserHeader((uint)request, VhostUserHeader.Version | (WantsAcks ? VhostUserHeader.NeedReply : 0),
            (uint)payload.Length), payload, descriptors);
        return WantsAcks ? BinaryPrimitives.ReadUInt64LittleEndian(Receive(request)) : 0;
    }

    /// <summary>Sends a request with a 64-bit number.</summary>
    public ulong Send(VhostUserRequest request, ulong value, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        Span<byte> payload = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, value);
        return Send(request, payload, descriptors);
    }

    /// <summary>Sends a request with a ring's number and another.</summary>
    public ulong Send(VhostUserRequest request, int ring, uint value) => Send(request, (uint)ring | ((ulong)value << 32));

    /// <summary>Sends a request without payload and receives a 64-bit number.</summary>
    public ulong Ask(VhostUserRequest request) => BinaryPrimitives.ReadUInt64LittleEndian(Exchange(request, []));

    /// <summary>Sends a request and receives its reply.</summary>
    public byte[] Exchange(VhostUserRequest request, ReadOnlySpan<byte> payload)
    {
        SendRaw(new VhostUserHeader((uint)request, VhostUserHeader.Version, (uint)payload.Length), payload);
        return Receive(request);
    }

    /// <summary>Sends anything.</summary>
    /// <returns>What the socket said.</returns>
    public SocketStatus SendRaw(VhostUserHeader header, ReadOnlySpan<byte> payload, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        header.Write(_bytes);
        payload.CopyTo(_bytes.AsSpan(VhostUserHeader.SizeBytes));
        return socket.Send(_bytes.AsSpan(0, VhostUserHeader.SizeBytes + payload.Length), descriptors);
    }

    /// <summary>SET_MEM_TABLE.</summary>
    public ulong SetMemory(ReadOnlySpan<VhostUserRegion> regions, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        byte[] payload = new byte[8 + (regions.Length * VhostUserRegion.WireBytes)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, regions.Length);
        for (int i = 0; i < regions.Length; i++) regions[i].Write(payload.AsSpan(8 + (i * VhostUserRegion.WireBytes)));
        return Send(VhostUserRequest.SetMemTable, payload, descriptors);
    }

    /// <summary>SET_VRING_ADDR.</summary>
    public ulong SetRingAddress(int ring, ulong table, ulong avail, ulong used)
    {
        byte[] payload = new byte[40];
        BinaryPrimitives.WriteInt32LittleEndian(payload, ring);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(8), table);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(16), used);
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(24), avail);
        return Send(VhostUserRequest.SetVringAddr, payload);
    }

    /// <summary>Whether the other side closes the connection, once it has seen what was sent.</summary>
    public bool IsClosedByPeer()
    {
        for (int i = 0; i < Patience; i++)
        {
            SocketStatus status = socket.Receive(_bytes, _descriptors, out _);
            if (status is SocketStatus.Closed or SocketStatus.Failed) return true;
            waitForPeer();
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SafeFileHandle descriptor in _descriptors) descriptor.Dispose();
        socket.Dispose();
    }

    private byte[] Receive(VhostUserRequest request)
    {
        ReceiveExactly(_bytes.AsSpan(0, VhostUserHeader.SizeBytes));
        VhostUserHeader header = VhostUserHeader.Read(_bytes);
        if (header.Request != (uint)request || header.Flags != (VhostUserHeader.Version | VhostUserHeader.Reply))
            throw new IOException($"not the reply to {request}: {header}");
        byte[] payload = new byte[header.PayloadBytes];
        ReceiveExactly(payload);
        return payload;
    }

    private void ReceiveExactly(Span<byte> bytes)
    {
        for (int i = 0; i < Patience && bytes.Length > 0; i++)
        {
            SocketStatus status = socket.Receive(bytes, _descriptors, out int count);
            if (status is SocketStatus.Closed or SocketStatus.Failed) throw new IOException("the back end has closed the connection");
            bytes = bytes[count..];
            if (count == 0) waitForPeer();
        }

        if (bytes.Length > 0) throw new IOException("the back end does not answer");
    }
}
