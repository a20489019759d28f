using System;
using System.IO;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Platform.Doorbells;

/// <summary>A doorbell between threads or processes, made of the kernel's eventfd: rings add up until they are taken.</summary>
/// <remarks>
/// Any number of threads may ring; one waits. What was written before a ring is seen by whoever takes it. Nothing is allocated after
/// creation.
/// Source: eventfd(2).
/// </remarks>
public sealed unsafe partial class EventFd : IDisposable
{
    private const int Forever = -1;
    private const int EfdCloexec = 0x80000;
    private const int EfdNonblock = 0x800;
    private const short PollIn = 1;
    private const int SetFd = 2;
    private const int FdCloexec = 1;

    private readonly SafeFileHandle _handle;
    private readonly int _fd;

    /// <summary>Takes over an eventfd that was inherited from another process.</summary>
    /// <param name="descriptor">Its number here; non-blocking.</param>
    public EventFd(int descriptor)
    {
        _handle = new SafeFileHandle(descriptor, ownsHandle: true);
        _fd = descriptor;
    }

    /// <summary>Its number in this process.</summary>
    public int Descriptor => _fd;

    /// <summary>Creates one on which nothing has rung.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static EventFd Create()
    {
        int fd = NativeEventFd(0, EfdCloexec | EfdNonblock);
        if (fd < 0) throw new IOException($"eventfd failed: errno {Marshal.GetLastPInvokeError()}");
        return new EventFd(fd);
    }

    /// <summary>Whether a process that is started from now on gets it, under the same number.</summary>
    public void SetInherited(bool isInherited)
    {
        if (NativeFcntl(_fd, SetFd, isInherited ? 0 : FdCloexec) < 0)
            throw new IOException($"fcntl(F_SETFD) failed: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Rings. Never blocks: a counter that is full has rung already.</summary>
    /// <remarks>Not inlined: the frame of a native call would cost its caller even where it does not ring.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Ring()
    {
        ulong one = 1;
        _ = NativeWrite(_fd, &one, sizeof(ulong)); // EAGAIN alone can happen: 2^64 - 2 rings not taken
    }

    /// <summary>Takes all rings.</summary>
    /// <returns>How many there were; 0 for none.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Take()
    {
        ulong count = 0;
        return NativeRead(_fd, &count, sizeof(ulong)) == sizeof(ulong) ? (long)count : 0;
    }

    /// <summary>Sleeps until it rings, and takes all rings.</summary>
    /// <param name="timeoutMs">Bound, ms; negative for none.</param>
    /// <returns>How many there were; 0 when the time ran out, or a signal came.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public long Wait(int timeoutMs = Forever)
    {
        PollEntry entry = new() { Descriptor = _fd, Events = PollIn };
        return NativePoll(&entry, 1, timeoutMs) > 0 ? Take() : 0;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry // struct pollfd
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int NativeEventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int NativeFcntl(int fd, int command, int argument);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint NativeWrite(int fd, void* data, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint NativeRead(int fd, void* data, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int NativePoll(PollEntry* entries, nuint count, int timeoutMs);
}
