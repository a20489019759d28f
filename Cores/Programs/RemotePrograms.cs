using System;
using System.Collections.Generic;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>The programs that can be chosen by name.</summary>
public static class RemotePrograms
{
    /// <summary>The one for <c>rproc run --tty</c>.</summary>
    public const string TtyEcho = "tty-echo";

    /// <summary>All of them, the usual one first.</summary>
    public static IReadOnlyList<RemoteProgramEntry> All { get; } =
    [
        new("echo", "announces rpmsg-client-sample on each rpmsg vdev and sends every message back", static _ => new EchoProgram()),
        new("openamp-echo", "echoes as OpenAMP's demo does, and ends when the host says so", static _ => new OpenAmpEchoProgram()),
        new(TtyEcho, "announces rpmsg-tty on each rpmsg vdev and sends back whatever is typed; for --tty",
            static _ => new EchoProgram(TtyEcho, "rpmsg-tty")),
        new("echo-all", "echoes on every vdev: messages, frames with their addresses exchanged, and bytes",
            static _ => new EchoAllProgram()),
        new("count", "counts numbered messages, for traffic one way, and says how many came", static _ => new CountProgram()),
        new("slow-echo", "echoes, and works 1 ms on each message with the buffer for its answer in hand",
            static _ => new SlowEchoProgram()),
        new("ping", "sends numbered messages to a host that echoes, and checks the answers",
            static options => new PingProgram(options.Messages)),
        new("ns-storm", "creates and destroys channels in an order drawn from a seed",
            static options => new NameServiceStormProgram(options.Seed, options.Messages)),
        new("crash-after", "echoes, and crashes after so many messages",
            static options => new CrashAfterProgram(options.CrashAfter, options.CrashOnce)),
        new("silent", "announces itself and takes no message: the host's senders have to wait", static _ => new SilentProgram()),
        new("early-reader", "reads its ring addresses at the first instruction, without DRIVER_OK", static _ => new EarlyReaderProgram()),
        new("lab", "echoes under each name that Linux has a driver for; takes orders at 0x700",
            static _ => new LabProgram()),
        new("idle", "writes a line into its trace buffer and sleeps", static _ => new IdleProgram()),
        new("hostile", "breaks the protocol on one vdev, and echoes on the others",
            static options => new HostileProgram(options.Misdeed, options.HostileVdev)),
    ];

    /// <summary>Makes a program.</summary>
    /// <param name="name">One of <see cref="All"/>.</param>
    /// <param name="options">What it is told; null for the defaults.</param>
    /// <returns>Null when there is none of that name.</returns>
    public static RemoteProgram? Create(string name, RemoteProgramOptions? options = null)
    {
        foreach (RemoteProgramEntry entry in All)
        {
            if (string.Equals(entry.Name, name, StringComparison.Ordinal)) return entry.Create(options ?? new RemoteProgramOptions());
        }

        return null;
    }
}
