using System;
using System.IO;

namespace RemoteprocEmu.Board.Tests;

/// <summary>The sample images, as files.</summary>
internal static class Samples
{
    public static byte[] Read(string name)
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RemoteprocEmu.sln"))) folder = Path.GetDirectoryName(folder);
        return File.ReadAllBytes(Path.Combine(folder!, "samples", "firmware", "bin", name));
    }
}
