using System;
using System.Globalization;
using System.Text.Json;
using RemoteprocEmu.Explorer.Explain.Compare;
using RemoteprocEmu.Explorer.Explain.Order;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>A finding as one JSON object; docs/json.md promises its members.</summary>
public static class FindingJson
{
    /// <summary>Writes the object.</summary>
    /// <param name="json">Written to.</param>
    /// <param name="explanation">The finding.</param>
    public static void Write(Utf8JsonWriter json, Explanation explanation)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(explanation);
        Finding finding = explanation.Finding;
        json.WriteStartObject();
        json.WriteString("scenario", explanation.Scenario);
        json.WriteString("title", explanation.Title);
        json.WriteString("era", explanation.Era);
        json.WriteString("rule", finding.Rule.ToString());
        json.WriteString("key", finding.Key);
        json.WriteString("text", finding.Text);
        json.WriteString("task", finding.Task);
        json.WriteNumber("time_ns", finding.TimeNs);
        json.WriteString("token", explanation.Token.ToString());
        json.WriteString("fingerprint", explanation.Token.Fingerprint.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteString("trace_hash", explanation.Token.TraceHash.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteNumber("preemptions", explanation.Minimal.PreemptionCount);
        json.WriteNumber("events", explanation.Minimal.EventCount);
        json.WriteNumber("switches", explanation.Minimal.SwitchCount);
        json.WriteBoolean("is_minimal", explanation.Minimal.IsComplete);
        WriteTable(json, explanation);
        WriteRace(json, explanation.Race);
        WriteComparison(json, explanation.Comparison);
        WriteCounts(json, explanation.Counts);
        json.WriteStartArray("log");
        foreach (string line in explanation.LogLines(int.MaxValue)) json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTable(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartObject("interleaving");
        json.WriteString("text", explanation.Table.ToText());
        json.WriteStartArray("columns");
        foreach (string column in explanation.Table.Columns) json.WriteStringValue(column);
        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (Table.InterleavingRow row in explanation.Table.Rows)
        {
            json.WriteStartObject();
            json.WriteNumber("column", row.Column);
            json.WriteNumber("depth", row.Depth);
            json.WriteString("text", row.Text);
            json.WriteBoolean("is_fatal", row.IsFatal);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRace(Utf8JsonWriter json, Race? race)
    {
        if (race is null)
        {
            json.WriteNull("race");
            return;
        }

        json.WriteStartObject("race");
        json.WriteString("kind", race.Kind.ToString());
        json.WriteString("state", race.State);
        WriteAccess(json, "first", race.First);
        if (race.Second is { } second) WriteAccess(json, "second", second);
        else json.WriteNull("second");
        json.WriteString("text", race.Text);
        json.WriteEndObject();
    }

    private static void WriteAccess(Utf8JsonWriter json, string name, RaceAccess access)
    {
        json.WriteStartObject(name);
        json.WriteString("task", access.Task);
        json.WriteString("function", access.Function);
        json.WriteString("verb", access.Verb);
        json.WriteStartArray("locks");
        foreach (string held in access.Locks) json.WriteStringValue(held);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteComparison(Utf8JsonWriter json, Comparison? comparison)
    {
        if (comparison is null)
        {
            json.WriteNull("comparison");
            return;
        }

        json.WriteStartObject("comparison");
        json.WriteString("era", comparison.Era);
        json.WriteString("verdict", comparison.Verdict.ToString());
        json.WriteString("text", comparison.Text);
        json.WriteEndObject();
    }

    private static void WriteCounts(Utf8JsonWriter json, SearchCounts? counts)
    {
        if (counts is null)
        {
            json.WriteNull("counts");
            return;
        }

        json.WriteStartObject("counts");
        json.WriteNumber("classes", counts.Classes);
        json.WriteNumber("schedules", counts.Schedules);
        json.WriteNumber("bad", counts.Bad);
        json.WriteBoolean("is_exhaustive", counts.IsExhaustive);
        json.WriteString("bound", counts.Bound);
        json.WriteEndObject();
    }
}
