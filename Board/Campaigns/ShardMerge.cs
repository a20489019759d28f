using System;
using System.Collections.Generic;
using System.Linq;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>Puts the shards of a campaign together: all of them, each once, in whatever order they come.</summary>
public static class ShardMerge
{
    /// <summary>Merges.</summary>
    /// <param name="files">The shards' files, with their paths.</param>
    /// <param name="errors">
    /// Each thing that keeps them from being one whole campaign, in a sentence with the file's path; empty when nothing does.
    /// </param>
    /// <returns>For each era what all parts come to together, in the order of the parts; null when there is an error.</returns>
    public static IReadOnlyList<(ShardEra Era, PartResult Total)>? TryMerge(
        IReadOnlyList<(string Path, ShardFile File)> files, out IReadOnlyList<string> errors)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentOutOfRangeException.ThrowIfZero(files.Count, nameof(files));
        (string Path, ShardFile File)[] sorted =
            [.. files.OrderBy(file => file.File.Header.ShardIndex).ThenBy(file => file.Path, StringComparer.Ordinal)];
        errors = FindErrors(sorted);
        if (errors.Count > 0) return null;
        List<(ShardEra, PartResult)> merged = [];
        foreach (ShardEra era in sorted[0].File.Header.Eras)
        {
            PartResult total = new();
            for (int part = 0; part < era.PartCount; part++) total.Add(sorted[part % sorted.Length].File.PartsOf(era.Era)[part]);
            merged.Add((era, total));
        }

        return merged;
    }

    private static List<string> FindErrors((string Path, ShardFile File)[] sorted)
    {
        List<string> errors = [];
        (string firstPath, ShardFile first) = sorted[0];
        foreach ((string path, ShardFile file) in sorted.Skip(1))
        {
            if (file.Header.FindDifference(first.Header) is { } difference)
                errors.Add($"{path}: is of another campaign than {firstPath}: {difference}");
        }

        if (errors.Count > 0) return errors; // what is missing of which campaign?
        foreach (IGrouping<int, (string Path, ShardFile File)> same in sorted.GroupBy(file => file.File.Header.ShardIndex))
        {
            if (same.Count() > 1)
                errors.Add($"shard {same.First().File.Header.Shard} is there {same.Count()} times: " +
                    $"{string.Join(", ", same.Select(file => file.Path))}");
        }

        for (int index = 0; index < first.Header.ShardCount; index++)
        {
            if (!sorted.Any(file => file.File.Header.ShardIndex == index))
                errors.Add($"shard {index + 1}/{first.Header.ShardCount} is missing: run it with --shard " +
                    $"{index + 1}/{first.Header.ShardCount}");
        }

        foreach ((string path, ShardFile file) in sorted)
        {
            foreach (ShardEra era in file.Header.Eras)
            {
                int done = file.PartsOf(era.Era).Count;
                int own = file.Header.OwnPartCount(era);
                if (done < own)
                    errors.Add($"{path}: is incomplete: {done} of {own} parts of era {era.Era} are done; go on with: rproc explore " +
                        $"--resume {path}");
            }
        }

        return errors;
    }
}
