using System;
using System.IO;
using System.Text;
using System.Text.Json;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>Reads a <see cref="ShardFile"/>.</summary>
public static class ShardReader
{
    /// <summary>Reads one.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="error">What is wrong with it, with its path and line; empty when nothing is.</param>
    /// <returns>Null when something is wrong with it.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Nor by us.</exception>
    public static ShardFile? TryRead(string path, out string error)
    {
        byte[] bytes = ReadAll(path);
        ShardFile? file = null;
        int line = 0;
        int start = 0;
        error = "";
        try
        {
            for (int end; (end = Array.IndexOf(bytes, (byte)'\n', start)) >= 0; start = end + 1)
            {
                line++;
                string text = Encoding.UTF8.GetString(bytes, start, end - start);
                if (file is null) file = new ShardFile(ShardJson.ReadHeader(text));
                else ShardJson.ReadPart(text, file);
                file.LengthBytes = end + 1;
            }
        }
        catch (JsonException exception)
        {
            // The parser's own words are about brackets: who broke the file wants to know where.
            string what = exception.InnerException is JsonException || exception.BytePositionInLine is not null ? "is not JSON"
                : exception.Message;
            error = line == 1 ? $"{path}: {what}" : $"{path}:{line}: {what}";
            return null;
        }

        if (file is null) error = $"{path}: is not a file that 'rproc explore --out' wrote: it has not one whole line";
        return file;
    }

    private static byte[] ReadAll(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
