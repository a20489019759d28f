using System;
using System.IO;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Interop.OpenAmp;

/// <summary>Says that a process plays a role on a shared memory, as long as it lives: a lock on a byte behind the memory's end.</summary>
/// <remarks>
/// <code>
/// byte          held by
/// size + 0      who plays the host
/// size + 1      who plays the remote
/// </code>
/// The kernel gives it up with the last descriptor, also when the process is killed: a file that nobody has locked is stale. It has nothing
/// to do with flock, which OpenAMP's processes take while they grow the file; they have no such lock.
/// Source: fcntl(2), F_OFD_SETLK.
/// </remarks>
public sealed partial class LinkLock : IDisposable
{
    private readonly FileStream _file;

    private LinkLock(FileStream file) => _file = file;

    /// <summary>Whether the file was removed since it was opened: what is under its name now is another.</summary>
    public bool IsFileGone
    {
        get
        {
            FileInfo descriptor = new($"/proc/self/fd/{_file.SafeFileHandle.DangerousGetHandle()}");
            return descriptor.LinkTarget?.EndsWith(" (deleted)", StringComparison.Ordinal) != false;
        }
    }

    /// <summary>Takes the lock of a role. The file is made, for the user alone, where there is none.</summary>
    /// <param name="path">The shared memory.</param>
    /// <param name="role">The role.</param>
    /// <returns>Null when another process has that role.</returns>
    /// <exception cref="IOException">The file cannot be opened or locked.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not ours to open.</exception>
    public static LinkLock? TryTake(string path, LinkRole role)
    {
        FileStream file = Open(path, FileMode.OpenOrCreate);
        try
        {
            if (TrySet(file.SafeFileHandle, role)) return new LinkLock(file);
            file.Dispose();
            return null;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Removes the file if no process has a role on it. Who had one gives it up first.</summary>
    public static void RemoveIfUnused(string path)
    {
        if (!File.Exists(path)) return;
        using FileStream file = Open(path, FileMode.Open);
        // In this order for everybody: of two that come at once, the first to take the host's byte goes on.
        if (TrySet(file.SafeFileHandle, LinkRole.Host) && TrySet(file.SafeFileHandle, LinkRole.Remote)) File.Delete(path);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path, FileMode mode)
    {
        FileStreamOptions options = new()
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete, // no flock
            BufferSize = 0,
        };
        if (mode == FileMode.OpenOrCreate) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static unsafe bool TrySet(SafeFileHandle file, LinkRole role)
    {
        FileLock range = new() { Type = WriteLock, Whence = 0, Start = OpenAmpLayout.MemoryBytes + (int)role, Length = 1 };
        if (Fcntl(file, SetOpenFileLock, &range) == 0) return true; // SAFETY: the kernel reads the range while the call lasts
        int errno = Marshal.GetLastPInvokeError();
        return errno is EAgain or EAccess ? false : throw new IOException($"fcntl(F_OFD_SETLK) failed: errno {errno}");
    }

    private const int SetOpenFileLock = 37;
    private const short WriteLock = 1;
    private const int EAgain = 11;
    private const int EAccess = 13;

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int ProcessId; // 0 for F_OFD_SETLK
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static unsafe partial int Fcntl(SafeFileHandle file, int command, FileLock* range);
}
