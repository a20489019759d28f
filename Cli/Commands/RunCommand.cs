using System;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Cli.Run;
using RemoteprocEmu.Cli.Watch;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Tasks;
using RemoteprocEmu.Remoteproc.Eras;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc run</c>: boots an image, talks to it, stops it.</summary>
internal sealed class RunCommand : Command, IHasExamples
{
    private const string DefaultImage = "rpmsg-echo";
    private const long DefaultCrashAfter = 500;
    private const int WatchIntervalMs = 100;

    private readonly Argument<string?> _image = new("IMAGE")
    {
        Description = "A firmware ELF file, or a sample's name. Without one: rpmsg-echo, with a crash after 500 messages.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _boot = new("--boot")
    {
        Description = "Who boots it; by default what suits the image.",
        HelpName = "auto|consumer|none",
    };

    private readonly Option<string?> _program = new("--program")
    {
        Description = "What runs behind the doorbell; see below. By default what suits the image.",
        HelpName = "NAME",
    };

    private readonly Option<int> _messages = new("--messages")
    {
        Description = "Messages to exchange and verify, each way, on each rpmsg vdev.",
        HelpName = "N",
        DefaultValueFactory = _ => RunOptions.MessageCountDefault,
    };

    private readonly Option<long?> _crashAfter = new("--crash-after")
    {
        Description = "The firmware crashes, once, when it has answered N messages.",
        HelpName = "N",
    };

    private readonly Option<bool> _vdevs = new("--vdevs") { Description = "Show also the vdevs: virtio device, driver, status, features." };
    private readonly Option<bool> _virtual = new("--virtual") { Description = "Virtual time: run and output are the same each time." };

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "With --virtual: draws the order of events from this seed.",
        HelpName = "S",
    };

    private readonly Option<string> _era = new("--era")
    {
        Description = "The kernel to follow; see below.",
        HelpName = string.Join('|', Era.All.Select(era => era.Name)),
        DefaultValueFactory = _ => Era.Emu.Name,
    };

    private readonly Option<string?> _coredump = new("--coredump")
    {
        Description = "Write the last core dump, an ELF file, here.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _capture = new("--capture")
    {
        Description = "Write every message here, with the kernel log between them: pcapng, for Wireshark (docs/capture.md).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _checkBuffers = new("--check-buffers")
    {
        Description = "Write down who has which message buffer; one that is forgotten, or used after it was given back, is a finding.",
    };

    private readonly Option<bool> _watch = new("--watch")
    {
        Description = "Show processors, rings, channels, rates and the end of the log while it runs; on a terminal.",
    };

    private readonly Option<bool> _tty = new("--tty")
    {
        Description = "Connect each ttyRPMSG of the firmware to a terminal of this machine, print its path, and go on until Ctrl-C.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Option<bool> _log = new("--log") { Description = "Print the kernel log alone; with --json: put it into the object." };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Print the last line alone." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public RunCommand(Terminal terminal)
        : base("run", "Boots an image, lets its channels announce themselves, exchanges messages, stops it, and shows what is left.")
    {
        _terminal = terminal;
        _ = _boot.AcceptOnlyFromAmong("auto", "consumer", "none");
        _ = _program.AcceptOnlyFromAmong([.. RemotePrograms.All.Select(entry => entry.Name)]);
        Add(_image);
        Option[] options =
            [
                _boot, _program, _messages, _crashAfter, _vdevs, _virtual, _seed, _era, _coredump, _capture,
                _checkBuffers, _watch, _tty, _json, _log, _quiet,
            ];
        foreach (Option option in options) Add(option);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => $"""
        Examples:
          rproc run                                   the sample: 1,000 messages each way, a crash, recovery
          rproc run firmware.elf                      your image, with the echo firmware in its place
          rproc run firmware.elf --messages 100000    for a longer look
          rproc run rpmsg-two-vdevs --vdevs           two rpmsg vdevs, and what virtio says of them
          rproc run --messages 1000000 --watch        a live picture of rings, channels and rates
          rproc run pm-trace-only                     power management: its consumer boots it
          rproc run rpmsg-echo --boot none            everything loaded, nothing booted
          rproc run rpmsg-echo --program hostile      firmware that breaks the protocol
          rproc run --crash-after 10 --coredump core  a crash, and its dump for gdb or readelf
          rproc run --tty                             a terminal to the firmware, for screen or cat
          rproc run --virtual --seed 7                another order of events, the same each time

        Programs, which run in the image's place while the image says what memory and which vdevs there are:
        {string.Join('\n', RemotePrograms.All.Select(entry => $"  {entry.Name,-13} {entry.Description}"))}

        Eras, orderings of the lifecycle:
        {string.Join('\n', Era.All.Select(era => $"  {era.Name,-13} {era.Kernels}"))}

        Exit codes:
          0 ok   1 a finding: something left, messages lost, a broken ring, no boot on this board   2 usage
          3 bad input: the kernel would refuse the image   4 internal error   130 interrupted
        """;

    private int Run(ParseResult result)
    {
        if (FindMisuse(result) is { } contradiction)
        {
            _terminal.Complain(contradiction);
            return ExitCode.Usage;
        }

        string? name = result.GetValue(_image);
        int exitCode = ImageFile.TryRead(name ?? DefaultImage, out ImageFile? file, out string complaint);
        if (file is null)
        {
            _terminal.Complain(complaint);
            return exitCode;
        }

        RunOptions options = new(file)
        {
            Boot = result.GetValue(_boot) is { } boot ? Enum.Parse<BootBy>(boot, ignoreCase: true) : null,
            Program = result.GetValue(_program),
            Messages = result.GetValue(_messages),
            CrashAfter = result.GetValue(_crashAfter) ??
                (name is null && result.GetValue(_program) is null && !result.GetValue(_tty) ? DefaultCrashAfter : null),
            HasTerminals = result.GetValue(_tty),
            ChecksBuffers = result.GetValue(_checkBuffers),
            IsVirtual = result.GetValue(_virtual),
            Seed = result.GetValue(_seed),
            Era = Era.TryParse(result.GetValue(_era), out Era? era) ? era : Era.Emu, // FindMisuse has seen to it
        };
        if (FindRefusal(options) is { } refusal)
        {
            _terminal.Complain(CheckReportWriter.ToLine(file.Name, refusal));
            if (result.GetValue(_json)) JsonText.Write(_terminal.Output, json => RunReportJson.WriteRefusal(file, refusal, json));
            return ExitCode.BadInput;
        }

        if (FindMisuse(options) is { } misuse)
        {
            _terminal.Complain(misuse);
            return ExitCode.Usage;
        }

        if (!TryOpenCapture(result.GetValue(_capture), ref options)) return ExitCode.Usage;
        try
        {
            return Run(options, result);
        }
        catch (DeadlockException deadlock)
        {
            _terminal.Complain($"{options.Image.Name}: era {options.Era}: {deadlock.Message}"); // the kernel's, and a finding
            return ExitCode.Finding;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever comes here is a defect of ours: say what, and how to see it again.
            string remark = options.IsVirtual ? "" : "   (real time: no two runs are alike; try --virtual --seed 1, 2, ...)";
            _terminal.Complain($"internal error: {exception.Message}");
            _terminal.Error.WriteLine($"again: rproc {string.Join(' ', result.Tokens.Select(token => token.Value))}{remark}");
            _terminal.Error.WriteLine(exception.ToString());
            return ExitCode.Internal;
        }
    }

    private int Run(RunOptions options, ParseResult result)
    {
        bool asJson = result.GetValue(_json), logOnly = result.GetValue(_log), isQuiet = result.GetValue(_quiet);
        FirmwareRun run;
        try
        {
            run = new FirmwareRun(options);
        }
        catch (ArgumentException exception)
        {
            _terminal.Complain($"{options.Image.Name}: {exception.Message}");
            return ExitCode.Finding;
        }

        using (run)
        {
            ProgressLine progress = new(_terminal);
            if (!asJson && !isQuiet && !result.GetValue(_watch))
            {
                run.LineWritten += line =>
                {
                    progress.Clear();
                    _terminal.WriteLog(line);
                };
            }

            run.TerminalConnected += (tty, path) => _terminal.Output.WriteLine($"{tty} is {path}");
            run.Progressed += progress.Show;
            RunReport report = result.GetValue(_watch) ? RunWatched(run, options) : RunInterruptibly(run);
            progress.Clear();
            if (result.GetValue(_coredump) is { } path && !TryWriteCoredump(path, report)) return ExitCode.Usage;
            if (report.CaptureFailure is { } failure)
            {
                _terminal.Complain($"{result.GetValue(_capture)}: {failure}: what was written until then is in the file");
                return ExitCode.Usage;
            }

            if (asJson) JsonText.Write(_terminal.Output, json => RunReportJson.Write(options, report, withLog: logOnly, json));
            else if (isQuiet) _terminal.Output.WriteLine(RunReportText.LastLine(options, report));
            else if (!logOnly) RunReportText.Write(options, report, withVdevs: result.GetValue(_vdevs), _terminal);
            return report.ExitCode;
        }
    }

    private RunReport RunWatched(FirmwareRun run, RunOptions options)
    {
        RunReport? report = null;
        WatchView view = new(options.Image.Name, _terminal.Width);
        Stopwatch sinceShown = Stopwatch.StartNew();
        run.LineWritten += line => view.Note(line);
        _terminal.Live(show =>
        {
            run.Looked += (machine, exchanges) =>
            {
                if (sinceShown.ElapsedMilliseconds < WatchIntervalMs) return;
                show(view.Draw(machine, exchanges));
                sinceShown.Restart();
            };
            report = RunInterruptibly(run);
        });
        return report!;
    }

    /// <summary>The first Ctrl-C stops the processor in order; the second is the shell's.</summary>
    private RunReport RunInterruptibly(FirmwareRun run)
    {
        bool isFirst = true;
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = isFirst;
            if (isFirst) _terminal.Complain("interrupted: stopping the processor; once more to leave at once");
            isFirst = false;
            run.Interrupt();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        return run.Run();
    }

    private bool TryOpenCapture(string? path, ref RunOptions options)
    {
        if (path is null) return true;
        try
        {
            options = options with { Capture = File.Create(path) };
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _terminal.Complain($"{path}: {exception.Message}");
            return false;
        }
    }

    private bool TryWriteCoredump(string path, RunReport report)
    {
        if (report.CoreDump.IsEmpty)
        {
            _terminal.Complain($"{path}: not written: there was no crash");
            return true;
        }

        try
        {
            File.WriteAllBytes(path, report.CoreDump.ToArray());
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _terminal.Complain($"{path}: {exception.Message}");
            return false;
        }
    }

    /// <summary>The first rule for which the kernel refuses the image; null when it boots it.</summary>
    private static CheckFinding? FindRefusal(RunOptions options)
    {
        foreach (CheckFinding finding in ImageChecker.Check(options.Image.Bytes).Findings)
        {
            if (finding.Rule.Errno == Errno.Ok) continue;
            bool isAboutVring = finding.Rule == CheckRules.Of(ResourceTableStatus.VringNumZero) ||
                finding.Rule == CheckRules.Of(ResourceTableStatus.VringAlignZero);
            if (isAboutVring && options.Era.VdevFailure == VdevFailure.DropsVdev) continue; // since v6.1 it boots without this vdev
            return finding;
        }

        return null;
    }

    /// <summary>What the options say and cannot mean; null when they are sound.</summary>
    private string? FindMisuse(ParseResult result)
    {
        bool crashes = result.GetValue(_crashAfter) is not null;
        if (result.GetValue(_messages) < 1) return "--messages: at least 1";
        if (result.GetValue(_crashAfter) < 0) return "--crash-after: 0 or more";
        if (crashes && result.GetValue(_program) is not (null or "echo" or "crash-after"))
            return "--crash-after goes with the programs echo and crash-after only";
        if (result.GetValue(_seed) is not null && !result.GetValue(_virtual)) return "--seed needs --virtual";
        if ((FindMisuseOfWatch(result) ?? FindMisuseOfTty(result)) is { } misuse) return misuse;
        if (!Era.TryParse(result.GetValue(_era), out _))
            return $"--era: one of {string.Join(", ", Era.All.Select(era => era.Name))}";
        bool isQuiet = result.GetValue(_quiet);
        return isQuiet && (result.GetValue(_log) || result.GetValue(_json)) ? "--quiet goes with neither --log nor --json" : null;
    }

    private string? FindMisuseOfWatch(ParseResult result)
    {
        if (!result.GetValue(_watch)) return null;
        if (result.GetValue(_virtual)) return "--watch shows real time, and --virtual has none: what takes 15 s there is over at once";
        bool isOtherOutput = result.GetValue(_json) || result.GetValue(_log) || result.GetValue(_quiet);
        if (isOtherOutput) return "--watch goes with none of --json, --log, --quiet";
        return _terminal.Redraws ? null : "--watch needs a terminal: the output goes somewhere else, or TERM is dumb";
    }

    private string? FindMisuseOfTty(ParseResult result)
    {
        bool hasTerminals = result.GetValue(_tty);
        string? program = result.GetValue(_program);
        if (!hasTerminals) return program == RemotePrograms.TtyEcho ? $"--program {program} goes with --tty" : null;
        if (result.GetValue(_virtual)) return "--tty needs real time: --virtual has none";
        if (program is not (null or RemotePrograms.TtyEcho)) return $"--tty: the program {program} has no terminal";
        if (result.GetValue(_crashAfter) is not null) return "--tty goes without --crash-after";
        if (result.GetValue(_boot) == "none") return "--tty goes without --boot none: there would be no firmware";
        return result.GetValue(_json) || result.GetValue(_watch) ? "--tty goes without --json and --watch" : null;
    }

    /// <summary>What is asked for and cannot happen with this image; null when all can.</summary>
    private static string? FindMisuse(RunOptions options)
    {
        _ = ElfImage.TryOpen(options.Image.Bytes, out ElfImage image, out _); // it passed the check
        ImageTraits traits = ImageTraits.Of(image);
        if (options.HasTerminals && traits.RpmsgVdevCount == 0) return "--tty needs an image with an rpmsg vdev";
        if (options.CrashAfter is not { } crashAfter) return null;
        if (traits.RpmsgVdevCount == 0) return "--crash-after needs an image with an rpmsg vdev: it counts messages";
        long answers = (long)options.Messages * traits.RpmsgVdevCount;
        return crashAfter > answers ? $"--crash-after {crashAfter}: there are only {answers} messages to answer" : null;
    }
}
