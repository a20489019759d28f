using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc explore</c>: every order of a scenario's events, or as many as there is time for.</summary>
internal sealed class ExploreCommand : Command, IHasExamples
{
    private const long RunCountDefault = 10_000;
    private const long RunCountMax = 1_000_000_000;
    private const int ShardCountMax = 10_000;
    private const int PartsPerWorker = 4; // so that nobody is idle at the end
    private const int PartsPerShard = 8;  // so that the shards are about as long

    private readonly Argument<string?> _scenario = new("SCENARIO")
    {
        Description = "A scenario's name ('rproc scenario list') or file. With --resume: left away.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> _era = new("--era")
    {
        Description = "On which kernels: one, several with commas, or all that the scenario is for.",
        HelpName = "A,B,...|all",
        DefaultValueFactory = _ => EraList.All,
    };

    private readonly Option<bool> _exhaustive = new("--exhaustive")
    {
        Description = "One schedule of each class that differs only in the order of independent steps. The default.",
    };

    private readonly Option<bool> _unreduced = new("--unreduced") { Description = "Every schedule, to check the reduction by." };
    private readonly Option<int?> _preemptions = Number("--preemptions", "K",
        "Every schedule in which at most K tasks are made to give way.");
    private readonly Option<int?> _delays = Number("--delays", "K", "Every schedule in which at most K tasks are passed over.");

    private readonly Option<int?> _pct =
        Number("--pct", "D", "By chance, with priorities: a defect that needs D orderings is found with a known probability.");

    private readonly Option<long?> _random = new("--random") { Description = "By chance, evenly: N runs.", HelpName = "N" };
    private readonly Option<long?> _runs = new("--runs")
    {
        Description = "With --pct: how many runs; 10,000 if nothing is said.",
        HelpName = "N",
    };
    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "With --pct and --random: same seed, same runs.",
        HelpName = "S",
    };

    private readonly Option<string?> _budget = new("--budget")
    {
        Description = "Time for all eras together: 90s, 10m, 2h, or none for as long as it takes. 60s if nothing is said.",
        HelpName = "TIME",
    };

    private readonly Option<int?> _workers = new("--workers")
    {
        Description = "Threads. If nothing is said: by chance, one a processor; else one, for what is cut into parts has more classes.",
        HelpName = "N",
    };

    private readonly Option<string?> _shard = new("--shard")
    {
        Description = "Only the I-th of N shares; 'rproc merge' puts their --out files together.",
        HelpName = "I/N",
    };

    private readonly Option<string?> _out = new("--out") { Description = "Write each part down as it is done.", HelpName = "FILE" };
    private readonly Option<string?> _resume = new("--resume") { Description = "Go on with what --out wrote.", HelpName = "FILE" };
    private readonly ReportOptions _reports = new();
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public ExploreCommand(Terminal terminal)
        : base("explore", "Runs a scenario under every order of its events, or as many as there is time for, and explains bad ones.")
    {
        _terminal = terminal;
        Add(_scenario);
        Option[] options =
            [_era, _exhaustive, _unreduced, _preemptions, _delays, _pct, _random, _runs, _seed, _budget, _workers, _shard, _out, _resume];
        foreach (Option option in options) Add(option);
        _reports.AddTo(this);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc explore RP-06                              every order of events, in each era
          rproc explore RP-06 --era A --report out         one era, and a page for a browser
          rproc explore my.yaml                            your own scenario (docs/scenarios.md)
          rproc explore my.yaml --preemptions 2            too large? a bound first
          rproc explore my.yaml --pct 3 --runs 100000      or by chance
          rproc explore my.yaml --budget 10m --out a.jsonl keep what is done,
          rproc explore --resume a.jsonl --budget 2h       and go on later
          rproc explore my.yaml --shard 2/8 --out 2.jsonl  one of eight machines; then rproc merge

        Exit codes:
          0 all as the scenario says, in what was seen
          1 a finding that it does not expect, or an expectation not met   2 usage
          3 a mistake in the scenario or in a file to resume   4 internal error   130 interrupted
        """;

    private static Option<int?> Number(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    private int Run(ParseResult result)
    {
        if (FindMisuse(result) is { } misuse) return Refuse(ExitCode.Usage, misuse);
        ShardFile? resumed = null;
        if (result.GetValue(_resume) is { } path)
        {
            int read = ShardFiles.TryRead(path, _terminal, out resumed);
            if (resumed is null) return read;
        }

        string name = resumed?.Header.Source ?? result.GetValue(_scenario)!;
        int exitCode = ScenarioFile.TryLoad(name, _terminal, out LoadedScenario? scenario);
        if (scenario is null) return exitCode;
        IReadOnlyList<Era> eras = EraList.Read(result.GetValue(_era)!, scenario, out string complaint);
        if (eras.Count == 0) return Refuse(ExitCode.Usage, complaint);
        ExploreOptions options = resumed is null ? OptionsOf(result, scenario, eras)
            : ShardFiles.OptionsOf(resumed, scenario, BudgetOf(result), WorkersOf(result, resumed.Header.Plan.Kind));
        return Run(options, resumed, result.GetValue(_resume) ?? result.GetValue(_out), result);
    }

    private int Run(ExploreOptions options, ShardFile? resumed, string? path, ParseResult result)
    {
        using Interruption interruption = new(_terminal);
        IReadOnlyList<(Era Era, SearchPlan Plan)> plans = ExploreRun.Plan(options);
        ShardHeader header = ShardFiles.HeaderOf(options, plans);
        if (resumed?.Header.FindDifference(header) is { } difference)
            return Refuse(ExitCode.BadInput, $"{path}: cannot go on with it: {difference}");
        ShardWriter? writer = null;
        try
        {
            if (path is not null) writer = resumed is null ? ShardWriter.Create(path, header) : ShardWriter.Resume(path, resumed);
            ExploreOutput output = _reports.OutputOf(result, _terminal);
            if (!output.AsJson) ExploreReportText.WriteHead(options.Scenario, HeadOf(options, plans[0].Plan), _terminal);
            ExploreRun run = new(options, new ProgressLine(_terminal), interruption) { Writer = writer, Resumed = resumed };
            int exitCode = output.Write(options.Scenario, header.Shard, run.Run(plans), interruption.HasCome);
            if (run.WriteFailure is not { } failure) return exitCode;
            _terminal.Complain($"{path}: {failure.Message}; it has the parts that were done before, and --resume goes on with them");
            return exitCode == ExitCode.Ok ? ExitCode.Usage : exitCode;
        }
        catch (Exception exception) when (path is not null && exception is IOException or UnauthorizedAccessException)
        {
            string hint = resumed is null && File.Exists(path) && writer is null ? "; --resume goes on with it" : "";
            return Refuse(ExitCode.Usage, $"{path}: {exception.Message}{hint}");
        }
        finally
        {
            writer?.Dispose();
        }
    }

    private ExploreOptions OptionsOf(ParseResult result, LoadedScenario scenario, IReadOnlyList<Era> eras)
    {
        (int index, int count) = ShardOf(result.GetValue(_shard))!.Value;
        bool isByChance = result.GetValue(_pct) is not null || result.GetValue(_random) is not null;
        int workers = WorkersOf(result, isByChance ? PlanKind.Random : PlanKind.Exhaustive);
        return new ExploreOptions
        {
            Scenario = scenario,
            Eras = eras,
            Plan = PlanOf(result, count > 1 ? count * PartsPerShard : workers > 1 ? workers * PartsPerWorker : 1),
            Budget = BudgetOf(result),
            WorkerCount = workers,
            ShardIndex = index,
            ShardCount = count,
        };
    }

    private PlanRequest PlanOf(ParseResult result, int partsWanted)
    {
        ulong seed = result.GetValue(_seed) ?? 1;
        if (result.GetValue(_unreduced)) return new PlanRequest(PlanKind.Unreduced, 0, 0, 0, partsWanted);
        if (result.GetValue(_preemptions) is { } preemptions) return new PlanRequest(PlanKind.Preemptions, preemptions, 0, 0, 1);
        if (result.GetValue(_delays) is { } delays) return new PlanRequest(PlanKind.Delays, delays, 0, 0, 1);
        long runs = result.GetValue(_random) ?? result.GetValue(_runs) ?? RunCountDefault;
        if (result.GetValue(_pct) is { } depth) return new PlanRequest(PlanKind.Pct, depth, runs, seed, 1);
        if (result.GetValue(_random) is not null) return new PlanRequest(PlanKind.Random, 0, runs, seed, 1);
        return new PlanRequest(PlanKind.Exhaustive, 0, 0, 0, partsWanted);
    }

    private static string HeadOf(ExploreOptions options, SearchPlan plan)
    {
        string shard = options.ShardCount == 1 ? "" : $"; shard {options.ShardIndex + 1} of {options.ShardCount}";
        string budget = options.Budget is { } time ? $"at most {Duration.ToText(time)}" : "no time limit";
        string eras = options.Eras.Count == 1 ? "era" : "eras";
        return $"{plan.Words}; {eras} {string.Join(", ", options.Eras.Select(era => era.Name))}; {budget}{shard}";
    }

    private int WorkersOf(ParseResult result, PlanKind kind) =>
        result.GetValue(_workers) ?? (kind is PlanKind.Pct or PlanKind.Random ? Environment.ProcessorCount : 1);

    private TimeSpan? BudgetOf(ParseResult result) =>
        result.GetValue(_budget) == "none" ? null : Duration.TryParse(result.GetValue(_budget) ?? "60s", out TimeSpan budget) ? budget
            : null;

    private static (int Index, int Count)? ShardOf(string? text)
    {
        if (text is null) return (0, 1);
        string[] parts = text.Split('/');
        CultureInfo culture = CultureInfo.InvariantCulture;
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, culture, out int number)) return null;
        if (!int.TryParse(parts[1], NumberStyles.None, culture, out int count)) return null;
        return number >= 1 && number <= count && count <= ShardCountMax ? (number - 1, count) : null;
    }

    /// <summary>What the options say and cannot mean; null when they are sound.</summary>
    private string? FindMisuse(ParseResult result)
    {
        Option[] ways = [_exhaustive, _unreduced, _preemptions, _delays, _pct, _random];
        Option[] given = [.. ways.Where(way => result.GetResult(way) is { Implicit: false })];
        if (given.Length > 1) return $"{given[0].Name} and {given[1].Name}: a search goes one way";
        if (result.GetValue(_resume) is not null)
        {
            Option[] fixedByFile = [.. ways, _era, _runs, _seed, _shard, _out];
            Option? extra = fixedByFile.FirstOrDefault(option => result.GetResult(option) is { Implicit: false });
            if (extra is not null) return $"{extra.Name}: --resume goes on as its file says; leave it away";
            if (result.GetValue(_scenario) is not null) return "SCENARIO: --resume goes on as its file says; leave it away";
        }
        else if (result.GetValue(_scenario) is null)
        {
            return "SCENARIO is missing ('rproc scenario list' lists those that come with it)";
        }

        bool isByChance = result.GetValue(_pct) is not null || result.GetValue(_random) is not null;
        if (result.GetValue(_seed) is not null && !isByChance) return "--seed goes with --pct or --random";
        if (result.GetValue(_runs) is not null && result.GetValue(_pct) is null)
            return "--runs goes with --pct; --random has its own number";
        if ((result.GetValue(_runs) ?? result.GetValue(_random) ?? 1) is < 1 or > RunCountMax) return $"runs: 1 to {RunCountMax:N0}";
        if ((result.GetValue(_pct) ?? 1) is < 1 or > 64) return "--pct: a depth from 1 to 64";
        if ((result.GetValue(_preemptions) ?? 0) < 0 || (result.GetValue(_delays) ?? 0) < 0) return "a bound is 0 or more";
        if (result.GetValue(_workers) is < 1 or > 1024) return "--workers: 1 to 1,024";
        if (ShardOf(result.GetValue(_shard)) is null)
            return $"--shard {result.GetValue(_shard)}: expected I/N with I from 1 to N, such as 2/8";
        if (result.GetValue(_budget) is { } budget && budget != "none" && !Duration.TryParse(budget, out _))
            return $"--budget {budget}: expected a time such as 90s, 10m or 2h, or none";
        return null;
    }

    private int Refuse(int exitCode, string text)
    {
        _terminal.Complain(text);
        return exitCode;
    }
}
