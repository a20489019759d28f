using System.Collections.Generic;
using System.Text;

namespace RemoteprocEmu.Cli.Output;

/// <summary>Breaks text into lines at blanks.</summary>
internal static class TextWrap
{
    /// <summary>The lines.</summary>
    /// <param name="text">Words; a word that is longer than a line gets one of its own.</param>
    /// <param name="width">Columns of a line.</param>
    public static IReadOnlyList<string> Lines(string text, int width)
    {
        if (text.Length <= width) return [text];
        List<string> lines = [];
        StringBuilder line = new();
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line.ToString());
                _ = line.Clear(); // a builder returns itself
            }

            if (line.Length > 0) _ = line.Append(' ');
            _ = line.Append(word);
        }

        lines.Add(line.ToString());
        return lines;
    }
}
