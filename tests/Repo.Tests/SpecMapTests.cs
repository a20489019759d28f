using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>docs/spec-map.md: each section of the specification that demands something has a row, each row a file and a test that
/// exist.</summary>
public partial class SpecMapTests
{
    private const string Map = "docs/spec-map.md";
    private const string Nothing = "-";

    /// <summary>Sections of VIRTIO 1.2, 2.7 and 2.8, in which MUST or MUST NOT stands.</summary>
    private static readonly string[] s_normative =
    [
        "2.7.1", "2.7.2", "2.7.3", "2.7.4.1", "2.7.4.2", "2.7.5.1", "2.7.5.2", "2.7.5.3.1", "2.7.5.3.2", "2.7.6.1", "2.7.7.1", "2.7.7.2",
        "2.7.8.2", "2.7.8.3", "2.7.10.1", "2.7.10.2", "2.7.13.3.1", "2.7.13.4.1",
        "2.8.11", "2.8.12", "2.8.15", "2.8.16", "2.8.17", "2.8.18", "2.8.19", "2.8.21.1.1", "2.8.21.3.1",
    ];

    private static string[][] Rows => [.. Tree.Read(Map).Split('\n')
        .Where(line => Clause().IsMatch(line))
        .Select(line => line.Trim('|', ' ').Split(" | ", StringSplitOptions.TrimEntries))];

    [Fact]
    public void Every_section_that_demands_something_has_a_row() =>
        Assert.Empty(s_normative.Except(Rows.Select(row => row[0].Split(' ')[0])));

    [Fact]
    public void Every_clause_has_a_file_and_a_test_or_a_reason()
    {
        List<string> findings = [];
        Dictionary<string, string[]> files = Tree.CSharpFiles.Where(file => file.StartsWith("tests/", StringComparison.Ordinal))
            .GroupBy(file => Path.GetFileNameWithoutExtension(file)).ToDictionary(group => group.Key, group => group.ToArray());
        foreach (string[] row in Rows)
        {
            if (row.Length != 4)
            {
                findings.Add($"{row[0]}: {row.Length} cells instead of 4");
                continue;
            }

            bool isApplicable = row[2] != Nothing;
            Match test = TestName().Match(row[3]);
            if (!isApplicable && !row[3].StartsWith("not applicable: ", StringComparison.Ordinal)) findings.Add($"{row[0]}: no reason");
            if (isApplicable && !SourceLink().IsMatch(row[2])) findings.Add($"{row[0]}: {row[2]} is no source file");
            if (isApplicable && !test.Success) findings.Add($"{row[0]}: {row[3]} is no test");
            if (test.Success && !IsTest(files, test.Groups["class"].Value, test.Groups["method"].Value))
                findings.Add($"{row[0]}: there is no test {row[3]}");
        }

        Findings.None(findings);
    }

    [Fact]
    public void A_test_that_does_not_exist_is_noticed() =>
        Assert.False(IsTest(new() { ["SpecMapTests"] = ["tests/Repo.Tests/SpecMapTests.cs"] }, "SpecMapTests", "No_such_" + "test"));

    private static bool IsTest(Dictionary<string, string[]> files, string className, string method) =>
        files.TryGetValue(className, out string[]? paths) &&
        paths.Any(path => Regex.IsMatch(Tree.Read(path), $@"\bpublic (async )?(void|Task) {Regex.Escape(method)}\("));

    [GeneratedRegex(@"^\| 2\.[78]\.")]
    private static partial Regex Clause();

    [GeneratedRegex(@"^`(?<class>\w+)\.(?<method>\w+)`$")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^\[[^\]]+\]\(\.\./[\w/.]+\.cs\)$")]
    private static partial Regex SourceLink();
}
