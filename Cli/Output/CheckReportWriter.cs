using System;
using System.Collections.Generic;
using System.Text.Json;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Cli.Output;

/// <summary>Shows what a check found: one paragraph a finding, and a line that counts.</summary>
internal static class CheckReportWriter
{
    private const string Indent = "    ";
    private const int LabelWidth = 8;

    /// <summary>As text.</summary>
    public static void WriteText(string name, CheckReport report, Terminal terminal)
    {
        foreach (CheckFinding finding in report.Findings) WriteFinding(name, finding, terminal);
        string more = report.IsComplete ? "" : $"; there is more: only {ImageChecker.MaxFindings} findings are kept";
        string verdict = report.Verdict == Errno.Ok ? "the kernel boots it" : $"the kernel refuses it with {report.Verdict.Name()}";
        terminal.Output.WriteLine($"{name}: {Counts(report)}{more}; {verdict}");
    }

    /// <summary>As members of the JSON object that is open.</summary>
    public static void WriteJson(string name, CheckReport report, Utf8JsonWriter json)
    {
        json.WriteString("file", name);
        json.WriteBoolean("is_elf", report.IsElf);
        json.WriteNumber("errors", report.Count(CheckSeverity.Error));
        json.WriteNumber("warnings", report.Count(CheckSeverity.Warning));
        json.WriteNumber("notes", report.Count(CheckSeverity.Note));
        json.WriteBoolean("is_complete", report.IsComplete);
        WriteErrno(json, "verdict", report.Verdict);
        json.WriteStartArray("findings");
        foreach (CheckFinding finding in report.Findings)
        {
            json.WriteStartObject();
            WriteFindingJson(finding, json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>One finding, as members of the JSON object that is open.</summary>
    public static void WriteFindingJson(CheckFinding finding, Utf8JsonWriter json)
    {
        json.WriteString("rule", finding.Rule.Id);
        json.WriteString("severity", Word(finding.Rule.Severity));
        json.WriteNumber("offset", finding.FileOffset);
        json.WriteString("field", finding.Field);
        json.WriteNumber("value", finding.Value);
        json.WriteString("explanation", finding.Rule.Explanation);
        json.WriteString("detail", finding.Detail);
        json.WriteString("remedy", finding.Rule.Remedy);
        json.WriteString("kernel", finding.Rule.Verdict);
        WriteErrno(json, "errno", finding.Rule.Errno);
    }

    /// <summary>One finding on one line: file, offset, field, value, rule, and the errno beside it.</summary>
    public static string ToLine(string name, CheckFinding finding)
    {
        string detail = finding.Detail.Length == 0 ? "" : $" ({finding.Detail})";
        return $"{name}: offset 0x{finding.FileOffset:x}: {finding.Field} = 0x{finding.Value:x}: {finding.Rule.Explanation}{detail}; " +
            $"rule {finding.Rule.Id}, {finding.Rule.Errno.Name()}";
    }

    private static void WriteErrno(Utf8JsonWriter json, string name, Errno errno)
    {
        if (errno == Errno.Ok) json.WriteNull(name);
        else json.WriteString(name, errno.Name());
    }

    private static void WriteFinding(string name, CheckFinding finding, Terminal terminal)
    {
        CheckRule rule = finding.Rule;
        string detail = finding.Detail.Length == 0 ? "" : $" ({finding.Detail})";
        string errno = rule.Errno == Errno.Ok ? "" : $" ({rule.Errno.Name()})";
        terminal.Output.WriteLine($"{name}: offset 0x{finding.FileOffset:x}: {Word(rule.Severity)} {rule.Id}");
        WriteWrapped(terminal, "field", $"{finding.Field} = 0x{finding.Value:x}");
        WriteWrapped(terminal, "what", rule.Explanation + detail);
        WriteWrapped(terminal, "kernel", rule.Verdict + errno);
        WriteWrapped(terminal, "remedy", rule.Remedy);
        terminal.Output.WriteLine();
    }

    private static void WriteWrapped(Terminal terminal, string label, string text)
    {
        string lead = Indent + label.PadRight(LabelWidth);
        foreach (string line in TextWrap.Lines(text, terminal.Width - lead.Length))
        {
            terminal.Output.WriteLine(lead + line);
            lead = new string(' ', lead.Length);
        }
    }

    private static string Word(CheckSeverity severity) => severity switch
    {
        CheckSeverity.Error => "error",
        CheckSeverity.Warning => "warning",
        _ => "note",
    };

    private static string Counts(CheckReport report)
    {
        List<string> counts = [];
        foreach (CheckSeverity severity in (ReadOnlySpan<CheckSeverity>)[CheckSeverity.Error, CheckSeverity.Warning, CheckSeverity.Note])
        {
            int count = report.Count(severity);
            if (count > 0) counts.Add($"{count} {Word(severity)}{(count == 1 ? "" : "s")}");
        }

        return counts.Count == 0 ? "clean" : string.Join(", ", counts);
    }
}
