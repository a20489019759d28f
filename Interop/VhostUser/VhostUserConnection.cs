using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using Microsoft.Win32.SafeHandles;
using RemoteprocEmu.Interop.Native;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Interop.VhostUser;

/// <summary>One front end's connection: its bytes and descriptors in, the back end's replies out.</summary>
/// <remarks>
/// At most the rest of one message is received at a time. So a descriptor belongs to the message that is being received, and a peer that
/// sends without end has one message in our memory.
/// </remarks>
public sealed class VhostUserConnection : IDisposable
{
    private const int MessagesPerTurn = 64; // then others of the thread have theirs

    private readonly DescriptorSocket _socket;
    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0, useSynchronizationContext: false)); // it never holds more than a message
    private readonly List<SafeFileHandle> _descriptors = [];
    private readonly ArrayBufferWriter<byte> _reply = new();
    private VhostUserRequest _refusedRequest;
    private VhostUserFault _refused;
    private int _wantedBytes = VhostUserHeader.SizeBytes;

    /// <summary>Begins a conversation.</summary>
    /// <param name="socket">The connected socket; owned from here on.</param>
    /// <param name="backend">Who answers; free for another connection when this one is disposed.</param>
    public VhostUserConnection(DescriptorSocket socket, VhostUserBackend backend)
    {
        _socket = socket;
        Backend = backend;
    }

    /// <summary>Who answers.</summary>
    public VhostUserBackend Backend { get; }

    /// <summary>The socket, for who polls it.</summary>
    public SafeHandle Handle => _socket.Handle;

    /// <summary>Messages handled.</summary>
    public long MessageCount { get; private set; }

    /// <summary>The last request that was refused since this was asked.</summary>
    /// <param name="request">The request.</param>
    /// <param name="fault">Why.</param>
    /// <returns>False when none was.</returns>
    public bool TakeRefusal(out VhostUserRequest request, out VhostUserFault fault)
    {
        (request, fault) = (_refusedRequest, _refused);
        _refused = VhostUserFault.None;
        return fault != VhostUserFault.None;
    }

    /// <summary>Handles what has come. Does not wait.</summary>
    /// <returns>None: there may be more later; or why the connection is over: the caller disposes it.</returns>
    public VhostUserFault OnReadable()
    {
        for (int i = 0; i < MessagesPerTurn;)
        {
            if (Backend.Memory.HasShrunk) return VhostUserFault.MemoryShrank;
            if (Backend.ChannelFault != VhostUserFault.None) return Backend.ChannelFault;
            Span<byte> room = _pipe.Writer.GetSpan(_wantedBytes)[.._wantedBytes];
            SocketStatus status = _socket.Receive(room, _descriptors, out int count);
            if (status != SocketStatus.Ok) return OnNothing(status);
            _pipe.Writer.Advance(count);
            ValueTask<FlushResult> flush = _pipe.Writer.FlushAsync();
            Invariant.Check(flush.IsCompletedSuccessfully, "a pipe that never pauses its writer flushes at once");
            VhostUserFault fault = OnBytes(out bool wasWhole);
            if (fault != VhostUserFault.None) return fault;
            if (wasWhole) i++;
        }

        return VhostUserFault.None;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Backend.Disconnect();
        foreach (SafeFileHandle descriptor in _descriptors) descriptor.Dispose();
        _descriptors.Clear();
        _pipe.Writer.Complete();
        _pipe.Reader.Complete();
        _socket.Dispose();
    }

    private static VhostUserFault OnNothing(SocketStatus status) => status switch
    {
        SocketStatus.WouldBlock => VhostUserFault.None,
        SocketStatus.Closed => VhostUserFault.PeerClosed,
        _ => VhostUserFault.SocketFailed,
    };

    private VhostUserFault OnBytes(out bool wasWhole)
    {
        wasWhole = false;
        if (!_pipe.Reader.TryRead(out ReadResult read)) return VhostUserFault.None;
        ReadOnlySequence<byte> buffer = read.Buffer;
        VhostUserFault fault = VhostUserFraming.TryRead(buffer, out VhostUserHeader header, out ReadOnlySequence<byte> payload,
            out _wantedBytes);
        if (fault != VhostUserFault.None)
        {
            _pipe.Reader.AdvanceTo(buffer.Start, buffer.End);
            return fault == VhostUserFault.Incomplete ? VhostUserFault.None : fault;
        }

        wasWhole = true;
        _wantedBytes = VhostUserHeader.SizeBytes;
        byte[] copy = payload.ToArray(); // out of the pipe before anything is done with it
        _pipe.Reader.AdvanceTo(payload.End);
        MessageCount++;
        fault = Backend.Handle(header, copy, _descriptors, _reply, out VhostUserFault refused);
        if (refused != VhostUserFault.None) (_refusedRequest, _refused) = ((VhostUserRequest)header.Request, refused);
        if (fault != VhostUserFault.None || _reply.WrittenCount == 0) return fault;
        SocketStatus sent = _socket.Send(_reply.WrittenSpan);
        _reply.ResetWrittenCount();
        if (sent == SocketStatus.Ok) return VhostUserFault.None;
        return sent == SocketStatus.WouldBlock ? VhostUserFault.DoesNotRead : OnNothing(sent);
    }
}
