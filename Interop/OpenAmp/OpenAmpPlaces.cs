using System;
using System.IO;

namespace RemoteprocEmu.Interop.OpenAmp;

/// <summary>Where the two processes of a link meet.</summary>
/// <param name="MemoryPath">The shared memory, a file.</param>
/// <param name="SocketPath">The socket that carries kicks: one byte 0x01 each, whatever the ring.</param>
public sealed record OpenAmpPlaces(string MemoryPath, string SocketPath)
{
    /// <summary>The longest socket path that Linux takes, bytes: sun_path less its NUL.</summary>
    public const int SocketPathBytesMax = 107;

    private const string MemoryName = "openamp.shm";
    private const string SocketName = "openamp.event.0";

    /// <summary>
    /// Where OpenAMP's own processes look: <c>shm_open("openamp.shm")</c>, and <c>openamp.event.0</c> in the temporary directory.
    /// </summary>
    public static OpenAmpPlaces Default { get; } = new(Path.Combine("/dev/shm", MemoryName), Path.Combine(Path.GetTempPath(), SocketName));

    /// <summary>Both in one directory, for processes that are told of it.</summary>
    public static OpenAmpPlaces In(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        string full = Path.GetFullPath(directory);
        return new OpenAmpPlaces(Path.Combine(full, MemoryName), Path.Combine(full, SocketName));
    }
}
