using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>Documents that lead somewhere, and whose commands CI can tell from their output.</summary>
public partial class DocumentTests
{
    /// <summary>What a block may call itself, beside <c>sh</c>, which CI runs: a command in any other would never be tried.</summary>
    private static readonly HashSet<string> s_blockKinds =
        ["text", "console", "csharp", "c", "asm", "json", "xml", "yaml", "diff", "dot", "mermaid", "python"];

    private static IEnumerable<string> Documents => Tree.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal));

    [Fact]
    public void Every_relative_link_leads_to_a_file()
    {
        List<string> findings = [];
        foreach (string document in Documents)
        {
            string folder = Path.Combine(Tree.Root, Path.GetDirectoryName(document)!);
            foreach (string target in Links(Tree.Read(document)))
            {
                string path = Path.Combine(folder, Uri.UnescapeDataString(target.Split('#')[0]));
                if (!File.Exists(path) && !Directory.Exists(path)) findings.Add($"{document}: {target} is not there");
            }
        }

        Findings.None(findings);
    }

    [Fact]
    public void Every_block_says_what_it_is()
    {
        List<string> findings = [];
        foreach (string document in Documents)
        {
            bool isInside = false;
            foreach (string line in Tree.Read(document).Split('\n'))
            {
                if (!line.TrimStart().StartsWith("```", StringComparison.Ordinal)) continue;
                isInside = !isInside;
                string kind = line.TrimStart()[3..];
                bool isCommand = kind == "sh" || NeedsTool().IsMatch(kind);
                if (isInside && !isCommand && !s_blockKinds.Contains(kind)) findings.Add($"{document}: a block of kind \"{kind}\"");
                if (isCommand && line[0] != '`') findings.Add($"{document}: a command block that is indented is not run");
            }

            if (isInside) findings.Add($"{document}: its last block is not closed");
        }

        Findings.None(findings);
    }

    [Fact]
    public void Links_are_recognised() => Assert.Equal(["docs/a.md", "b.md#part", "c.png"], Links(
        """
        [a](docs/a.md) and [b](b.md#part), ![c](c.png), [web](https://example.org/x.md), [here](#part)
        ```text
        [not](a-link.md)
        ```
        """));

    private static IEnumerable<string> Links(string text) => Link().Matches(Block().Replace(text, ""))
        .Select(match => match.Groups[1].Value)
        .Where(target => !target.StartsWith('#') && !target.Contains("://", StringComparison.Ordinal) &&
            !target.StartsWith("mailto:", StringComparison.Ordinal));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^sh needs=[^ ]+$")]
    private static partial Regex NeedsTool();
}
