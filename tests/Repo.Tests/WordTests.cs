using System.Collections.Generic;
using System.Text.RegularExpressions;
using Xunit;

namespace RemoteprocEmu.Repo.Tests;

/// <summary>What must not stand in any file.</summary>
public partial class WordTests
{
    [Fact]
    public void Nothing_is_left_for_later() => Findings.None(FindLines(Unfinished()));

    [Fact]
    public void No_path_of_somebody_s_machine_is_in_the_tree() => Findings.None(FindLines(MachinePath()));

    [Theory]
    [InlineData("// TO" + "DO later")]
    [InlineData("throw new NotImplemented" + "Exception();")]
    public void Unfinished_work_is_recognised(string line) => Assert.Matches(Unfinished(), line);

    [Theory]
    [InlineData("see /wo" + "rk/shared")]
    [InlineData("\"/ro" + "ot/x\"")]
    [InlineData("/tmp/w" + "t")]
    [InlineData("/ho" + "me/somebody/src")]
    public void A_machine_s_path_is_recognised(string line) => Assert.Matches(MachinePath(), line);

    [Theory]
    [InlineData("network/root/leaf")]
    [InlineData("framework/workers")]
    public void A_path_inside_the_tree_is_none(string line) => Assert.DoesNotMatch(MachinePath(), line);

    private static List<string> FindLines(Regex pattern)
    {
        List<string> findings = [];
        foreach (string file in Tree.TextFiles)
        {
            int number = 0;
            foreach (string line in Tree.Read(file).Split('\n'))
            {
                number++;
                if (pattern.IsMatch(line)) findings.Add($"{file}:{number}: {line.Trim()}");
            }
        }

        return findings;
    }

    // Written in pieces, so that this file passes its own test.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|NotImplemented" + @"Exception)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"(?<![\w.])/(wo" + @"rk|ro" + @"ot|ho" + @"me)/\w|/tmp/w" + "t", RegexOptions.IgnoreCase)]
    private static partial Regex MachinePath();
}
