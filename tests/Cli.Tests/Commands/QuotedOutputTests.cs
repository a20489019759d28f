using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

/// <summary>What README and docs quote of <c>rproc race</c> and <c>rproc explore</c>, counts and all, is what those print.</summary>
public sealed partial class QuotedOutputTests
{
    /// <summary>File and place of each block of output that follows a block of such commands.</summary>
    public static TheoryData<string, int> Quotes()
    {
        TheoryData<string, int> quotes = [];
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md").Append(Path.Combine(Root, "README.md")))
        {
            foreach (Match match in Quote().Matches(File.ReadAllText(path)))
            {
                if (Commands(match.Groups["commands"].Value).Any()) quotes.Add(Path.GetRelativePath(Root, path), match.Index);
            }
        }

        return quotes;
    }

    [Theory]
    [MemberData(nameof(Quotes))]
    public void What_is_quoted_is_printed(string file, int at)
    {
        Match match = Quote().Matches(File.ReadAllText(Path.Combine(Root, file))).Single(match => match.Index == at);
        List<string> printed = [];
        foreach (string command in Commands(match.Groups["commands"].Value))
            printed.AddRange(RprocRun.InProcess([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1)]).Lines);
        int next = 0;
        foreach (string quoted in match.Groups["output"].Value.Split('\n'))
        {
            string line = quoted.Trim();
            if (line is "" or "...") continue;
            int found = printed.FindIndex(next, candidate => candidate.Trim() == line);
            Assert.True(found >= 0, $"{file}: \"{line}\" is not printed, or not here:\n{string.Join('\n', printed)}");
            next = found + 1;
        }
    }

    [Fact]
    public void There_are_such_quotes() => Assert.True(Quotes().Count >= 7);

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "RemoteprocEmu.sln"))) folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    /// <summary>The commands of a block that search, without those that need a shell or end when a time is over.</summary>
    private static IEnumerable<string> Commands(string block) => block.Split('\n')
        .Select(line => line.Split('#')[0])
        .Where(line => line.StartsWith("rproc race", StringComparison.Ordinal)
            || line.StartsWith("rproc explore", StringComparison.Ordinal))
        .Where(line => line.IndexOfAny(['|', '>']) < 0 && !line.Contains("ms", StringComparison.Ordinal));

    [GeneratedRegex("^```sh\n(?<commands>(?:(?!```).*\n)*)```\n\n```text\n(?<output>(?:(?!```).*\n)*)```", RegexOptions.Multiline)]
    private static partial Regex Quote();
}
