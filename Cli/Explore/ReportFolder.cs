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
    /// <param name="cases">Test cases for JUnit; none for a replay.</param>
    /// <param name="findings">The findings; those without an explanation are in the cases only.</param>
    /// <returns>False when it could not; the terminal was told.</returns>
    public bool TryWrite(IReadOnlyList<ScenarioReport> cases, IReadOnlyList<ExploreFinding> findings)
    {
        Explanation[] explained = [.. findings.Select(finding => finding.Explanation).OfType<Explanation>()];
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
            string name = string.Create(CultureInfo.InvariantCulture, $"finding-{i + 1}.svg");
            if (!TryWriteText(name, SequenceDiagram.Draw(explained[i]))) return false;
        }

        return TryWriteText("report.html", HtmlReport.Write(cases.Count > 0 ? cases : CasesOf(explained), ProductVersion.Text)) &&
            TryWriteText("findings.txt", string.Join("\n" + new string('-', 75) + "\n\n", explained.Select(FindingText.Write))) &&
            TryWrite("findings.json", stream => WriteJson(stream, explained)) &&
            (cases.Count == 0 || TryWrite("junit.xml", stream => JUnitReport.Write(stream, cases)));
    }

    /// <summary>Of a replay, which has no test cases: a case for what it found.</summary>
    private static ScenarioReport[] CasesOf(Explanation[] explained) => explained.Length == 0 ? [] :
        [new ScenarioReport(explained[0].Scenario, explained[0].Title, explained[0].Era, explained, [], null, 0)];

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

    private bool TryWriteText(string name, string text) => TryWrite(name, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

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
