using System;
using System.IO;
using Xunit;

namespace RemoteprocEmu.TwoProcess.Tests;

/// <summary>A place for one link, short enough for a socket.</summary>
internal sealed class LinkFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("link");

    public string Path => _folder.FullName;

    public string MemoryPath => System.IO.Path.Combine(Path, "openamp.shm");

    public string SocketPath => System.IO.Path.Combine(Path, "openamp.event.0");

    /// <summary>Both processes have gone: so have their files.</summary>
    public void AssertIsEmpty() => Assert.Empty(Directory.GetFileSystemEntries(Path));

    public void Dispose() => _folder.Delete(recursive: true);
}
