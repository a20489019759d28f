using System;
using System.Collections.Generic;
using System.IO.Enumeration;
using System.Linq;

namespace RemoteprocEmu.Board.Bench;

/// <summary>Chooses cases by the words of their names.</summary>
/// <remarks>A filter is words between blanks or slashes; each must be a word of the case or of its group; <c>*</c> stands for any letters.
/// Of several filters one is enough.</remarks>
internal static class BenchFilter
{
    /// <summary>What is left of groups; a group's limit stays as long as one of its cases does.</summary>
    public static IReadOnlyList<BenchGroup> Choose(IEnumerable<BenchGroup> groups, IReadOnlyList<string> filters)
    {
        List<BenchGroup> chosen = [];
        foreach (BenchGroup group in groups)
        {
            bool TakesCase(BenchCase benchCase) => filters.Count == 0 || filters.Any(filter => Takes(filter, group, benchCase));
            BenchCase[] cases = [.. group.Cases.Where(TakesCase)];
            if (cases.Length > 0 || (group.Limit is { } limit && TakesCase(limit))) chosen.Add(group with { Cases = cases });
        }

        return chosen;
    }

    private static bool Takes(string filter, BenchGroup group, BenchCase benchCase)
    {
        string[] words = [.. group.Name.Split(' '), .. benchCase.Name.Split('/')];
        return filter.Split([' ', '/'], StringSplitOptions.RemoveEmptyEntries)
            .All(wanted => words.Any(word => FileSystemName.MatchesSimpleExpression(wanted, word)));
    }
}
