using System;
using System.IO;

namespace RemoteprocEmu.Board;

/// <summary>A firmware image that comes with the emulator: made by a cross compiler, embedded as it is.</summary>
/// <param name="Name">Its name, without <c>.elf</c>.</param>
/// <param name="Description">What it is for, in one line.</param>
public sealed record SampleImage(string Name, string Description)
{
    /// <summary>Its file name, as under samples/firmware/bin.</summary>
    public string FileName => Name + ".elf";

    /// <summary>The file's bytes: a copy, the caller's own.</summary>
    public byte[] Read()
    {
        using Stream stream = typeof(SampleImage).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"{FileName} is not embedded: see SampleImages and the project file");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
