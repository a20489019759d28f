using System;
using System.IO;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Interop.Native;

/// <summary>A unix socket in the file system, for the user alone, on which others connect. No call of it ever waits.</summary>
public sealed unsafe class DescriptorListener : IDisposable
{
    private readonly Socket _socket;

    private DescriptorListener(string path, Socket socket)
    {
        Path = path;
        _socket = socket;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The socket, for who polls it: readable means that somebody connects.</summary>
    public SafeHandle Handle => _socket.SafeHandle;

    /// <summary>Makes the socket. One that a dead process has left there is replaced.</summary>
    /// <param name="path">Where; mode 0600.</param>
    /// <exception cref="IOException">Somebody listens there, the file is none of ours, or there is no such folder.</exception>
    public static DescriptorListener Open(string path)
    {
        RemoveStale(path);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // before anybody can connect
            socket.Listen(backlog: 8);
            return new DescriptorListener(path, socket);
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new IOException($"{path}: {exception.Message}", exception);
        }
    }

    /// <summary>Takes the oldest of those who wait.</summary>
    /// <returns>Null when nobody does.</returns>
    public DescriptorSocket? TryAccept()
    {
        const int SockNonBlock = 0x800; // the accepted one; that accept itself does not wait, the caller's poll sees to
        int descriptor = Libc.Accept(_socket.SafeHandle, null, null, Libc.SockCloexec | SockNonBlock);
        return descriptor < 0 ? null : new DescriptorSocket(new SafeFileHandle(descriptor, ownsHandle: true));
    }

    /// <summary>Connects to a socket in the file system.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="IOException">Nobody listens there.</exception>
    public static DescriptorSocket Connect(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new IOException($"{path}: {exception.Message}", exception);
        }

        return new DescriptorSocket(socket.SafeHandle, socket);
    }

    /// <summary>Closes the socket and removes its file. Connections stay.</summary>
    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(Path);
    }

    private static void RemoveStale(string path)
    {
        if (!Directory.Exists(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))))
            throw new IOException($"{path}: there is no such folder");
        if (!File.Exists(path)) return;
        if (new FileInfo(path).UnixFileMode == UnixFileMode.None || (File.GetAttributes(path) & FileAttributes.Directory) != 0)
            throw new IOException($"{path}: exists, and is no socket");
        try
        {
            using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path); // nobody listens any more
            return;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            throw new IOException($"{path}: exists, and is no socket of ours: {exception.Message}", exception);
        }

        throw new IOException($"{path}: somebody listens there already");
    }

    private static bool IsSocket(string path)
    {
        const ushort TypeMask = 0xf000, SocketType = 0xc000;
        const int AtFdCwd = -100;
        Libc.Statx facts = default;
        using SafeFileHandle here = new(AtFdCwd, ownsHandle: false);
        return Libc.StatX(here, path, 0, Libc.StatxType, &facts) == 0 && (facts.Mode & TypeMask) == SocketType;
    }
}
