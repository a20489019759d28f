using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using RemoteprocEmu.Board.VhostUser;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Cli.Serve;
using RemoteprocEmu.Cores.Programs;
using RemoteprocEmu.Interop.VhostUser;
using RemoteprocEmu.Virtio.Device;

namespace RemoteprocEmu.Cli.Commands;

/// <summary><c>rproc serve vhost-user</c>: the device half of an rpmsg device for any vhost-user front end.</summary>
internal sealed class ServeVhostUserCommand : Command, IHasExamples
{
    private const string DefaultProgram = "lab";

    private readonly Argument<string?> _image = new("IMAGE")
    {
        Description = "A firmware ELF file, or a sample's name: a device for each rpmsg vdev of its table, with that vdev's features.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _socket = new("--socket")
    {
        Description = "Where the front end connects. Once for each device.",
        HelpName = "PATH",
        Required = true,
    };

    private readonly Option<string> _device = new("--device")
    {
        Description = "What the device is.",
        HelpName = "rpmsg",
        DefaultValueFactory = _ => "rpmsg",
    };

    private readonly Option<string> _program = new("--program")
    {
        Description = "The firmware behind each device; see below.",
        HelpName = "NAME",
        DefaultValueFactory = _ => DefaultProgram,
    };

    private readonly Option<string?> _features = new("--features")
    {
        Description = "Feature bits that the device offers besides bit 30; by default those of the image, or 0x120000001.",
        HelpName = "BITS",
    };

    private readonly Option<bool> _inBand = new("--in-band") { Description = "Offer kicks and calls as messages (INBAND_NOTIFICATIONS)." };
    private readonly Option<bool> _trace = new("--trace") { Description = "Show each message, kick and call." };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object a line instead (docs/json.md)." };
    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public ServeVhostUserCommand(Terminal terminal)
        : base("vhost-user", "Is the device behind a vhost-user socket: a real Linux kernel's rpmsg stack talks to scripted firmware.")
    {
        _terminal = terminal;
        _ = _device.AcceptOnlyFromAmong("rpmsg");
        _ = _program.AcceptOnlyFromAmong([.. RemotePrograms.All.Select(entry => entry.Name)]);
        Add(_image);
        Option[] options = [_socket, _device, _program, _features, _inBand, _trace, _json];
        foreach (Option option in options) Add(option);
        SetAction(Run);
    }

    /// <inheritdoc/>
    public string Examples => $"""
        Examples:
          rproc serve vhost-user --socket a.sock                   a device for Linux' rpmsg drivers
          rproc serve vhost-user --socket a.sock --program ping    the same, with other firmware
          rproc serve vhost-user --socket a.sock --socket b.sock   two devices
          rproc serve vhost-user --socket a.sock rpmsg-echo        features as in an image's table
          rproc serve vhost-user --socket a.sock --trace           every message, kick and call

        Programs:
        {string.Join('\n', RemotePrograms.All.Select(entry => $"  {entry.Name,-13} {entry.Description}"))}

        It serves one front end after the other until Ctrl-C, and then removes the sockets.

        Exit codes:
          0 ended by Ctrl-C or a signal   2 usage, or a socket that cannot be made   3 bad image
          4 internal error
        """;

    private int Run(ParseResult result)
    {
        string[] sockets = result.GetValue(_socket)!; // it is required
        int exitCode = TryFindFeatures(result, sockets.Length, out ulong[] features);
        if (exitCode != ExitCode.Ok) return exitCode;
        VhostUserOptions usual = new();
        if (result.GetValue(_inBand))
            usual = usual with { ProtocolFeatures = usual.ProtocolFeatures | VhostUserProtocolFeatures.InbandNotifications };
        List<VhostUserPortOptions> ports = [];
        for (int i = 0; i < sockets.Length; i++)
        {
            ports.Add(new VhostUserPortOptions
            {
                Name = NameOf(sockets, i),
                SocketPath = sockets[i],
                Program = RemotePrograms.Create(result.GetValue(_program)!) ?? throw new InvalidOperationException("it was one of them"),
                Protocol = usual with { Features = features[i] },
                TracesMessages = result.GetValue(_trace),
            });
        }

        IServeOutput output = result.GetValue(_json) ? new ServeOutputJson(_terminal) : new ServeOutputText(_terminal);
        try
        {
            using Interruption interruption = new(_terminal, "ending the connections; once more to leave at once");
            using VhostUserServer server = new(ports, output.Write);
            server.Run(interruption.Token);
            for (int i = 0; i < ports.Count; i++)
                output.WriteSummary(ports[i].Name, server.ConnectionsOf(i), server.CrashesOf(i), server.CountersOf(i));
            return ExitCode.Ok;
        }
        catch (IOException exception)
        {
            _terminal.Complain(exception.Message);
            return ExitCode.Usage;
        }
    }

    private static string NameOf(string[] sockets, int index)
    {
        string name = Path.GetFileNameWithoutExtension(sockets[index]);
        return sockets.Count(other => Path.GetFileNameWithoutExtension(other) == name) == 1 ? name : $"{name}{index}";
    }

    private int TryFindFeatures(ParseResult result, int count, out ulong[] features)
    {
        ulong usual = new VhostUserOptions().Features | VirtioFeatures.Mask(VirtioFeatures.RingEventIdx);
        features = [.. Enumerable.Repeat(usual, count)];
        if (result.GetValue(_image) is { } name)
        {
            int exitCode = ServedImage.TryReadFeatures(name, _terminal, out ulong[] ofImage);
            if (exitCode != ExitCode.Ok) return exitCode;
            if (ofImage.Length != count)
            {
                _terminal.Complain($"{name}: {ofImage.Length} rpmsg vdevs, {count} sockets: there must be as many");
                return ExitCode.Usage;
            }

            features = ofImage;
        }

        if (result.GetValue(_features) is not { } text) return ExitCode.Ok;
        if (!Bits.TryParse(text, out ulong bits))
        {
            _terminal.Complain($"--features {text}: a number, such as 0x100000001");
            return ExitCode.Usage;
        }

        Array.Fill(features, bits);
        return ExitCode.Ok;
    }
}
