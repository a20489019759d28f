using System;
using System.IO;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RemoteprocEmu.Cli.Output;

/// <summary>JSON on an output stream: one indented object, ended by a line feed. docs/json.md promises its members.</summary>
internal static class JsonText
{
    /// <summary>The shape's version; it grows when a member goes or changes its meaning, not when one is added.</summary>
    public const int SchemaVersion = 1;

    private static readonly JsonWriterOptions s_options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one object that begins with <c>schema</c>.</summary>
    /// <param name="output">Written to.</param>
    /// <param name="writeMembers">Writes the object's other members.</param>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> writeMembers)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_options))
        {
            json.WriteStartObject();
            json.WriteNumber("schema", SchemaVersion);
            writeMembers(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }
}
