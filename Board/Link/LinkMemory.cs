using System;
using System.IO;
using System.Threading;
using RemoteprocEmu.Interop.OpenAmp;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Board.Link;

/// <summary>The shared memory of a link, from the first who comes to the last who goes.</summary>
/// <remarks>
/// The file is the user's alone. Each process of ours says in a <see cref="LinkLock"/> which role it plays; the last removes the file, also
/// when the other was killed. What nobody has locked is stale and is used again.
/// </remarks>
public sealed class LinkMemory : IDisposable
{
    private const int TriesMax = 20; // of 10 ms: who goes holds both locks while it removes the file
    private const int TryPauseMs = 10;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _path;
    private readonly LinkLock _lock;

    private LinkMemory(string path, SharedMemory memory, LinkLock @lock)
    {
        _path = path;
        Memory = memory;
        _lock = @lock;
    }

    /// <summary>The memory: <see cref="OpenAmpLayout.MemoryBytes"/> and perhaps more.</summary>
    public SharedMemory Memory { get; }

    /// <summary>Opens the memory, or makes it.</summary>
    /// <param name="places">Where.</param>
    /// <param name="role">The role of this process; no other may have it.</param>
    /// <param name="side">A server clears it.</param>
    /// <exception cref="LinkException">It cannot be had: says why and what to do.</exception>
    public static LinkMemory Open(OpenAmpPlaces places, LinkRole role, LinkSide side)
    {
        ArgumentNullException.ThrowIfNull(places);
        string path = places.MemoryPath;
        try
        {
            MakeDirectory(path);
            if (new FileInfo(path).LinkTarget is { } target)
                throw new LinkException($"{path} is a symbolic link to {target}: remove it, anybody could have put it there");
            LinkLock taken = TakeLock(path, role);
            try
            {
                File.SetUnixFileMode(path, OwnerOnly); // fails for a file of somebody else
                SharedMemory memory = SharedMemory.OpenFile(path, OpenAmpLayout.MemoryBytes);
                if (side == LinkSide.Server) memory.Slice(0, OpenAmpLayout.MemoryBytes).Clear();
                return new LinkMemory(path, memory, taken);
            }
            catch
            {
                taken.Dispose();
                LinkLock.RemoveIfUnused(path);
                throw;
            }
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new LinkException(
                $"{path}: {exception.Message} Remove it if it is left from another user, or give a --dir of your own.", exception);
        }
        catch (IOException exception)
        {
            string remedy = $"make room there for {OpenAmpLayout.MemoryBytes / 1024} KiB that are yours, or give another --dir";
            throw new LinkException($"{path}: {exception.Message.TrimEnd('.')}: {remedy}", exception);
        }
    }

    /// <summary>Unmaps it; the last process removes the file.</summary>
    public void Dispose()
    {
        ((IDisposable)Memory).Dispose();
        _lock.Dispose();
        try
        {
            LinkLock.RemoveIfUnused(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Somebody else has removed it, or made another: then it is theirs.
        }
    }

    private static void MakeDirectory(string path)
    {
        string directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory)) _ = Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
    }

    private static LinkLock TakeLock(string path, LinkRole role)
    {
        for (int i = 0; i < TriesMax; i++)
        {
            if (LinkLock.TryTake(path, role) is { } taken)
            {
                if (!taken.IsFileGone) return taken;
                taken.Dispose(); // it was removed just now, by who goes
                continue;
            }

            Thread.Sleep(TryPauseMs);
        }

        string word = role == LinkRole.Host ? "host" : "remote";
        throw new LinkException($"{path}: another process is the {word} there already: end it, or give another --dir");
    }
}
