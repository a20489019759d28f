using System;
using System.IO;
using System.Linq;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Fuzz;
using RemoteprocEmu.Platform;
using Xunit;

namespace RemoteprocEmu.Firmware.Tests.Check;

/// <summary>docs/check-a-table.md has the catalogue of rules as a table.</summary>
public sealed class RulesPageTests
{
    [Fact]
    public void The_page_lists_every_rule_as_it_is_and_no_other()
    {
        string[] expected = [.. CheckRules.All.Select(Row)];
        string[] listed = [.. File.ReadLines(Path.Combine(Corpus.FindRoot(), "docs/check-a-table.md")).Where(IsRow)];
        Assert.Equal(expected, listed);
    }

    private static bool IsRow(string line) =>
        line.StartsWith("| ELF-", StringComparison.Ordinal) || line.StartsWith("| RSC-", StringComparison.Ordinal);

    private static string Row(CheckRule rule)
    {
        string severity = rule.Severity.ToString().ToLowerInvariant();
        return $"| {rule.Id} | {severity} | {rule.Explanation} | {rule.Verdict} | {rule.Errno.Name()} | {rule.Remedy} |";
    }
}
