using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RemoteprocEmu.Explorer;
using RemoteprocEmu.Explorer.Campaigns;

namespace RemoteprocEmu.Board.Campaigns;

/// <summary>The lines of a <see cref="ShardFile"/>; docs/json.md promises their members.</summary>
internal static class ShardJson
{
    /// <summary>The form's version.</summary>
    public const int Form = 1;

    private const string FormName = "rproc_shard";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The first line.</summary>
    public static string Write(ShardHeader header) => Line(json =>
    {
        json.WriteNumber(FormName, Form);
        json.WriteString("version", header.ProductVersion);
        json.WriteString("scenario", header.Scenario);
        json.WriteString("source", header.Source);
        json.WriteNumber("shard", header.ShardIndex + 1);
        json.WriteNumber("of", header.ShardCount);
        json.WriteStartObject("plan");
        json.WriteString("kind", header.Plan.Kind.ToString());
        json.WriteNumber("number", header.Plan.Number);
        json.WriteNumber("runs", header.Plan.RunCount);
        json.WriteNumber("seed", header.Plan.Seed);
        json.WriteNumber("parts_wanted", header.Plan.PartsWanted);
        json.WriteEndObject();
        json.WriteStartArray("eras");
        foreach (ShardEra era in header.Eras)
        {
            json.WriteStartObject();
            json.WriteString("era", era.Era);
            json.WriteString("fingerprint", era.Fingerprint.ToString("x16", CultureInfo.InvariantCulture));
            json.WriteString("plan", era.PlanWords);
            json.WriteString("bound", era.Bound);
            json.WriteNumber("parts", era.PartCount);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>A part's line. Outcomes that no line before has are written out, and numbered on.</summary>
    public static string Write(string era, int part, PartResult result, Dictionary<string, int> outcomes) => Line(json =>
    {
        json.WriteString("era", era);
        json.WriteNumber("part", part);
        json.WriteNumber("runs", result.RunCount);
        json.WriteNumber("redundant", result.RedundantCount);
        json.WriteNumber("bad", result.BadCount);
        json.WriteNumber("steps", result.StepCount);
        json.WriteNumber("steps_max", result.StepCountMax);
        json.WriteStartArray("new_outcomes");
        foreach (string text in result.Outcomes.Keys)
        {
            if (outcomes.TryAdd(text, outcomes.Count)) json.WriteStringValue(text);
        }

        json.WriteEndArray();
        json.WriteStartArray("outcomes");
        foreach ((string text, long count) in result.Outcomes)
        {
            json.WriteStartArray();
            json.WriteNumberValue(outcomes[text]);
            json.WriteNumberValue(count);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (FindingTally tally in result.Findings.Values) Write(json, tally);
        json.WriteEndArray();
        json.WriteStartArray("unmet");
        foreach (UnmetTally tally in result.Unmet.Values)
        {
            json.WriteStartObject();
            json.WriteString("text", tally.Text);
            json.WriteNumber("count", tally.Count);
            WritePicks(json, tally.Picks);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Reads a first line.</summary>
    /// <exception cref="JsonException">It is none, or one of another form; the message says which.</exception>
    public static ShardHeader ReadHeader(string line) => Read(line, root =>
    {
        if (!root.TryGetProperty(FormName, out JsonElement form)) throw new JsonException("is not a file that 'rproc explore --out' wrote");
        if (form.GetInt32() != Form) throw new JsonException($"is of form {form.GetInt32()}, this build reads form {Form}");
        JsonElement plan = root.GetProperty("plan");
        if (!Enum.TryParse(Text(plan, "kind"), out PlanKind kind)) throw new JsonException("has a plan that is not known");
        ShardHeader header = new(Text(root, "version"), Text(root, "scenario"), Text(root, "source"),
            new PlanRequest(kind, plan.GetProperty("number").GetInt32(), plan.GetProperty("runs").GetInt64(),
                plan.GetProperty("seed").GetUInt64(), plan.GetProperty("parts_wanted").GetInt32()),
            root.GetProperty("shard").GetInt32() - 1, root.GetProperty("of").GetInt32(),
                [.. root.GetProperty("eras").EnumerateArray().Select(ReadEra)]);
        bool isSound = header.ShardCount >= 1 && (uint)header.ShardIndex < (uint)header.ShardCount && header.Plan.PartsWanted >= 1 &&
            header.Eras.Count > 0 && header.Eras.DistinctBy(era => era.Era).Count() == header.Eras.Count;
        return isSound ? header : throw new JsonException("has numbers that cannot be");
    });

    /// <summary>Reads a part's line into a file.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static void ReadPart(string line, ShardFile file) => _ = Read(line, root =>
    {
        string era = Text(root, "era");
        int part = root.GetProperty("part").GetInt32();
        foreach (JsonElement text in root.GetProperty("new_outcomes").EnumerateArray()) file.OutcomeTexts.Add(text.GetString()!);
        PartResult result = PartResult.Restore(root.GetProperty("runs").GetInt64(), root.GetProperty("redundant").GetInt64(),
            root.GetProperty("bad").GetInt64(), root.GetProperty("steps").GetInt64(), root.GetProperty("steps_max").GetInt32(), true,
            root.GetProperty("findings").EnumerateArray().Select(ReadFinding),
            root.GetProperty("outcomes").EnumerateArray()
                .Select(pair => KeyValuePair.Create(file.OutcomeTexts[pair[0].GetInt32()], pair[1].GetInt64())),
            root.GetProperty("unmet").EnumerateArray()
                .Select(tally => new UnmetTally(Text(tally, "text"), tally.GetProperty("count").GetInt64(), ReadPicks(tally))));
        ShardEra? known = file.Header.Eras.FirstOrDefault(one => one.Era == era);
        if (known is null) throw new JsonException($"has a part of era {era}, which its first line has not");
        if ((uint)part >= (uint)known.PartCount || part % file.Header.ShardCount != file.Header.ShardIndex)
            throw new JsonException($"has part {part} of era {era}, which is not of shard {file.Header.Shard}");
        if (!file.TryAdd(era, part, result)) throw new JsonException($"has part {part} of era {era} twice");
        return true;
    });

    private static void Write(Utf8JsonWriter json, FindingTally tally)
    {
        Finding finding = tally.Finding;
        json.WriteStartObject();
        json.WriteString("rule", finding.Rule.ToString());
        json.WriteString("key", finding.Key);
        json.WriteString("text", finding.Text);
        json.WriteString("task", finding.Task);
        json.WriteNumber("time_ns", finding.TimeNs);
        json.WriteString("state", finding.State);
        json.WriteNumber("count", tally.Count);
        WritePicks(json, tally.Picks);
        json.WriteEndObject();
    }

    private static FindingTally ReadFinding(JsonElement tally)
    {
        if (!Enum.TryParse(Text(tally, "rule"), out OracleRule rule))
            throw new JsonException($"has a rule that is not known: {Text(tally, "rule")}");
        Finding finding = new(rule, Text(tally, "key"), Text(tally, "text"), Text(tally, "task"), tally.GetProperty("time_ns").GetInt64(),
            Text(tally, "state"));
        return new FindingTally(finding, tally.GetProperty("count").GetInt64(), ReadPicks(tally));
    }

    private static ShardEra ReadEra(JsonElement era) => new(Text(era, "era"),
        ulong.Parse(Text(era, "fingerprint"), NumberStyles.HexNumber, CultureInfo.InvariantCulture), Text(era, "plan"), Text(era, "bound"),
        era.GetProperty("parts").GetInt32());

    private static string Text(JsonElement element, string name) =>
        element.GetProperty(name).GetString() ?? throw new JsonException($"has no {name}");

    private static void WritePicks(Utf8JsonWriter json, IReadOnlyList<int> picks)
    {
        json.WriteStartArray("picks");
        foreach (int pick in picks) json.WriteNumberValue(pick);
        json.WriteEndArray();
    }

    private static int[] ReadPicks(JsonElement element) =>
        [.. element.GetProperty("picks").EnumerateArray().Select(pick => pick.GetInt32())];

    private static string Line(Action<Utf8JsonWriter> writeMembers)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, s_options))
        {
            json.WriteStartObject();
            writeMembers(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Whatever does not fit becomes one kind of exception.</summary>
    private static T Read<T>(string line, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return read(document.RootElement);
        }
        catch (Exception exception) when (exception is KeyNotFoundException or InvalidOperationException or FormatException or
            ArgumentOutOfRangeException or OverflowException)
        {
            throw new JsonException("is damaged: " + exception.Message, exception);
        }
    }
}
