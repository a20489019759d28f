using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>Writes a <see cref="ShardFile"/>, part by part. One call at a time.</summary>
public sealed class ShardWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly Dictionary<string, int> _outcomes = new(StringComparer.Ordinal);

    private ShardWriter(FileStream stream) => _stream = stream;

    /// <summary>Begins a file that is not there yet.</summary>
    /// <exception cref="IOException">It is there, or cannot be written.</exception>
    public static ShardWriter Create(string path, ShardHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        ShardWriter writer = new(new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
        writer.Append(ShardJson.Write(header));
        return writer;
    }

    /// <summary>Goes on with a file; a last line that was not written to its end is cut off.</summary>
    /// <exception cref="IOException">It cannot be written, or somebody else writes it.</exception>
    public static ShardWriter Resume(string path, ShardFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        ShardWriter writer = new(new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0));
        writer._stream.SetLength(file.LengthBytes);
        writer._stream.Position = file.LengthBytes;
        foreach (string text in file.OutcomeTexts) writer._outcomes.Add(text, writer._outcomes.Count);
        return writer;
    }

    /// <summary>Adds a part that was run to its end; it is on the disk when this returns.</summary>
    /// <exception cref="IOException">The disk is full, for instance. What was there before stays good.</exception>
    public void Append(string era, int part, PartResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Append(ShardJson.Write(era, part, result, _outcomes));
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Append(string line)
    {
        _stream.Write(Encoding.UTF8.GetBytes(line + "\n")); // in one piece: only a kill or a full disk leaves half a line
        _stream.Flush(flushToDisk: true);
    }
}
