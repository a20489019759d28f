using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace RemoteprocEmu.Explorer.Explain.Table;

/// <summary>A run as kernel people show one in a commit message: who does what on which processor, one line after the other.</summary>
/// <param name="Columns">The headings: <c>CPU0</c>, <c>CPU1</c>, <c>remote</c>.</param>
/// <param name="Tasks">By column: its task, where it has only one; else empty.</param>
/// <param name="Rows">The lines.</param>
public sealed record Interleaving(IReadOnlyList<string> Columns, IReadOnlyList<string> Tasks, IReadOnlyList<InterleavingRow> Rows)
{
    /// <summary>Characters that a line of a commit message may have.</summary>
    public const int WidthMax = 75;

    private const int Gap = 2;
    private const int WidthMin = 14;

    /// <summary>The table, each line ended by a line feed.</summary>
    /// <param name="width">Characters that a line may have.</param>
    public string ToText(int width = WidthMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, Columns.Count * (WidthMin + Gap));
        int[] widths = Widths(width);
        StringBuilder text = new();
        AppendLine(text, widths, Columns);
        if (Tasks.Any(static task => task.Length > 0)) AppendLine(text, widths, [.. Tasks.Select((task, i) => Cut(task, widths[i]))]);
        _ = text.Append('\n');
        foreach (InterleavingRow row in Rows)
        {
            foreach (string line in Wrap(Content(row), widths[row.Column], (2 * row.Depth) + 4))
            {
                string[] cells = [.. Columns.Select((_, column) => column == row.Column ? line : "")];
                AppendLine(text, widths, cells);
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public override string ToString() => ToText();

    private static string Content(InterleavingRow row) => new string(' ', 2 * row.Depth) + row.Text;

    /// <summary>What each column needs; where that is too much, the widest give.</summary>
    private int[] Widths(int width)
    {
        int[] widths = new int[Columns.Count];
        for (int i = 0; i < widths.Length; i++) widths[i] = Math.Max(WidthMin, Math.Max(Columns[i].Length, Tasks[i].Length));
        foreach (InterleavingRow row in Rows) widths[row.Column] = Math.Max(widths[row.Column], Content(row).Length);
        int[] floors = new int[widths.Length]; // below these a word is broken
        foreach (InterleavingRow row in Rows)
        {
            int longest = row.Text.Split(' ').Max(static word => word.Length) + (2 * row.Depth);
            floors[row.Column] = Math.Max(floors[row.Column], longest);
        }

        int room = width - (Gap * (widths.Length - 1));
        while (widths.Sum() > room)
        {
            int[] give = [.. Enumerable.Range(0, widths.Length).Where(i => widths[i] > Math.Max(WidthMin, floors[i]))];
            int widest = give.Length > 0 ? give.MaxBy(i => widths[i]) : Array.IndexOf(widths, widths.Max());
            widths[widest]--;
        }

        return widths;
    }

    private static void AppendLine(StringBuilder text, int[] widths, IReadOnlyList<string> cells)
    {
        int start = text.Length;
        int column = 0;
        for (int i = 0; i < cells.Count; i++)
        {
            _ = text.Append(' ', start + column - text.Length).Append(cells[i]);
            column += widths[i] + Gap;
        }

        while (text.Length > start && text[^1] == ' ') text.Length--;
        _ = text.Append('\n');
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : text[..(width - 1)] + "~";

    /// <summary>Breaks a line at spaces; what has none is broken where it must be.</summary>
    private static IEnumerable<string> Wrap(string line, int width, int indent)
    {
        while (line.Length > width)
        {
            int firstWord = line.Length - line.TrimStart().Length;
            int at = line.LastIndexOf(' ', width);
            if (at <= firstWord) at = width;
            yield return line[..at].TrimEnd();
            line = new string(' ', Math.Min(indent, width / 2)) + line[at..].TrimStart();
        }

        yield return line;
    }
}
