using System;
using System.IO;

namespace RemoteprocEmu.Cli.Tests;

/// <summary>A file that goes with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("rproc-");

    public TemporaryFile(string name, byte[] bytes)
    {
        Path = System.IO.Path.Combine(_directory.FullName, name);
        File.WriteAllBytes(Path, bytes);
    }

    public string Path { get; }

    public void Dispose() => _directory.Delete(recursive: true);
}
