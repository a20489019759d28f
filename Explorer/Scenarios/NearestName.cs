using System;
using System.Collections.Generic;

namespace RemoteprocEmu.Explorer.Scenarios;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearestName
{
    /// <summary>The name with the fewest edits from <paramref name="word"/>; null when none is near.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="names">What there is.</param>
    public static string? Find(string word, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(names);
        string? nearest = null;
        int least = Math.Max(2, word.Length / 3) + 1;
        foreach (string name in names)
        {
            int distance = Distance(word, name);
            if (distance >= least) continue;
            least = distance;
            nearest = name;
        }

        return nearest;
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours that lead from one to the other; case costs nothing.</summary>
    private static int Distance(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= to.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= from.Length; i++)
        {
            for (int j = 1; j <= to.Length; j++)
            {
                int substitution = IsSame(from[i - 1], to[j - 1]) ? 0 : 1;
                int best = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + substitution);
                if (i > 1 && j > 1 && IsSame(from[i - 1], to[j - 2]) && IsSame(from[i - 2], to[j - 1]))
                    best = Math.Min(best, cost[i - 2, j - 2] + 1);
                cost[i, j] = best;
            }
        }

        return cost[from.Length, to.Length];
    }

    private static bool IsSame(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
