using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using RemoteprocEmu.Virtio.Ring;

namespace RemoteprocEmu.Virtio.Fuzz.Hostile;

/// <summary>Episodes that are worth running each time: the first to reach each status, and those that once found something.</summary>
/// <remarks>A line: seed, episode, ring, half, status; <c>#</c> begins a comment. A line without the last three only has to pass.</remarks>
public static class EpisodeCorpus
{
    /// <summary>Where it is, from the folder with the solution.</summary>
    public const string File = "tests/corpus/virtio/episodes.txt";

    private const char Comment = '#';

    /// <summary>Finds the folder with the solution, from the program's own folder upwards.</summary>
    public static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "RemoteprocEmu.sln"))) return folder.FullName;
        }

        throw new DirectoryNotFoundException("RemoteprocEmu.sln is not above the program's folder");
    }

    /// <summary>Reads it.</summary>
    public static IReadOnlyList<(ulong Seed, long Episode, string Expected)> Load(string root)
    {
        List<(ulong Seed, long Episode, string Expected)> episodes = [];
        foreach (string line in System.IO.File.ReadLines(Path.Combine(root, File)))
        {
            string[] words = line.Split(Comment)[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2) continue;
            ulong seed = ulong.Parse(words[0], CultureInfo.InvariantCulture);
            long episode = long.Parse(words[1], CultureInfo.InvariantCulture);
            episodes.Add((seed, episode, string.Join(' ', words[2..])));
        }

        return episodes;
    }

    /// <summary>Runs all.</summary>
    /// <returns>What went wrong, a line each; empty when nothing did.</returns>
    public static IReadOnlyList<string> Check(string root)
    {
        List<string> failures = [];
        foreach (IGrouping<ulong, (ulong Seed, long Episode, string Expected)> episodes in Load(root).GroupBy(episode => episode.Seed))
        {
            using HostileRun run = new(episodes.Key);
            foreach ((ulong seed, long episode, string expected) in episodes)
            {
                Counts counts = new();
                if (run.RunEpisode(episode, counts) is { } failure) failures.Add(failure);
                else if (expected.Length != 0 && !Names(counts).Contains(expected))
                    failures.Add($"seed {seed}, episode {episode}: {expected} does not come out any more");
            }
        }

        return failures;
    }

    /// <summary>Looks for the first episode of each status.</summary>
    /// <param name="seed">Decides the episodes.</param>
    /// <param name="episodes">How many are looked at.</param>
    /// <returns>The lines of the file.</returns>
    public static string Find(ulong seed, long episodes)
    {
        SortedDictionary<string, long> first = new(StringComparer.Ordinal);
        using HostileRun run = new(seed);
        for (long episode = 0; episode < episodes; episode++)
        {
            Counts counts = new();
            if (run.RunEpisode(episode, counts) is { } failure) throw new InvalidOperationException(failure);
            foreach (string name in Names(counts)) _ = first.TryAdd(name, episode); // only the first one counts
        }

        StringBuilder text = new("# seed, episode, and what it must reach: tests/Virtio.Fuzz -- --write-corpus\n");
        foreach ((string name, long episode) in first) _ = text.Append(CultureInfo.InvariantCulture, $"{seed} {episode} {name}\n");
        return text.ToString();
    }

    private static IEnumerable<string> Names(Counts counts) => counts.All()
        .Where(count => count.Status is not (RingStatus.Ok or RingStatus.Empty or RingStatus.Full))
        .Select(count => $"{count.Ring} {count.Half} {count.Status}");
}
