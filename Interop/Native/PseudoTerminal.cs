using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Interop.Native;

/// <summary>A pseudo-terminal: a /dev/pts/* for other programs, and our end of it. No call of it ever waits.</summary>
/// <remarks>
/// Raw: bytes pass as they are, nothing is echoed. Programs may come and go: it is kept open on their side, too, so that the last to close
/// it does not hang it up. Source: pty(7), posix_openpt(3), termios(3).
/// </remarks>
public sealed unsafe class PseudoTerminal : IDisposable
{
    private const int PathBytesMax = 128;

    private readonly SafeFileHandle _theirs;

    private PseudoTerminal(SafeFileHandle ours, SafeFileHandle theirs, string path)
    {
        Handle = ours;
        _theirs = theirs;
        Path = path;
    }

    /// <summary>Our end, for who polls it.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>What other programs open: <c>/dev/pts/3</c>.</summary>
    public string Path { get; }

    /// <summary>Makes one.</summary>
    /// <exception cref="IOException">The system gave none.</exception>
    public static PseudoTerminal Open()
    {
        SafeFileHandle ours = new(Libc.PosixOpenPt(Libc.ORdWr | Libc.ONoCtty | Libc.OCloexec | Libc.ONonBlock), ownsHandle: true);
        if (ours.IsInvalid) throw Failure("posix_openpt");
        byte* path = stackalloc byte[PathBytesMax];
        if (Libc.GrantPt(ours) != 0) throw Failure("grantpt", ours);
        if (Libc.UnlockPt(ours) != 0) throw Failure("unlockpt", ours);
        if (Libc.PtsName(ours, path, PathBytesMax) != 0) throw Failure("ptsname_r", ours);
        SafeFileHandle theirs = new(Libc.Open(path, Libc.ORdWr | Libc.ONoCtty | Libc.OCloexec), ownsHandle: true);
        if (theirs.IsInvalid) throw Failure("open", ours);
        Libc.Termios settings;
        bool isRaw = Libc.TcGetAttr(theirs, &settings) == 0;
        if (isRaw)
        {
            Libc.CfMakeRaw(&settings);
            isRaw = Libc.TcSetAttr(theirs, Libc.TcsaNow, &settings) == 0;
        }

        ReadOnlySpan<byte> name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path);
        if (isRaw) return new PseudoTerminal(ours, theirs, Encoding.UTF8.GetString(name));
        theirs.Dispose();
        throw Failure("tcsetattr", ours);
    }

    /// <summary>Takes what programs have written.</summary>
    /// <returns>How many bytes; 0 when there are none now.</returns>
    /// <exception cref="IOException">It does not work any more.</exception>
    public int Read(Span<byte> buffer)
    {
        fixed (byte* at = buffer) return Moved("read", Libc.Read(Handle, at, (nuint)buffer.Length));
    }

    /// <summary>Gives programs something to read.</summary>
    /// <returns>How many bytes went in; 0 when it is full: nobody reads.</returns>
    /// <exception cref="IOException">It does not work any more.</exception>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* at = bytes) return Moved("write", Libc.Write(Handle, at, (nuint)bytes.Length));
    }

    /// <summary>Hangs up: programs that read it see its end, and its path is gone.</summary>
    public void Dispose()
    {
        _theirs.Dispose();
        Handle.Dispose();
    }

    private static int Moved(string call, nint count)
    {
        if (count >= 0) return (int)count;
        return Marshal.GetLastPInvokeError() is Libc.EAgain or Libc.EIntr ? 0 : throw Failure(call);
    }

    private static IOException Failure(string call, SafeFileHandle? ours = null)
    {
        int errno = Marshal.GetLastPInvokeError();
        ours?.Dispose();
        return new IOException($"{call} of a pseudo-terminal failed: errno {errno}");
    }
}
