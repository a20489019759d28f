using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using RemoteprocEmu.Board;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Explain;
using RemoteprocEmu.Explorer.Explain.Report;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>A folder with everything about some findings: for a person, for a slide, for a program.</summary>
internal sealed class ReportFolder(Terminal terminal, string path)
{
    /// <summary>Writes it; what is there of the same names is written over.</summary>
    /// <param name="cases">What was searched or replayed.</param>
    /// <param name="withJUnit">Whether they are test cases.</param>
    /// <returns>False when it could not; the terminal was told.</returns>
    public bool TryWrite(IReadOnlyList<ScenarioReport> cases, bool withJUnit)
    {
        Explanation[] explained = [.. cases.SelectMany(one => one.Findings.Concat(one.Expected))];
        try
        {
            _ = Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            terminal.Complain($"{path}: {exception.Message}");
            return false;
        }

        for (int i = 0; i < explained.Length; i++)
        {
            if (!TryWrite(string.Create(CultureInfo.InvariantCulture, $"finding-{i + 1}.svg"),
                SequenceDiagram.Draw(explained[i]))) return false;
        }

        return TryWrite("report.html", HtmlReport.Write(cases, ProductVersion.Text)) &&
            TryWrite("findings.txt", string.Join("\n" + new string('-', 75) + "\n\n", explained.Select(FindingText.Write))) &&
            TryWrite("findings.json", stream => WriteJson(stream, explained)) &&
            (!withJUnit || TryWrite("junit.xml", stream => JUnitReport.Write(stream, cases)));
    }

    /// <summary>Writes a file, or says why not.</summary>
    public static bool TryWriteFile(Terminal terminal, string path, Action<Stream> write)
    {
        try
        {
            using FileStream stream = File.Create(path);
            write(stream);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            terminal.Complain($"{path}: {exception.Message}");
            return false;
        }
    }

    private bool TryWrite(string name, string text) => TryWrite(name, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private bool TryWrite(string name, Action<Stream> write) => TryWriteFile(terminal, Path.Combine(path, name), write);

    private static void WriteJson(Stream stream, Explanation[] explained)
    {
        using StreamWriter output = new(stream, new UTF8Encoding(false));
        JsonText.Write(output, json =>
        {
            json.WriteStartArray("findings");
            foreach (Explanation explanation in explained) FindingJson.Write(json, explanation);
            json.WriteEndArray();
        });
    }
}
