using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using RemoteprocEmu.Explorer.Explain.Compare;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>Scenarios and their findings as one page that needs nothing else: style, script and pictures are in it.</summary>
public sealed class HtmlReport
{
    private readonly StringBuilder _page = new();

    private HtmlReport() { }

    /// <summary>Writes the page.</summary>
    /// <param name="reports">The scenarios.</param>
    /// <param name="productVersion">Who writes it.</param>
    /// <returns>The text of an HTML document.</returns>
    public static string Write(IReadOnlyList<ScenarioReport> reports, string productVersion)
    {
        ArgumentNullException.ThrowIfNull(reports);
        HtmlReport report = new();
        report.Head(reports);
        report.Summary(reports);
        foreach (ScenarioReport scenario in reports)
        {
            foreach (Explanation finding in scenario.Findings) report.Finding(finding, isExpected: false);
            foreach (Explanation finding in scenario.Expected) report.Finding(finding, isExpected: true);
        }

        report.Add($"<footer>RemoteprocEmu {productVersion}. A token replays its run, in the same version, on any machine.</footer>");
        report.Raw("</main>");
        report.Raw("<script>", Asset("report.js"), "</script></body></html>");
        return report._page.ToString();
    }

    private void Raw(params ReadOnlySpan<string> markup)
    {
        foreach (string piece in markup) _ = _page.Append(piece);
        _ = _page.Append('\n');
    }

    /// <summary>Adds markup; what stands in braces is escaped.</summary>
    private void Add(FormattableString markup)
    {
        object?[] arguments = [.. markup.GetArguments().Select(static argument =>
            (object)SvgText.Escape(Convert.ToString(argument, CultureInfo.InvariantCulture) ?? ""))];
        Raw(string.Format(CultureInfo.InvariantCulture, markup.Format, arguments));
    }

    private static string Asset(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"the assembly has no resource {name}");
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private void Head(IReadOnlyList<ScenarioReport> reports)
    {
        int findings = reports.Sum(static report => report.Findings.Count);
        string[] names = [.. reports.Select(static report => report.Scenario).Distinct()];
        string eras = string.Join(", ", reports.Select(static report => report.Era));
        string title = names.Length != 1 ? $"{names.Length} scenarios" : reports.Count == 1 ? $"{names[0]} in era {eras}"
            : $"{names[0]} in eras {eras}";
        Raw("<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
        Add($"<title>{title}: {findings} findings</title>");
        Raw("<style>", Asset("report.css"), "</style></head><body><main>");
        string sub = names.Length == 1 ? reports[0].Title : "schedules explored, findings explained";
        Add($"<h1>{title}</h1><p class=\"sub\">{sub}</p>");
    }

    private void Summary(IReadOnlyList<ScenarioReport> reports)
    {
        int findings = reports.Sum(static report => report.Findings.Count);
        Raw("<div class=\"cards\">");
        Card(findings, findings == 1 ? "finding" : "findings", findings == 0 ? "good" : "bad");
        int expected = reports.Sum(static report => report.Expected.Count);
        if (expected > 0) Card(expected, expected == 1 ? "expected finding" : "expected findings", "");
        if (reports.Any(static report => report.Counts is not null))
        {
            Card(reports.Sum(static report => report.Counts?.Classes ?? 0), "classes of schedules", "");
            Card(reports.Sum(static report => report.Counts?.Schedules ?? 0), "schedules run", "");
            long bad = reports.Sum(static report => report.Counts?.Bad ?? 0);
            Card(bad, "of them bad", bad == 0 ? "good" : reports.All(static report => report.IsGood) ? "" : "bad");
            bool isAll = reports.All(static report => report.Counts?.IsExhaustive ?? false);
            string extent = isAll ? "exhaustive within the bound" : "not exhaustive";
            Add($"<div class=\"card\"><b>{(isAll ? "all" : "some")}</b><span>{extent}</span></div>");
        }

        Raw("</div><table class=\"list\"><tr><th>scenario</th><th>era</th><th>result</th><th>search</th></tr>");
        foreach (ScenarioReport report in reports)
        {
            string[] found = [.. report.Findings.Select(Headline), .. report.Expected.Select(static one => $"expected: {Headline(one)}")];
            string verdict = report.IsGood ? "good" : "bad";
            Add($"<tr><td><b>{report.Scenario}</b> {report.Title}</td><td>{report.Era}</td><td>");
            Add($"<span class=\"badge {verdict}\">{verdict}</span> {string.Join("; ", [.. found, .. report.Failures])}</td>");
            Add($"<td>{report.Counts?.ToString() ?? ""}</td></tr>");
        }

        Raw("</table>");
    }

    private static string Headline(Explanation finding) => KernelWords.Headline(finding.Finding, finding.Race);

    private void Card(long number, string what, string style) =>
        Add($"<div class=\"card {style}\"><b>{number.ToString("N0", CultureInfo.InvariantCulture)}</b><span>{what}</span></div>");

    private void Finding(Explanation finding, bool isExpected)
    {
        Raw("<section class=\"finding\">");
        Add($"<h2>{finding.Scenario}, era {finding.Era}: {Headline(finding)}</h2>");
        OracleRule rule = finding.Finding.Rule;
        string expected = isExpected ? "expected" : "not expected";
        Add($"<p><span class=\"badge bad\">rule {(int)rule}, {rule}</span> <span class=\"badge plain\">{expected}</span> ");
        Add($"{KernelWords.Rule(rule)}</p>");
        Add($"<p class=\"lead\">{FindingText.Sentence(finding.Finding.Text)}</p>");
        Raw("<h3>The order that does it</h3><div class=\"picture\">", SequenceDiagram.Draw(finding), "</div>");
        Add($"<p>{FindingText.Counts(finding)}</p>");
        Raw("<h3>For a commit message</h3>");
        Copied(finding.Table.ToText());
        if (finding.Race is { } race) Add($"<h3>Why it can happen</h3><p class=\"race\">{race.Text}</p>");
        if (finding.Comparison is { } comparison) Compared(comparison);
        Player(finding);
        IReadOnlyList<string> log = finding.LogLines(int.MaxValue);
        if (log.Count > 0) Add($"<h3>The kernel log of the whole run</h3><pre>{string.Join('\n', log)}</pre>");
        Raw("<h3>To see it again</h3>");
        Copied($"rproc replay {finding.Token}");
        Raw("</section>");
    }

    private void Copied(string text) => Add($"<div class=\"copy\"><pre>{text}</pre><button>copy</button></div>");

    private void Compared(Comparison comparison)
    {
        bool isGood = comparison.Verdict is ComparisonVerdict.Blocked or ComparisonVerdict.Harmless;
        string verdict = comparison.Verdict switch
        {
            ComparisonVerdict.Blocked => "cannot happen",
            ComparisonVerdict.Harmless => "harmless",
            ComparisonVerdict.OtherFinding => "another rule is broken",
            _ => "as bad",
        };
        Add($"<h3>The same schedule in {comparison.Era}</h3>");
        Add($"<p><span class=\"badge {(isGood ? "good" : "bad")}\">{verdict}</span> {comparison.Text}</p>");
    }

    private void Player(Explanation finding)
    {
        Raw("<h3>The run, event by event</h3><div class=\"player\">");
        Raw("<script type=\"application/json\">", RunTimeline.Write(finding), "</script>");
        Raw("<div class=\"bar\"><button class=\"back\">&#9664;</button><button class=\"play\">play</button>");
        Raw("<button class=\"next\">&#9654;</button><div class=\"slide\">");
        Raw("<input type=\"range\" min=\"0\" step=\"1\" aria-label=\"event\"><div class=\"track\"></div></div>");
        Raw("<button class=\"fatal\">the finding</button><output></output></div>");
        Raw("<div class=\"panels\"><div><h4>Who runs</h4><div class=\"tasks\"></div></div>");
        Raw("<div><h4>States</h4><div class=\"states\"></div><h4>Users and references</h4><div class=\"counts\"></div>");
        Raw("<h4>Memory</h4><div class=\"memory\"></div></div></div><div class=\"events\"></div></div>");
    }
}
