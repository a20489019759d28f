using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>C# in README.md and the pages of docs is code that is compiled: a piece of samples/programs, line for line.</summary>
public partial class SnippetTests
{
    private static readonly string[] s_samples =
    [
        .. Tree.CSharpFiles.Where(file => file.StartsWith("samples/programs/", StringComparison.Ordinal))
            .Select(file => Straighten(Tree.Read(file))),
    ];

    [Fact]
    public void Every_piece_of_code_in_a_page_stands_in_a_sample_that_is_compiled()
    {
        List<string> findings = [];
        foreach (string page in Tree.Files.Where(IsPage))
        {
            foreach (string snippet in Snippets(Tree.Read(page)))
            {
                string code = Straighten(snippet);
                if (!s_samples.Any(sample => sample.Contains(code, StringComparison.Ordinal)))
                    findings.Add($"{page}: no file of samples/programs has these lines:\n{snippet}");
            }
        }

        Findings.None(findings);
    }

    [Fact]
    public void A_piece_is_compared_line_by_line_whatever_its_indentation() =>
        Assert.Equal(Straighten("a\n    b\n"), Straighten("    a\n        b"));

    [Fact]
    public void A_piece_is_recognised() => Assert.Equal(["int a;\n"], Snippets("text\n```csharp\nint a;\n```\n```text\nno\n```\n"));

    private static bool IsPage(string file) => file == "README.md" || Page().IsMatch(file);

    private static IEnumerable<string> Snippets(string text) => Block().Matches(text).Select(match => match.Groups[1].Value);

    /// <summary>The lines, without indentation, each with its end.</summary>
    private static string Straighten(string code) => string.Concat(code.Trim('\n').Split('\n').Select(line => line.Trim() + "\n"));

    [GeneratedRegex("^docs/[^/]+[.]md$")]
    private static partial Regex Page();

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
