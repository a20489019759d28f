using System.CommandLine;
using System.Globalization;
using System.Linq;
using RemoteprocEmu.Board.Link;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Interop.OpenAmp;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc link openamp</c>: one end of the link that OpenAMP's Linux processes have.</summary>
internal sealed class LinkOpenAmpCommand : Command, IHasExamples
{
    private const string DefaultProgram = "openamp-echo";
    private const int DefaultMessages = 1000;
    private const double WaitSecondsMax = 1e6;

    private readonly Option<LinkRole> _role = new("--role")
    {
        Description = "host: remoteproc and the rpmsg bus. remote: a scripted core.",
        HelpName = "host|remote",
        Required = true,
    };

    private readonly Option<LinkSide> _side = new("--side")
    {
        Description = "server: writes the resource table and waits for the peer. client: connects.",
        HelpName = "server|client",
        Required = true,
    };

    private readonly Option<string?> _dir = new("--dir")
    {
        Description = "Where the two meet, made if it is not there; by default where OpenAMP's processes look: /dev/shm and the " +
            "temporary directory.",
        HelpName = "DIR",
    };

    private readonly Option<int?> _messages = new("--messages")
    {
        Description = $"Host: messages to exchange and verify, each way; {DefaultMessages} by default. Remote: for programs that count.",
        HelpName = "N",
    };

    private readonly Option<string?> _program = new("--program")
    {
        Description = $"Remote: what the core runs; {DefaultProgram} by default. All of 'rproc run --help'.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _command = new("--command")
    {
        Description = "Host: starts the remote, at the start and after each crash, with /bin/sh.",
        HelpName = "LINE",
    };

    private readonly Option<double> _wait = new("--wait")
    {
        Description = "How long to wait for a peer, each time; 0 for ever.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 60,
    };

    private readonly Option<bool> _poll = new("--poll") { Description = "Look at the rings all the time, and ask for no kicks." };
    private readonly Option<bool> _oneWay = new("--one-way")
    {
        Description = "Host: send only, to a remote with the program count, which verifies.",
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object instead (docs/json.md)." };
    private readonly Option<bool> _quiet = new("--quiet") { Description = "Print the last line alone." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public LinkOpenAmpCommand(Terminal terminal)
        : base("openamp", "Is the host or the remote of a link to an OpenAMP Linux process, or to another rproc.")
    {
        _terminal = terminal;
        _ = _program.AcceptOnlyFromAmong([.. RemotePrograms.All.Select(entry => entry.Name)]);
        Option[] options = [_role, _side, _dir, _messages, _program, _command, _wait, _poll, _oneWay, _json, _quiet];
        foreach (Option option in options) Add(option);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => """
        Examples:
          rproc link openamp --role remote --side server --dir /tmp/link &
          rproc link openamp --role host --side client --dir /tmp/link --messages 100000
          rproc link openamp --role host --side server --command rpmsg-echo-shared
                                                            OpenAMP's own remote, started anew after each crash

        A remote that hangs up has crashed: the host recovers, and waits for the next, or starts it with --command.
        A host that hangs up without a goodbye was killed: the remote waits for the next.

        Exit codes:
          0 ok   1 a finding: messages lost, no peer, no recovery   2 usage, or a place that cannot be had
          3 the peer's table or its kicks are wrong   4 internal error   130 interrupted
        """;

    private int Run(ParseResult result)
    {
        LinkRole role = result.GetValue(_role);
        if (FindMisuse(result, role) is { } misuse)
        {
            _terminal.Complain(misuse);
            return ExitCode.Usage;
        }

        double waitSeconds = result.GetValue(_wait);
        LinkOptions options = new(role, result.GetValue(_side),
            result.GetValue(_dir) is { } directory ? OpenAmpPlaces.In(directory) : OpenAmpPlaces.Default)
        {
            WaitNs = waitSeconds == 0 ? long.MaxValue : (long)(waitSeconds * 1e9),
            Polls = result.GetValue(_poll),
            Command = result.GetValue(_command),
        };
        try
        {
            return role == LinkRole.Host ? RunHost(options, result) : RunRemote(options, result);
        }
        catch (LinkException exception)
        {
            _terminal.Complain(exception.Message);
            return LinkReport.ExitCodeOf(exception.Fault);
        }
    }

    private int RunHost(LinkOptions options, ParseResult result)
    {
        using LinkHost host = new(options, result.GetValue(_messages) ?? DefaultMessages, result.GetValue(_oneWay));
        ProgressLine progress = new(_terminal);
        if (!result.GetValue(_json) && !result.GetValue(_quiet))
        {
            host.LineWritten += line =>
            {
                progress.Clear();
                _terminal.WriteLog(line);
            };
        }

        host.Progressed += progress.Show;
        using Interruption interruption = new(_terminal);
        using (interruption.Token.Register(host.Interrupt))
        {
            LinkHostReport report = host.Run();
            progress.Clear();
            if (result.GetValue(_json)) JsonText.Write(_terminal.Output, json => LinkReport.WriteJson(options, report, json));
            else LinkReport.WriteText(options, report, result.GetValue(_quiet), _terminal);
            return LinkReport.ExitCodeOf(report);
        }
    }

    private int RunRemote(LinkOptions options, ParseResult result)
    {
        RemoteProgramOptions programOptions = new() { Messages = result.GetValue(_messages) ?? DefaultMessages };
        string name = result.GetValue(_program) ?? DefaultProgram;
        using LinkRemote remote = new(options, RemotePrograms.Create(name, programOptions)!); // the parser knows the names
        bool isSilent = result.GetValue(_json) || result.GetValue(_quiet);
        if (!isSilent) remote.Noted += _terminal.Output.WriteLine;
        using Interruption interruption = new(_terminal);
        using (interruption.Token.Register(remote.Interrupt))
        {
            LinkRemoteReport report = remote.Run();
            if (result.GetValue(_json)) JsonText.Write(_terminal.Output, json => LinkReport.WriteJson(options, name, report, json));
            else LinkReport.WriteText(name, report, result.GetValue(_quiet), _terminal);
            return LinkReport.ExitCodeOf(report);
        }
    }

    private string? FindMisuse(ParseResult result, LinkRole role)
    {
        if (result.GetValue(_messages) < 1) return "--messages: at least 1";
        if (result.GetValue(_wait) is not (>= 0 and <= WaitSecondsMax))
            return string.Create(CultureInfo.InvariantCulture, $"--wait: 0 to {WaitSecondsMax:N0} seconds");
        if (role == LinkRole.Host && result.GetValue(_program) is not null) return "--program goes with --role remote";
        if (role == LinkRole.Remote && result.GetValue(_command) is not null) return "--command goes with --role host";
        if (role == LinkRole.Remote && result.GetValue(_oneWay)) return "--one-way goes with --role host";
        return result.GetValue(_quiet) && result.GetValue(_json) ? "--quiet does not go with --json" : null;
    }
}
