using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using RemoteprocEmu.Board.Campaigns;
using RemoteprocEmu.Board.Scenarios;
using RemoteprocEmu.Cli.Explore;
using RemoteprocEmu.Explorer.Campaigns;
using RemoteprocEmu.Explorer.Explain.Report;

namespace RemoteprocEmu.Cli.Output;

/// <summary>A search as members of one JSON object; docs/json.md promises them.</summary>
internal static class ExploreReportJson
{
    /// <summary>Writes the members.</summary>
    public static void Write(LoadedScenario scenario, string shard, IReadOnlyList<EraReport> reports, string outcome, int exitCode,
        Utf8JsonWriter json)
    {
        json.WriteString("scenario", scenario.Scenario.Name);
        json.WriteString("title", scenario.Scenario.Title);
        json.WriteString("outcome", outcome);
        json.WriteNumber("exit_code", exitCode);
        json.WriteString("plan", reports[0].PlanWords);
        json.WriteString("bound", reports[0].Bound);
        json.WriteString("shard", shard);
        json.WriteStartArray("eras");
        foreach (EraReport report in reports) Write(report, json);
        json.WriteEndArray();
    }

    private static void Write(EraReport report, Utf8JsonWriter json)
    {
        PartResult total = report.Total;
        json.WriteStartObject();
        json.WriteString("era", report.Era.Name);
        json.WriteString("fingerprint", report.Fingerprint.ToString("x16", CultureInfo.InvariantCulture));
        if (report.Request.Kind == PlanKind.Exhaustive) json.WriteNumber("classes", total.RunCount);
        else json.WriteNull("classes");
        json.WriteNumber("schedules", report.ScheduleCount);
        json.WriteNumber("bad", total.BadCount);
        json.WriteNumber("steps", total.StepCount);
        json.WriteNumber("steps_max", total.StepCountMax);
        json.WriteNumber("parts", report.PartCount);
        json.WriteNumber("parts_done", report.PartsDone);
        json.WriteBoolean("is_complete", report.IsComplete);
        json.WriteBoolean("is_exhaustive", report.IsExhaustive);
        if (report.Duration is { } duration) json.WriteNumber("duration_ms", (long)duration.TotalMilliseconds);
        else json.WriteNull("duration_ms");
        json.WriteNumber("threads", report.WorkerCount);
        Strings(json, "proves", ProofText.Of(report));
        json.WriteStartArray("findings");
        foreach (ExploreFinding finding in report.Findings) Write(report, finding, json);
        json.WriteEndArray();
        json.WriteStartArray("unmet");
        foreach (UnmetTally unmet in total.Unmet.Values)
        {
            json.WriteStartObject();
            json.WriteString("text", unmet.Text);
            json.WriteNumber("count", unmet.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Strings(json, "missing", report.Missing.Select(missing => missing.ToString()));
        json.WriteStartArray("outcomes");
        foreach ((string text, long count) in total.Outcomes)
        {
            json.WriteStartObject();
            json.WriteString("text", text);
            json.WriteNumber("count", count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(EraReport report, ExploreFinding finding, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("rule", finding.Finding.Rule.ToString());
        json.WriteString("key", finding.Finding.Key);
        json.WriteString("text", finding.Finding.Text);
        json.WriteNumber("count", finding.Count);
        json.WriteBoolean("is_expected", finding.IsExpected);
        if (report.IsByChance)
        {
            Proportion share = Proportion.Of(finding.Count, report.Total.RunCount);
            json.WriteStartObject("probability");
            json.WriteNumber("estimate", share.Estimate);
            json.WriteNumber("low", share.Low);
            json.WriteNumber("high", share.High);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("probability");
        }

        json.WriteString("token", finding.Token);
        json.WritePropertyName("explanation");
        if (finding.Explanation is { } explanation) FindingJson.Write(json, explanation);
        else json.WriteNullValue();
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}
