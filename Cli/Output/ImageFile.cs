using System;
using System.IO;
using RemoteprocEmu.Board;

namespace RemoteprocEmu.Cli.Output;

/// <summary>A firmware image as the command line names it: a path, or a sample's name.</summary>
/// <param name="Name">What it was called.</param>
/// <param name="Bytes">The whole file.</param>
internal sealed record ImageFile(string Name, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>The name that request_firmware sees: the path's last part.</summary>
    public string FirmwareName => Path.GetFileName(Name) is { Length: > 0 } name ? name : Name;

    /// <summary>Reads it. A file goes before a sample of the same name.</summary>
    /// <param name="name">A path, or a sample's name.</param>
    /// <param name="file">The file; null unless the result is <see cref="ExitCode.Ok"/>.</param>
    /// <param name="complaint">What is wrong with it, in one line; empty otherwise.</param>
    /// <returns>Ok; Usage when there is no such file or it cannot be read; BadInput when it is too large for any image.</returns>
    public static int TryRead(string name, out ImageFile? file, out string complaint)
    {
        file = null;
        complaint = "";
        if (!File.Exists(name) && SampleImages.Find(name) is { } sample)
        {
            file = new ImageFile(sample.FileName, sample.Read());
            return ExitCode.Ok;
        }

        if (Directory.Exists(name)) return Fail(ExitCode.Usage, $"{name}: is a directory, not an image", out complaint);
        if (!File.Exists(name))
        {
            string what = name.StartsWith('-') ? "no such option" : "no such file, and no sample of that name ('rproc samples' lists them)";
            return Fail(ExitCode.Usage, $"{name}: {what}", out complaint);
        }

        try
        {
            using FileStream stream = new(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            if (!stream.CanSeek) return Fail(ExitCode.Usage, $"{name}: not a regular file", out complaint);
            if (stream.Length > Array.MaxLength)
                return Fail(ExitCode.BadInput, $"{name}: {stream.Length} bytes are too many: at most {Array.MaxLength}, -EFBIG",
                    out complaint);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            file = new ImageFile(name, bytes);
            return ExitCode.Ok;
        }
        catch (UnauthorizedAccessException)
        {
            return Fail(ExitCode.Usage, $"{name}: permission denied", out complaint);
        }
        catch (IOException exception)
        {
            return Fail(ExitCode.Usage, $"{name}: {exception.Message}", out complaint);
        }
    }

    private static int Fail(int exitCode, string text, out string complaint)
    {
        complaint = text;
        return exitCode;
    }
}
