using System;
using System.Buffers;
using System.Text;
using System.Text.Json;
using RemoteprocEmu.Board.VhostUser;
using RemoteprocEmu.Cli.Output;
using RemoteprocEmu.Cores.Scripted;

namespace RemoteprocEmu.Cli.Serve;

/// <summary>For programs: one JSON object a line.</summary>
internal sealed class ServeOutputJson(Terminal terminal) : IServeOutput
{
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <inheritdoc/>
    public void Write(VhostUserEvent happened) => WriteLine(json =>
    {
        json.WriteNumber("timeNs", happened.TimeNs);
        json.WriteString("port", happened.Port);
        json.WriteString("event", JsonNamingPolicy.CamelCase.ConvertName(happened.Kind.ToString()));
        json.WriteString("text", happened.Text);
    });

    /// <inheritdoc/>
    public void WriteSummary(string port, long connections, long crashes, VdevCounters counters) => WriteLine(json =>
    {
        json.WriteString("port", port);
        json.WriteString("event", "summary");
        json.WriteNumber("connections", connections);
        json.WriteNumber("received", counters.Received);
        json.WriteNumber("sent", counters.Sent);
        json.WriteNumber("calls", counters.Kicks);
        json.WriteNumber("resets", counters.Resets);
        json.WriteNumber("crashes", crashes);
    });

    private void WriteLine(Action<Utf8JsonWriter> writeMembers)
    {
        _line.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_line))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", JsonText.SchemaVersion);
            writeMembers(json);
            json.WriteEndObject();
        }

        terminal.Output.WriteLine(Encoding.UTF8.GetString(_line.WrittenSpan));
    }
}
