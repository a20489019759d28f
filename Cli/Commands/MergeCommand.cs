using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using RemoteprocEmu.Board;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc merge</c>: the shards of a search, put together.</summary>
internal sealed class MergeCommand : Command, IHasExamples
{
    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "What 'rproc explore --shard I/N --out FILE' wrote, for each I, in any order.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly ReportOptions _reports = new();
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public MergeCommand(Terminal terminal) : base("merge", "Puts the shards of a search together, and reports them as one.")
    {
        _terminal = terminal;
        Add(_files);
        _reports.AddTo(this);
        SetAction(Merge);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc explore my.yaml --shard 1/2 --out 1.jsonl --budget none     on one machine,
          rproc explore my.yaml --shard 2/2 --out 2.jsonl --budget none     on another,
          rproc merge 1.jsonl 2.jsonl --report out                          and together

        Exit codes:
          0 all as the scenario says   1 a finding that it does not expect, an expectation not met
          2 usage   3 a shard is missing, there twice, incomplete, or of another search
          4 internal error
        """;

    private int Merge(ParseResult result)
    {
        List<(string Path, ShardFile File)> files = [];
        foreach (string path in result.GetRequiredValue(_files))
        {
            int read = ShardFiles.TryRead(path, _terminal, out ShardFile? file);
            if (file is null) return read;
            files.Add((path, file));
        }

        if (ShardMerge.TryMerge(files, out IReadOnlyList<string> errors) is not { } merged)
        {
            foreach (string error in errors) _terminal.Complain(error);
            return ExitCode.BadInput;
        }

        ShardHeader header = files[0].File.Header;
        if (header.ProductVersion != ProductVersion.Text)
        {
            _terminal.Complain($"{files[0].Path}: is of version {header.ProductVersion}, this is {ProductVersion.Text}: merge it with " +
                $"{header.ProductVersion}");
            return ExitCode.BadInput;
        }

        int exitCode = ScenarioFile.TryLoad(header.Source, _terminal, out LoadedScenario? scenario);
        return scenario is null ? exitCode : Report(result, scenario, header, merged, files[0].Path);
    }

    private int Report(
        ParseResult result, LoadedScenario scenario, ShardHeader header, IReadOnlyList<(ShardEra Era, PartResult Total)> merged,
            string path)
    {
        List<EraReport> reports = [];
        foreach ((ShardEra shard, PartResult total) in merged)
        {
            if (!scenario.TryFindEra(shard.Era, out Era? era) || scenario.Fingerprint(era) != shard.Fingerprint)
            {
                _terminal.Complain($"{path}: {header.Source} is not what it was when this was written: its text or its image has changed");
                return ExitCode.BadInput;
            }

            using ScenarioSubject subject = scenario.NewSubject(era);
            reports.Add(new EraReport
            {
                Era = era,
                Fingerprint = shard.Fingerprint,
                Request = header.Plan,
                PlanWords = shard.PlanWords,
                Bound = shard.Bound,
                Total = total,
                PartCount = shard.PartCount,
                PartsDone = shard.PartCount,
                IsShard = false,
                TaskCount = ExploreRun.CountTasks(subject),
            });
        }

        ExploreOutput output = _reports.OutputOf(result, _terminal);
        if (!output.AsJson) ExploreReportText.WriteHead(scenario, $"{reports[0].PlanWords}; {header.ShardCount} shards, put together",
            _terminal);
        return output.Write(scenario, "1/1", [.. reports.Select(report => ExploreRun.Judge(scenario, report, reports))],
            wasInterrupted: false);
    }
}
