using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Interop.Native;

/// <summary>A descriptor that is a doorbell: an eventfd, or a stream where each ring is 8 bytes. No call of it ever waits.</summary>
/// <remarks>
/// One that a peer gave is made non-blocking, which its open file description then is for the peer, too: else a peer could fill its
/// counter and hold us in write. Source: eventfd(2); Linux arch/um/drivers/virtio_uml.c passes sockets for calls.
/// </remarks>
public sealed unsafe class NotifyDescriptor : IDisposable
{
    /// <summary>Takes a descriptor over.</summary>
    /// <param name="handle">The descriptor; owned from here on.</param>
    public NotifyDescriptor(SafeFileHandle handle)
    {
        ArgumentNullException.ThrowIfNull(handle);
        Handle = handle;
        int flags = Libc.Fcntl(handle, Libc.FGetFl, 0);
        if (flags >= 0) _ = Libc.Fcntl(handle, Libc.FSetFl, flags | Libc.ONonBlock); // what refuses it fails at its first use
    }

    /// <summary>The descriptor, for who polls or passes it.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Makes an eventfd on which nothing has rung.</summary>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static NotifyDescriptor Create()
    {
        int descriptor = Libc.EventFd(0, Libc.EfdCloexec | Libc.EfdNonBlock);
        if (descriptor < 0) throw new IOException($"eventfd failed: errno {Marshal.GetLastPInvokeError()}");
        return new NotifyDescriptor(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Rings once.</summary>
    /// <returns>False when the peer has closed its end, or it is no descriptor to ring on. Full is rung already: true.</returns>
    public bool Ring()
    {
        ulong one = 1;
        return Libc.Write(Handle, &one, sizeof(ulong)) == sizeof(ulong) || Marshal.GetLastPInvokeError() is Libc.EAgain or Libc.EIntr;
    }

    /// <summary>Takes all rings, or the oldest of a stream.</summary>
    /// <param name="rang">Whether there was one.</param>
    /// <returns>False when none will ever come: closed, or nothing that can be read.</returns>
    public bool TryTake(out bool rang)
    {
        ulong count;
        nint read = Libc.Read(Handle, &count, sizeof(ulong));
        rang = read > 0;
        return rang || (read < 0 && Marshal.GetLastPInvokeError() is Libc.EAgain or Libc.EIntr);
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();
}
