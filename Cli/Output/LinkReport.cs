using System.Collections.Generic;
using System.Globalization;
using System.Text.Json;
using RemoteprocEmu.Board.Link;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Interop.OpenAmp;

namespace RemoteprocEmu.Cli.Output;

/// <summary>What a process of a link came to: for people, as JSON that docs/json.md promises, and as an exit code.</summary>
internal static class LinkReport
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>What a link that could not be set up, or was left by its peer, is to the shell.</summary>
    public static int ExitCodeOf(LinkFault fault) => fault.Kind switch
    {
        LinkFaultKind.Place => ExitCode.Usage,
        LinkFaultKind.Peer => ExitCode.BadInput,
        LinkFaultKind.Interrupted => ExitCode.Interrupted,
        _ => ExitCode.Finding,
    };

    /// <summary>What a host came to.</summary>
    public static int ExitCodeOf(LinkHostReport report) =>
        ExitCodeOf(report.WasInterrupted, report.IsDone ? null : report.Fault, report.Findings);

    /// <summary>What a remote came to.</summary>
    public static int ExitCodeOf(LinkRemoteReport report) => ExitCodeOf(report.WasInterrupted, report.Fault, report.Findings);

    /// <summary>A host's findings and its last line.</summary>
    public static void WriteText(LinkOptions options, LinkHostReport report, bool isQuiet, Terminal terminal)
    {
        if (!isQuiet && report.VerifiedCount > 0) WriteTraffic(report, terminal);
        if (!isQuiet) WriteFindings(report.Findings, terminal);
        string way = report.OneWay is null ? "each way" : "one way";
        string crashes = report.CrashCount == 0 ? "" : report.CrashCount == 1 ? ", 1 crash" : $", {report.CrashCount} crashes";
        string left = report.Left.Count == 0 ? "nothing is left" : $"{report.Left.Count} things are left";
        string service = report.Service.Length > 0 ? report.Service : "no channel";
        string what = report.HasBooted
            ? string.Create(s_culture, $"{report.VerifiedCount:N0} of {report.Target:N0} messages {way} over {service}")
            : options.Side == LinkSide.Server ? "no remote booted" : "no remote was attached to";
        terminal.Output.WriteLine($"{Verdict(report.WasInterrupted, report.Findings)}: {what}{crashes}; {left}");
    }

    /// <summary>A remote's findings and its last line.</summary>
    public static void WriteText(string program, LinkRemoteReport report, bool isQuiet, Terminal terminal)
    {
        if (!isQuiet) WriteFindings(report.Findings, terminal);
        string hosts = report.HostCount == 1 ? "1 host" : $"{report.HostCount} hosts";
        string lost = report.LostHostCount == 0 ? "" : $", {report.LostHostCount} vanished";
        string crashes = report.CrashCount == 0 ? "" : report.CrashCount == 1 ? ", 1 crash" : $", {report.CrashCount} crashes";
        string verdict = Verdict(report.WasInterrupted, report.Findings);
        string messages = string.Create(s_culture, $"{report.Traffic.Received:N0} messages received, {report.Traffic.Sent:N0} sent");
        terminal.Output.WriteLine($"{verdict}: {program} served {hosts}{lost}{crashes}: {messages}");
    }

    /// <summary>A host as members of one JSON object.</summary>
    public static void WriteJson(LinkOptions options, LinkHostReport report, Utf8JsonWriter json)
    {
        WriteHead(options, report.WasInterrupted, ExitCodeOf(report), report.Findings, json);
        MessageStream stream = report.Stream;
        json.WriteBoolean("booted", report.HasBooted);
        json.WriteString("service", report.Service);
        json.WriteBoolean("one_way", report.OneWay is not null);
        json.WriteNumber("messages", report.Target);
        json.WriteNumber("verified", report.VerifiedCount);
        json.WriteNumber("sent_again", stream.SentAgainCount);
        json.WriteNumber("lost", stream.LostCount);
        json.WriteNumber("doubled", stream.DuplicateCount);
        json.WriteNumber("altered", report.WrongCount);
        json.WriteNumber("channels", stream.ChannelCount);
        json.WriteNumber("crashes", report.CrashCount);
        json.WriteNumber("active_ns", report.ActiveNs);
        json.WriteNumber("messages_per_second", (long)report.MessagesPerSecond);
        WriteTail(report.Kicks, report.Findings, json);
        WriteStrings(json, "left", report.Left);
    }

    /// <summary>A remote as members of one JSON object.</summary>
    public static void WriteJson(LinkOptions options, string program, LinkRemoteReport report, Utf8JsonWriter json)
    {
        WriteHead(options, report.WasInterrupted, ExitCodeOf(report), report.Findings, json);
        json.WriteString("program", program);
        json.WriteNumber("hosts", report.HostCount);
        json.WriteNumber("hosts_vanished", report.LostHostCount);
        json.WriteNumber("crashes", report.CrashCount);
        json.WriteNumber("received", report.Traffic.Received);
        json.WriteNumber("sent", report.Traffic.Sent);
        WriteTail(report.Kicks, report.Findings, json);
    }

    private static void WriteHead(LinkOptions options, bool wasInterrupted, int exitCode, List<string> findings, Utf8JsonWriter json)
    {
        json.WriteString("link", "openamp");
        json.WriteString("role", options.Role == LinkRole.Host ? "host" : "remote");
        json.WriteString("side", options.Side == LinkSide.Server ? "server" : "client");
        json.WriteString("memory", options.Places.MemoryPath);
        json.WriteString("socket", options.Places.SocketPath);
        json.WriteBoolean("polls", options.Polls);
        json.WriteString("outcome", wasInterrupted ? "interrupted" : findings.Count > 0 ? "finding" : "ok");
        json.WriteNumber("exit_code", exitCode);
    }

    private static void WriteTail((long Sent, long Received) kicks, List<string> findings, Utf8JsonWriter json)
    {
        json.WriteNumber("kicks_sent", kicks.Sent);
        json.WriteNumber("kicks_received", kicks.Received);
        WriteStrings(json, "findings", findings);
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteTraffic(LinkHostReport report, Terminal terminal)
    {
        MessageStream stream = report.Stream;
        terminal.WriteTitle("Traffic");
        string again = string.Create(s_culture, $"{stream.SentAgainCount:N0} were sent again after a crash");
        string came = report.OneWay is null ? "came back" : "arrived";
        terminal.WriteText(string.Create(s_culture, $"{report.VerifiedCount:N0} messages of {MessageStream.MessageBytes} bytes " +
            $"{came} whole and in order, {report.MessagesPerSecond:N0} a second; {again}"));
        terminal.WriteText(string.Create(s_culture, $"kicks: {report.Kicks.Sent:N0} sent, {report.Kicks.Received:N0} received"));
    }

    private static void WriteFindings(List<string> findings, Terminal terminal)
    {
        if (findings.Count > 0) terminal.WriteTitle("Findings");
        foreach (string finding in findings) terminal.WriteText(finding);
    }

    private static string Verdict(bool wasInterrupted, List<string> findings) =>
        wasInterrupted ? "interrupted" : findings.Count == 0 ? "ok" : findings.Count == 1 ? "1 finding" : $"{findings.Count} findings";

    private static int ExitCodeOf(bool wasInterrupted, LinkFault? fault, List<string> findings) =>
        wasInterrupted ? ExitCode.Interrupted : fault is not null ? ExitCodeOf(fault) : findings.Count > 0 ? ExitCode.Finding : ExitCode.Ok;
}
