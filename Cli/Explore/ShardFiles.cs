using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Explore;

/// <summary>The files of <c>--out</c>, <c>--resume</c> and <c>merge</c>.</summary>
internal static class ShardFiles
{
    /// <summary>Reads one.</summary>
    /// <returns>Ok; Usage when it cannot be read; BadInput when it is not what it should be. The terminal was told.</returns>
    public static int TryRead(string path, Terminal terminal, out ShardFile? file)
    {
        file = null;
        try
        {
            file = ShardReader.TryRead(path, out string error);
            if (file is not null) return ExitCode.Ok;
            terminal.Complain(error);
            return ExitCode.BadInput;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            terminal.Complain(File.Exists(path) || Directory.Exists(path) ? $"{path}: {exception.Message}" : $"{path}: no such file");
            return ExitCode.Usage;
        }
    }

    /// <summary>What a search's file begins with.</summary>
    public static ShardHeader HeaderOf(ExploreOptions options, IReadOnlyList<(Era Era, SearchPlan Plan)> plans) => new(
        ProductVersion.Text, options.Scenario.Scenario.Name, options.Scenario.Source, options.Plan, options.ShardIndex, options.ShardCount,
        [.. plans.Select(plan => new ShardEra(plan.Era.Name, options.Scenario.Fingerprint(plan.Era), plan.Plan.Words, plan.Plan.Bound,
            plan.Plan.PartCount))]);

    /// <summary>The search that a file is of.</summary>
    public static ExploreOptions OptionsOf(ShardFile file, LoadedScenario scenario, TimeSpan? budget, int workerCount) => new()
    {
        Scenario = scenario,
        Eras = [.. scenario.Scenario.Eras.Where(era => file.Header.Eras.Any(one => one.Era == era.Name))],
        Plan = file.Header.Plan,
        Budget = budget,
        WorkerCount = workerCount,
        ShardIndex = file.Header.ShardIndex,
        ShardCount = file.Header.ShardCount,
    };
}
