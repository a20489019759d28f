using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Interop.Native;

/// <summary>One end of a connected AF_UNIX stream that carries bytes and descriptors (SCM_RIGHTS). No call of it ever waits.</summary>
/// <remarks>
/// Descriptors arrive with the first byte of the message that they were sent with, and the kernel never glues bytes behind them. Who
/// receives no more than the rest of one frame at a time knows whose they are.
/// Source: unix(7), cmsg(3); net/unix/af_unix.c, unix_stream_read_generic.
/// </remarks>
/// <param name="socket">The socket; owned from here on.</param>
/// <param name="owner">What else is to be disposed with it; null for nothing.</param>
public sealed unsafe class DescriptorSocket(SafeHandle socket, IDisposable? owner = null) : IDisposable
{
    /// <summary>The most descriptors that Linux lets one message carry: SCM_MAX_FD.</summary>
    public const int DescriptorCountMax = 253;

    private const int ControlBytes = 16 + (4 * DescriptorCountMax) + 4; // one header, the descriptors, rounded up to 8

    /// <summary>The socket, for who polls it.</summary>
    public SafeHandle Handle { get; } = socket;

    /// <summary>The errno behind the last <see cref="SocketStatus.Failed"/>.</summary>
    public int LastErrno { get; private set; }

    /// <summary>Makes two ends that are connected to each other.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static (DescriptorSocket First, DescriptorSocket Second) CreatePair()
    {
        int* pair = stackalloc int[2];
        if (Libc.SocketPair(Libc.AfUnix, Libc.SockStream | Libc.SockCloexec, 0, pair) != 0)
            throw new IOException($"socketpair failed: errno {Marshal.GetLastPInvokeError()}");
        return (new DescriptorSocket(new SafeFileHandle(pair[0], ownsHandle: true)),
            new DescriptorSocket(new SafeFileHandle(pair[1], ownsHandle: true)));
    }

    /// <summary>Receives what is there.</summary>
    /// <param name="bytes">Where it goes; not empty.</param>
    /// <param name="descriptors">Descriptors that came with it are added; close-on-exec, and the caller's to dispose.</param>
    /// <param name="count">Bytes received; 0 unless Ok.</param>
    /// <returns>Ok, WouldBlock, Closed or Failed.</returns>
    public SocketStatus Receive(Span<byte> bytes, ICollection<SafeFileHandle> descriptors, out int count)
    {
        ArgumentNullException.ThrowIfNull(descriptors);
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        count = 0;
        ulong* control = stackalloc ulong[ControlBytes / sizeof(ulong)];
        // SAFETY: the kernel writes at most bytes.Length and ControlBytes; both live until it returns. Of the control data, only what it
        // says it wrote is read.
        fixed (byte* at = bytes)
        {
            Libc.IoVec vector = new() { Base = at, Length = (nuint)bytes.Length };
            Libc.MsgHdr message = new() { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlBytes };
            nint received;
            do received = Libc.RecvMsg(Handle, &message, Libc.MsgDontWait | Libc.MsgCmsgCloexec);
            while (received < 0 && Marshal.GetLastPInvokeError() == Libc.EIntr);
            if (received < 0) return Fail(Marshal.GetLastPInvokeError());
            TakeDescriptors(control, message.ControlLength, descriptors);
            count = (int)received;
            return received == 0 ? SocketStatus.Closed : SocketStatus.Ok;
        }
    }

    /// <summary>Sends all of it or nothing.</summary>
    /// <param name="bytes">What to send; not empty, and short: a message, not a stream.</param>
    /// <param name="descriptors">Sent along; still the caller's.</param>
    /// <returns>Ok; WouldBlock when the peer does not read; Closed; Failed.</returns>
    public SocketStatus Send(ReadOnlySpan<byte> bytes, params ReadOnlySpan<SafeFileHandle> descriptors)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bytes.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, DescriptorCountMax);
        ulong* control = stackalloc ulong[ControlBytes / sizeof(ulong)];
        int held = 0;
        try
        {
            Libc.ControlHeader* header = (Libc.ControlHeader*)control;
            *header = new() { Length = (nuint)(16 + (4 * descriptors.Length)), Level = Libc.SolSocket, Type = Libc.ScmRights };
            for (; held < descriptors.Length; held++)
            {
                bool added = false;
                descriptors[held].DangerousAddRef(ref added); // released below
                ((int*)(header + 1))[held] = (int)descriptors[held].DangerousGetHandle();
            }

            // SAFETY: the kernel reads bytes.Length bytes and the control data just written; both live until it returns.
            fixed (byte* at = bytes)
            {
                Libc.IoVec vector = new() { Base = at, Length = (nuint)bytes.Length };
                Libc.MsgHdr message = new() { Vectors = &vector, VectorCount = 1 };
                if (descriptors.Length > 0)
                {
                    message.Control = control;
                    message.ControlLength = (nuint)(16 + (((4 * descriptors.Length) + 7) & ~7));
                }

                nint sent;
                do sent = Libc.SendMsg(Handle, &message, Libc.MsgDontWait | Libc.MsgNoSignal);
                while (sent < 0 && Marshal.GetLastPInvokeError() == Libc.EIntr);
                if (sent < 0) return Fail(Marshal.GetLastPInvokeError());
                return sent == bytes.Length ? SocketStatus.Ok : SocketStatus.WouldBlock; // the tail is lost: the caller closes
            }
        }
        finally
        {
            for (int i = 0; i < held; i++) descriptors[i].DangerousRelease();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Handle.Dispose();
        owner?.Dispose();
    }

    private static void TakeDescriptors(ulong* control, nuint length, ICollection<SafeFileHandle> descriptors)
    {
        // SAFETY: length is what the kernel wrote, at most ControlBytes; each header and its data are inside before they are read.
        for (nuint at = 0; at + (nuint)sizeof(Libc.ControlHeader) <= length;)
        {
            Libc.ControlHeader* header = (Libc.ControlHeader*)((byte*)control + at);
            if (header->Length < (nuint)sizeof(Libc.ControlHeader) || header->Length > length - at) return;
            nuint count = (header->Length - (nuint)sizeof(Libc.ControlHeader)) / sizeof(int);
            bool isRights = header->Level == Libc.SolSocket && header->Type == Libc.ScmRights;
            for (nuint i = 0; isRights && i < count; i++) descriptors.Add(new SafeFileHandle(((int*)(header + 1))[i], ownsHandle: true));
            at += (header->Length + 7) & ~(nuint)7;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SocketStatus Fail(int errno)
    {
        const int EPipe = 32, EConnReset = 104;
        if (errno == Libc.EAgain) return SocketStatus.WouldBlock;
        if (errno is EPipe or EConnReset) return SocketStatus.Closed;
        LastErrno = errno;
        return SocketStatus.Failed;
    }
}
