using System;
using System.Buffers;
using System.IO;
using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RemoteprocEmu.Platform.Memory;

/// <summary>A block of memory that other processes can map: a memfd or a file, mapped shared, page-aligned, never moved.</summary>
/// <remarks>The one owner of raw pointers into shared memory. Everybody else gets spans and addresses that were checked here.</remarks>
public sealed unsafe partial class SharedMemory : MemoryManager<byte>
{
    /// <summary>Granularity of mappings and of everything that remoteproc allocates, bytes.</summary>
    public const int PageBytes = 4096;

    /// <summary>The most that one memory can hold, bytes: whole pages within the reach of a span.</summary>
    public const long LengthBytesMax = int.MaxValue & ~(PageBytes - 1);

    private readonly FileStream _file;
    private readonly MemoryMappedFile _mapping;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _base;

    private SharedMemory(string name, FileStream file, long lengthBytes, long offset = 0)
    {
        Name = name;
        LengthBytes = lengthBytes;
        _file = file;
        _mapping = MemoryMappedFile.CreateFromFile(file, null, capacity: 0, MemoryMappedFileAccess.ReadWrite,
            HandleInheritability.None, leaveOpen: true); // 0: as long as the file is, which may be longer than what is asked for
        _view = _mapping.CreateViewAccessor(offset, lengthBytes, MemoryMappedFileAccess.ReadWrite);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base); // released in Dispose
    }

    /// <summary>What a person calls it.</summary>
    public string Name { get; }

    /// <summary>Size, bytes; a whole number of pages.</summary>
    public long LengthBytes { get; }

    /// <summary>A path under which another process of the same user can open and map this memory while it lives.</summary>
    public string Path => _file.Name.StartsWith('/') && File.Exists(_file.Name)
        ? _file.Name
        : $"/proc/{Environment.ProcessId}/fd/{_file.SafeFileHandle.DangerousGetHandle()}";

    /// <summary>First byte. For owners that check every offset against <see cref="LengthBytes"/>; null after Dispose.</summary>
    public byte* Base => _base;

    /// <summary>Creates anonymous memory (a memfd), all zero.</summary>
    /// <param name="name">Shown in /proc; not a path.</param>
    /// <param name="lengthBytes">Rounded up to pages; at most <see cref="LengthBytesMax"/>.</param>
    /// <exception cref="IOException">The kernel gave none.</exception>
    public static SharedMemory Create(string name, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytesMax);
        lengthBytes = RoundUpToPage(lengthBytes);
        int fd = MemfdCreate(name, MfdCloexec);
        if (fd < 0) throw new IOException($"memfd_create(\"{name}\", {lengthBytes} bytes) failed: errno {Marshal.GetLastPInvokeError()}");
        FileStream file = new(new SafeFileHandle(fd, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        try
        {
            file.SetLength(lengthBytes);
            return new SharedMemory(name, file, lengthBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps a file, grown to <paramref name="lengthBytes"/>, or made: it is then the user's alone (mode 0600).</summary>
    /// <param name="path">The file.</param>
    /// <param name="lengthBytes">Rounded up to pages; at most <see cref="LengthBytesMax"/>.</param>
    /// <exception cref="IOException">It cannot be opened, grown or mapped, or its file system has no room for all of it.</exception>
    public static SharedMemory OpenFile(string path, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lengthBytes, LengthBytesMax);
        lengthBytes = RoundUpToPage(lengthBytes);
        FileStream file = new(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        try
        {
            if (file.Length < lengthBytes) file.SetLength(lengthBytes);
            // Blocks for every page now: where there are none, the first touch of the page would be a SIGBUS.
            int errno = PosixFallocate(file.SafeFileHandle, 0, lengthBytes);
            if (errno is not (0 or (int)Errno.EOPNOTSUPP))
                throw new IOException($"posix_fallocate({lengthBytes} bytes) failed: {((Errno)errno).Name()}");
            return new SharedMemory(path, file, lengthBytes);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Maps what another process shares by its descriptor; it may be longer than <see cref="LengthBytesMax"/>.</summary>
    /// <param name="name">What a person calls it.</param>
    /// <param name="descriptor">A memfd or a file, readable and writable; owned from here on, also when this throws.</param>
    /// <param name="offset">Where in it; whole pages.</param>
    /// <param name="lengthBytes">How much; whole pages, and all of it there.</param>
    /// <remarks>Who shares it can make it shorter at any time. Touching what lies beyond the end is then SIGBUS.</remarks>
    /// <exception cref="IOException">It cannot be mapped.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static SharedMemory OpenDescriptor(string name, SafeFileHandle descriptor, long offset, long lengthBytes)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        try
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(offset % PageBytes, 0);
            ArgumentOutOfRangeException.ThrowIfNotEqual(lengthBytes % PageBytes, 0);
            ArgumentOutOfRangeException.ThrowIfLessThan(lengthBytes, PageBytes);
            return new SharedMemory(name, new FileStream(descriptor, FileAccess.ReadWrite, bufferSize: 0), lengthBytes, offset);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>The bytes from <paramref name="offset"/> on.</summary>
    /// <param name="offset">From the start of the memory, bytes.</param>
    /// <param name="lengthBytes">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside.</exception>
    public Span<byte> Slice(long offset, int lengthBytes)
    {
        CheckRange(offset, lengthBytes);
        // SAFETY: the range was checked; the base is not null, for CheckRange throws after Dispose.
        return new Span<byte>(_base + offset, lengthBytes);
    }

    /// <summary>The bytes from <paramref name="offset"/> on, storable; within the first <see cref="LengthBytesMax"/>.</summary>
    /// <inheritdoc cref="Slice"/>
    public Memory<byte> SliceMemory(long offset, int lengthBytes)
    {
        CheckRange(offset, lengthBytes);
        return CreateMemory(checked((int)offset), lengthBytes);
    }

    /// <summary><paramref name="lengthBytes"/>, rounded up to whole pages; at least one.</summary>
    public static long RoundUpToPage(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        return Math.Max(PageBytes, (lengthBytes + PageBytes - 1) & ~(long)(PageBytes - 1));
    }

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Slice(0, checked((int)LengthBytes));

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        CheckRange(elementIndex, 0);
        return new MemoryHandle(_base + elementIndex); // SAFETY: checked; mapped memory does not move, so there is nothing to pin
    }

    /// <inheritdoc/>
    public override void Unpin() { }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_base is null) return;
        _base = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _mapping.Dispose();
        _file.Dispose();
    }

    private void CheckRange(long offset, int lengthBytes)
    {
        ObjectDisposedException.ThrowIf(_base is null, this);
        if (offset < 0 || lengthBytes < 0 || offset > LengthBytes - lengthBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offset),
                $"{lengthBytes} bytes at 0x{offset:x} do not lie in \"{Name}\" of {LengthBytes} bytes");
        }
    }

    private const uint MfdCloexec = 1;

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "posix_fallocate")] // returns the errno
    private static partial int PosixFallocate(SafeFileHandle file, long offset, long lengthBytes);
}
