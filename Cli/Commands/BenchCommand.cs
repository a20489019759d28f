using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board.Bench;
using RemoteprocEmu.Board.Bench.Report;
using RemoteprocEmu.Cli.Bench;
using RemoteprocEmu.Cli.Output;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc bench</c>: what a message over a vring costs here, beside what else could carry it.</summary>
internal sealed class BenchCommand : Command, IHasExamples
{
    private readonly Option<string[]> _filter = new("--filter")
    {
        Description = "Only cases whose names have all these words, such as 'rpmsg split 496B'; * stands for any letters. May be repeated.",
        HelpName = "WORDS",
    };

    private readonly Option<bool> _quick = new("--quick") { Description = "One case of each kind, a few seconds: does it work here?" };

    private readonly Option<double?> _time = new("--time")
    {
        Description = "Have it done in about so many seconds: runs become shorter, and numbers less certain.",
        HelpName = "SECONDS",
    };

    private readonly Option<string?> _mood = new("--mood")
    {
        Description = "Wait, not for ever, for the two cores to be 'near' each other, or 'far'; see docs/performance.md.",
        HelpName = "MOOD",
    };

    private readonly Option<string?> _cores = new("--cores")
    {
        Description = "The two cores; two that share no execution units if not given.",
        HelpName = "A,B",
    };

    private readonly Option<bool> _list = new("--list") { Description = "Print the cases' names, and measure nothing." };

    private readonly Option<bool> _json = new("--json")
    {
        Description = "Print a line of JSON for each case and mood instead (docs/json.md).",
    };

    private readonly Option<string?> _append = new("--append")
    {
        Description = "Add the lines of JSON to a file as well.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _from = new("--from")
    {
        Description = "Measure nothing: take the rows of such a file. May be repeated.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _targets = new("--targets") { Description = "Say which of the project's targets are met." };

    private readonly Option<string?> _plot = new("--plot")
    {
        Description = "A folder for pictures: rate over payload, latency over rate, and how cost grows.",
        HelpName = "DIR",
    };

    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public BenchCommand(Terminal terminal)
        : base("bench", "Measures messages over vrings between two cores, beside channels, pipes and sockets; every message is verified.")
    {
        _terminal = terminal;
        Add(_filter);
        Add(_quick);
        Add(_time);
        Add(_mood);
        Add(_cores);
        Add(_list);
        Add(_json);
        Add(_append);
        Add(_from);
        Add(_targets);
        Add(_plot);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc bench --quick                        does it work here, and about how fast
          rproc bench                                everything: about four minutes
          rproc bench --filter 'payload 496B'        one group
          rproc bench --filter 'rpmsg 16B b1' --filter 'spsc 16B b1'
          rproc bench --filter sweep                 RM-40: ring by payload by batch, with bells
          rproc bench --time 50 --mood near --filter payload --append rows.jsonl
          rproc bench --from rows.jsonl --targets --plot pictures

        Leave the machine alone meanwhile. Numbers hold for this machine, in the mood that stands beside them.

        Exit codes:
          0 measured   2 usage   4 a message was lost or altered, or another defect   130 interrupted
        """;

    private int Run(ParseResult result)
    {
        if (result.GetValue(_time) is <= 0 or > 86_400) return Complain("--time: seconds, above 0");
        if (result.GetValue(_mood) is not (null or "near" or "far")) return Complain("--mood: near or far");
        (int, int)? cores = null;
        if (result.GetValue(_cores) is { } text && (cores = BenchRun.TryParseCores(text)) is null)
            return Complain($"--cores: {text} are no two of the cores that may be used here");
        if (result.GetValue(_from) is { Length: > 0 } files) return RunFrom(files, result);

        IReadOnlyList<BenchGroup> groups = BenchRun.Choose(result.GetValue(_filter) ?? [], result.GetValue(_quick));
        if (groups.Count == 0) return Complain("--filter: no case has these words; --list shows the names");
        if (result.GetValue(_list))
        {
            foreach (BenchGroup group in groups)
            {
                foreach (BenchCase benchCase in group.All) _terminal.Output.WriteLine($"{group.Name}: {benchCase.Name}");
            }

            return ExitCode.Ok;
        }

        return Measure(groups, cores, result);
    }

    private int Measure(IReadOnlyList<BenchGroup> groups, (int, int)? cores, ParseResult result)
    {
        bool isJson = result.GetValue(_json);
        StreamWriter? lines = null;
        if (result.GetValue(_append) is { } path && !TryOpen(path, out lines)) return ExitCode.Usage;
        using Interruption interruption = new(_terminal);
        List<BenchRow> all = [];
        using (lines)
        {
            BenchOptions options = BenchRun.OptionsOf(groups, result.GetValue(_quick), result.GetValue(_time)) with
            {
                Mood = result.GetValue(_mood),
            };
            BenchRun run = new(groups, options, cores, _terminal);
            foreach (IReadOnlyList<BenchRow> rows in run.Measure(interruption.Token))
            {
                all.AddRange(rows);
                foreach (BenchRow row in rows)
                {
                    lines?.WriteLine(BenchJson.Line(row));
                    if (isJson) _terminal.Output.WriteLine(BenchJson.Line(row));
                }

                lines?.Flush();
                if (!isJson) BenchReportText.WriteGroup(rows, _terminal);
            }
        }

        int exitCode = Finish(all, result);
        return interruption.HasCome ? ExitCode.Interrupted : exitCode;
    }

    private int RunFrom(string[] files, ParseResult result)
    {
        List<string> lines = [];
        IReadOnlyList<BenchRow> rows;
        try
        {
            foreach (string file in files) lines.AddRange(File.ReadLines(file));
            rows = BenchJson.Read(lines);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
        {
            return Complain($"--from: {exception.Message}");
        }

        bool isJson = result.GetValue(_json);
        foreach (IGrouping<string, BenchRow> group in rows.GroupBy(row => row.Group))
        {
            if (!isJson) BenchReportText.WriteGroup([.. group], _terminal);
            else
            {
                foreach (BenchRow row in group) _terminal.Output.WriteLine(BenchJson.Line(row));
            }
        }

        return Finish(rows, result);
    }

    private int Finish(IReadOnlyList<BenchRow> rows, ParseResult result)
    {
        if (rows.Count == 0) return ExitCode.Ok;
        if (result.GetValue(_plot) is { } folder && !TryPlot(folder, rows)) return ExitCode.Usage;
        if (!result.GetValue(_json))
        {
            BenchReportText.WriteLegend(rows[0], _terminal);
            if (result.GetValue(_targets)) BenchReportText.WriteTargets(BenchTargets.Judge(rows), _terminal);
        }

        return ExitCode.Ok;
    }

    private bool TryOpen(string path, out StreamWriter? lines)
    {
        lines = null;
        try
        {
            lines = new StreamWriter(path, append: true);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _ = Complain($"--append: {exception.Message}");
            return false;
        }
    }

    private bool TryPlot(string folder, IReadOnlyList<BenchRow> rows)
    {
        try
        {
            _ = Directory.CreateDirectory(folder);
            foreach ((string fileName, string svg) in BenchPlots.Draw(rows)) File.WriteAllText(Path.Combine(folder, fileName), svg);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _ = Complain($"--plot: {exception.Message}");
            return false;
        }
    }

    private int Complain(string text)
    {
        _terminal.Complain(text);
        return ExitCode.Usage;
    }
}
