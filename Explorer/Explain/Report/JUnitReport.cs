using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Xml;

namespace RemoteprocEmu.Explorer.Explain.Report;

/// <summary>Scenarios as test cases, for whatever reads JUnit's XML: one for each scenario and era, one failure for each finding.</summary>
public static class JUnitReport
{
    private static readonly XmlWriterSettings s_settings = new() { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n" };

    /// <summary>Writes the document.</summary>
    /// <param name="output">Written to; left open.</param>
    /// <param name="reports">The scenarios.</param>
    public static void Write(Stream output, IReadOnlyList<ScenarioReport> reports)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(reports);
        using XmlWriter xml = XmlWriter.Create(output, s_settings);
        xml.WriteStartDocument();
        xml.WriteStartElement("testsuites");
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", "rproc explore");
        xml.WriteAttributeString("tests", Number(reports.Count));
        xml.WriteAttributeString("failures", Number(reports.Count(static report => !report.IsGood)));
        xml.WriteAttributeString("errors", "0");
        xml.WriteAttributeString("time", Seconds(reports.Sum(static report => report.DurationMs)));
        foreach (ScenarioReport report in reports) WriteCase(xml, report);
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndDocument();
    }

    private static void WriteCase(XmlWriter xml, ScenarioReport report)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Clean($"rproc.{report.Scenario}"));
        xml.WriteAttributeString("name", Clean($"{report.Scenario} in era {report.Era}"));
        xml.WriteAttributeString("time", Seconds(report.DurationMs));
        foreach (Explanation finding in report.Findings)
            WriteFailure(xml, finding.Finding.Id, finding.Finding.Rule.ToString(), FindingText.Write(finding));
        foreach (string failure in report.Failures) WriteFailure(xml, failure, "Expectation", failure);
        if (report.Counts is { } counts)
        {
            xml.WriteElementString("system-out", Clean(counts.ToString()));
        }

        xml.WriteEndElement();
    }

    private static void WriteFailure(XmlWriter xml, string message, string type, string text)
    {
        xml.WriteStartElement("failure");
        xml.WriteAttributeString("message", Clean(message));
        xml.WriteAttributeString("type", type);
        xml.WriteString(Clean(text));
        xml.WriteEndElement();
    }

    /// <summary>XML has no place for most control characters, escaped or not.</summary>
    private static string Clean(string text) => new([.. text.Select(static c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '?')]);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(long ms) => (ms / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
}
