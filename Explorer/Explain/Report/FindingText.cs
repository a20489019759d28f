using System;
using System.Collections.Generic;
using System.Text;
using RemoteprocEmu.Explorer.Explain.Order;
using RemoteprocEmu.Explorer.Explain.Table;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>A finding as a mail to a kernel list has it: 75 columns, the table indented by nothing, ready to paste.</summary>
public static class FindingText
{
    private const int LogLinesMax = 12;
    private const int PreemptionsMax = 3;

    /// <summary>The text, each line ended by a line feed.</summary>
    public static string Write(Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(explanation);
        StringBuilder text = new();
        string title = explanation.Title.Length == 0 ? "" : $": {explanation.Title}";
        Finding finding = explanation.Finding;
        Paragraph(text, $"{explanation.Scenario} in era {explanation.Era}: {KernelWords.Headline(finding, explanation.Race)}", false);
        if (explanation.Race is not { Kind: RaceKind.Deadlock }) Paragraph(text, Sentence(finding.Text), true); // else below
        string rule = $"Rule {(int)finding.Rule}: {KernelWords.Rule(finding.Rule)}.";
        Paragraph(text, $"{rule} Scenario {explanation.Scenario}{title}.", true);
        _ = text.Append('\n').Append(explanation.Table.ToText());
        if (explanation.Race is { } race) Paragraph(text, race.Text, true);
        if (explanation.Comparison is { } comparison) Paragraph(text, comparison.Text, true);
        Paragraph(text, Counts(explanation), true);
        IReadOnlyList<string> log = explanation.LogLines(LogLinesMax);
        if (log.Count > 0)
        {
            _ = text.Append("\nThe log, up to there:\n\n");
            foreach (string line in log) _ = text.Append("  ").Append(line).Append('\n');
        }

        return text.Append("\nTo see it again:\n\n  rproc replay ").Append(explanation.Token).Append('\n').ToString();
    }

    /// <summary>What the schedule needs, and what the search has seen.</summary>
    internal static string Counts(Explanation explanation)
    {
        IReadOnlyList<string> preemptions = explanation.Preemptions();
        string which = preemptions.Count is > 0 and <= PreemptionsMax ? $": {KernelWords.List(preemptions)}" : "";
        string needs = $"It needs {explanation.Needs()}{which}.";
        string least = explanation.Minimal.IsComplete ? "" : " Perhaps less does: the runs for cutting it down were used up.";
        return explanation.Counts is { } counts ? $"{needs}{least} The search: {counts}." : $"{needs}{least}";
    }

    /// <summary>Breaks text into lines of a commit message's width.</summary>
    internal static IEnumerable<string> Wrap(string text, int width = Interleaving.WidthMax)
    {
        foreach (string paragraph in text.Split('\n'))
        {
            StringBuilder line = new();
            foreach (string word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Length > 0 && line.Length + 1 + word.Length > width)
                {
                    yield return line.ToString();
                    _ = line.Clear();
                }

                if (line.Length > 0) _ = line.Append(' ');
                _ = line.Append(word);
            }

            yield return line.ToString();
        }
    }

    internal static string Sentence(string text)
    {
        string trimmed = text.TrimEnd();
        return trimmed.Length == 0 || trimmed[^1] is '.' or '!' or '?' ? trimmed : trimmed + ".";
    }

    private static void Paragraph(StringBuilder text, string words, bool isApart)
    {
        if (isApart) _ = text.Append('\n');
        foreach (string line in Wrap(words)) _ = text.Append(line).Append('\n');
    }
}
