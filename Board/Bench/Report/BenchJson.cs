using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RemoteprocEmu.Board.Bench.Report;

/// <summary>Rows as lines of JSON, one object a line: docs/json.md promises the members.</summary>
internal static class BenchJson
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A row as a line, without its end.</summary>
    public static string Line(BenchRow row)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_options)) Write(json, row);
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Reads lines. Of rows of one group, case and mood the last stays: a later measurement replaces an earlier one.</summary>
    /// <exception cref="FormatException">A line is no row; the message has its number.</exception>
    public static IReadOnlyList<BenchRow> Read(IEnumerable<string> lines)
    {
        List<BenchRow> rows = [];
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (line.Length == 0) continue;
            BenchRow row;
            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                row = Read(document.RootElement);
            }
            catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException
                or FormatException)
            {
                throw new FormatException($"line {number} is no row of rproc bench --json: {exception.Message}", exception);
            }

            _ = rows.RemoveAll(other => other.Group == row.Group && other.Case == row.Case && other.Mood == row.Mood);
            rows.Add(row);
        }

        return rows;
    }

    private static void Write(Utf8JsonWriter json, BenchRow row)
    {
        BenchCase benchCase = row.Case;
        json.WriteStartObject();
        json.WriteNumber("schema", 1);
        json.WriteString("group", row.Group);
        json.WriteString("case", benchCase.Name);
        json.WriteString("layout", BenchCase.Word(benchCase.Layout));
        json.WriteString("transport", BenchCase.Word(benchCase.Transport));
        json.WriteString("place", BenchCase.Word(benchCase.Place));
        json.WriteString("wait", BenchCase.Word(benchCase.Wait));
        json.WriteString("direction", BenchCase.Word(benchCase.Direction));
        json.WriteString("send", benchCase.Copies ? "copy" : "in-place");
        json.WriteNumber("payload_bytes", benchCase.PayloadBytes);
        json.WriteNumber("batch", benchCase.Batch);
        json.WriteNumber("ring", benchCase.Ring);
        json.WriteNumber("vdevs", benchCase.Vdevs);
        json.WriteNumber("endpoints", benchCase.Endpoints);
        json.WriteString("mood", row.Mood);
        Number(json, "line_rtt_ns", row.LineNs > 0 ? row.LineNs : null, 1);
        Number(json, "messages_per_second", row.PerSecond, 0);
        Number(json, "messages_per_second_min", row.PerSecondMin, 0);
        Number(json, "messages_per_second_max", row.PerSecondMax, 0);
        Number(json, "megabytes_per_second", row.MegabytesPerSecond, 1);
        Number(json, "ns_per_message", row.NsPerMessage, 2);
        Number(json, "round_trip_ns", row.RoundTripNs, 1);
        Number(json, "ratio_to_spsc", row.RatioToSpsc, 3);
        Number(json, "ratio_to_line", row.RatioToLine, 2);
        Number(json, "offered_per_second", benchCase.OfferedPerSecond > 0 ? benchCase.OfferedPerSecond : null, 0);
        Number(json, "latency_p50_ns", row.LatencyMedianNs, 0);
        Number(json, "latency_p99_ns", row.LatencyP99Ns, 0);
        Number(json, "allocated_bytes_per_message", row.AllocatedBytes, 6);
        Number(json, "kicks_per_message", row.Kicks, 6);
        Number(json, "sleeps_per_message", row.Sleeps, 6);
        Number(json, "copies_per_message", row.Copies, 0);
        Number(json, "cpu", row.Cpu, 2);
        Number(json, "cpu_ns_per_message", row.Cpu * row.NsPerMessage, 2);
        json.WriteNumber("spin_ns", row.SpinNs);
        json.WriteNumber("runs", row.Runs);
        json.WriteNumber("dropped", row.Dropped);
        json.WriteNumber("disturbed", row.Disturbed);
        Number(json, "run_seconds", row.RunSeconds, 4);
        json.WriteString("cpu_model", row.CpuModel);
        json.WriteString("machine", row.Machine);
        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value, int digits)
    {
        if (value is not { } number || !double.IsFinite(number)) json.WriteNull(name);
        else json.WriteNumber(name, Math.Round(number, digits));
    }

    private static BenchRow Read(JsonElement line)
    {
        string group = Text(line, "group");
        return new BenchRow
        {
            Group = group,
            Case = new BenchCase
            {
                Transport = Value<BenchTransport>(line, "transport", BenchCase.Word),
                Layout = Value<BenchLayout>(line, "layout", BenchCase.Word),
                Place = Value<BenchPlace>(line, "place", BenchCase.Word),
                Wait = Value<BenchWait>(line, "wait", BenchCase.Word),
                Direction = Value<BenchDirection>(line, "direction", BenchCase.Word),
                Copies = Text(line, "send") == "copy",
                PayloadBytes = (int)Number(line, "payload_bytes")!,
                Batch = (int)Number(line, "batch")!,
                Ring = (int)Number(line, "ring")!,
                Vdevs = (int)Number(line, "vdevs")!,
                Endpoints = (int)Number(line, "endpoints")!,
                OfferedPerSecond = (int)(Number(line, "offered_per_second") ?? 0),
            },
            Mood = Text(line, "mood"),
            LineNs = Number(line, "line_rtt_ns") ?? 0,
            PerSecond = (double)Number(line, "messages_per_second")!,
            PerSecondMin = (double)Number(line, "messages_per_second_min")!,
            PerSecondMax = (double)Number(line, "messages_per_second_max")!,
            RatioToSpsc = Number(line, "ratio_to_spsc"),
            AllocatedBytes = (double)Number(line, "allocated_bytes_per_message")!,
            Kicks = (double)Number(line, "kicks_per_message")!,
            Sleeps = (double)Number(line, "sleeps_per_message")!,
            Copies = (double)Number(line, "copies_per_message")!,
            Cpu = (double)Number(line, "cpu")!,
            LatencyMedianNs = Number(line, "latency_p50_ns"),
            LatencyP99Ns = Number(line, "latency_p99_ns"),
            Runs = (int)Number(line, "runs")!,
            Dropped = (int)Number(line, "dropped")!,
            Disturbed = (int)Number(line, "disturbed")!,
            RunSeconds = (double)Number(line, "run_seconds")!,
            SpinNs = (long)Number(line, "spin_ns")!,
            CpuModel = Text(line, "cpu_model"),
            Machine = Text(line, "machine"),
        };
    }

    private static string Text(JsonElement line, string name) => line.GetProperty(name).GetString() ?? "";

    private static double? Number(JsonElement line, string name)
    {
        JsonElement value = line.GetProperty(name);
        return value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
    }

    private static T Value<T>(JsonElement line, string name, Func<T, string> word) where T : struct, Enum
    {
        string text = Text(line, name);
        foreach (T value in Enum.GetValues<T>().Where(value => word(value) == text)) return value;
        throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{name} is \"{text}\""));
    }
}
