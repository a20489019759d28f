using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Explorer.Scenarios;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>The option <c>--era</c>: <c>A</c>, <c>A,C,Emu</c>, or <c>all</c>.</summary>
internal static class EraList
{
    /// <summary>Every era of a scenario.</summary>
    public const string All = "all";

    /// <summary>Reads it.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="scenario">Whose eras.</param>
    /// <param name="complaint">What is wrong with it; empty when nothing is.</param>
    /// <returns>The eras in their order, each once; empty when something is wrong.</returns>
    public static IReadOnlyList<Era> Read(string text, LoadedScenario scenario, out string complaint)
    {
        complaint = "";
        IReadOnlyList<Era> eras = scenario.Scenario.Eras;
        if (text == All) return eras;
        HashSet<Era> wanted = [];
        foreach (string name in text.Split(','))
        {
            if (scenario.TryFindEra(name, out Era? era))
            {
                _ = wanted.Add(era); // twice is once
                continue;
            }

            string names = string.Join(", ", eras.Select(one => one.Name));
            string nearest = NearestName.Find(name, eras.Select(one => one.Name)) is { } near && near != name ? $"; the nearest is {near}"
                : "";
            complaint = Era.TryParse(name, out _) ? $"--era {name}: {scenario.Scenario.Name} is not for that era, but for {names}"
                : $"--era {name}: no such era{nearest}; there are {names}";
            return [];
        }

        return [.. eras.Where(wanted.Contains)];
    }
}
