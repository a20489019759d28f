using System;
using System.Collections.Generic;
using System.Text.Json;
using RemoteprocEmu.Board.Traffic;
using RemoteprocEmu.Cli.Run;
using RemoteprocEmu.DriverModel.Log;
using RemoteprocEmu.Firmware.Check;
using RemoteprocEmu.Firmware.Dump;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Cli.Output;

/// <summary>A run as members of one JSON object; docs/json.md promises them.</summary>
internal static class RunReportJson
{
    /// <summary>A run that took place.</summary>
    public static void Write(RunOptions options, RunReport report, bool withLog, Utf8JsonWriter json)
    {
        _ = ElfImage.TryOpen(options.Image.Bytes, out ElfImage image, out _); // it was booted
        WriteOutcome(options, report, json);
        json.WriteStartObject("elf");
        ElfSummary.WriteJson(image, json);
        json.WriteEndObject();
        WriteTable(image, report, json);
        WriteArray(json, "memory", report.Memory, row =>
        {
            json.WriteString("name", row.Name);
            json.WriteNumber("da", row.DeviceAddress);
            json.WriteNumber("pa", row.PhysicalAddress);
            json.WriteNumber("size", row.SizeBytes);
            json.WriteString("use", row.Use);
        });
        WriteArray(json, "memory_map", report.Windows, row =>
        {
            json.WriteNumber("da", row.DeviceAddress);
            json.WriteNumber("pa", row.PhysicalAddress);
            json.WriteNumber("size", row.LengthBytes);
        });
        WriteVdevs(report, json);
        WriteTraffic(options, report, json);
        WriteArray(json, "traces", report.Traces, trace =>
        {
            json.WriteString("name", trace.Name);
            json.WriteString("text", trace.Text);
        });
        WriteStrings(json, "left", report.Left);
        WriteStrings(json, "findings", report.Findings);
        if (withLog) WriteArray(json, "log", report.Log, WriteLine);

        void WriteLine(LogLine line)
        {
            json.WriteNumber("time_ns", line.TimeNs);
            json.WriteNumber("level", (int)line.Level);
            json.WriteString("text", line.Text);
        }
    }

    /// <summary>An image that was refused; nothing was allocated.</summary>
    public static void WriteRefusal(ImageFile file, CheckFinding refusal, Utf8JsonWriter json)
    {
        json.WriteString("file", file.Name);
        json.WriteString("outcome", "refused");
        json.WriteNumber("exit_code", ExitCode.BadInput);
        json.WriteStartObject("refusal");
        CheckReportWriter.WriteFindingJson(refusal, json);
        json.WriteEndObject();
    }

    private static void WriteOutcome(RunOptions options, RunReport report, Utf8JsonWriter json)
    {
        json.WriteString("file", options.Image.Name);
        json.WriteString("outcome", report.WasInterrupted ? "interrupted" : report.Findings.Count > 0 ? "finding" : "ok");
        json.WriteNumber("exit_code", report.ExitCode);
        json.WriteString("era", options.Era.Name);
        json.WriteBoolean("virtual", options.IsVirtual);
        if (options.Seed is { } seed) json.WriteNumber("seed", seed);
        else json.WriteNull("seed");
        json.WriteString("boot", report.Boot.ToString().ToLowerInvariant());
        json.WriteString("program", report.ProgramName);
        json.WriteBoolean("booted", report.HasBooted);
        json.WriteNumber("duration_ns", report.DurationNs);
        json.WriteNumber("crashes", report.CrashCount);
        json.WriteNumber("core_dump_size", report.CoreDump.Length);
    }

    private static void WriteTable(in ElfImage image, RunReport report, Utf8JsonWriter json)
    {
        json.WritePropertyName("table");
        if (ResourceTableSection.TryFind(image, out ResourceTableSection section) != ResourceTableStatus.Ok)
        {
            json.WriteNullValue();
            return;
        }

        if (report.Table.Length > 0) section = section with { Bytes = report.Table };
        ResourceTableDump.WriteJson(section, json);
    }

    private static void WriteVdevs(RunReport report, Utf8JsonWriter json)
    {
        WriteArray(json, "vrings", report.Rings, row =>
        {
            json.WriteNumber("vdev", row.Vdev);
            json.WriteNumber("index", row.Index);
            json.WriteNumber("num", row.Num);
            json.WriteNumber("align", row.AlignBytes);
            json.WriteNumber("da_at_start", row.FirstAddress);
            json.WriteNumber("da", row.PublishedAddress);
            json.WriteNumber("notifyid", row.NotifyId);
            json.WriteString("queue", row.UsedBy);
        });
        WriteArray(json, "vdevs", report.Vdevs, row =>
        {
            json.WriteNumber("index", row.Index);
            json.WriteNumber("id", row.DeviceId);
            json.WriteString("virtio", row.VirtioName);
            json.WriteString("driver", row.Driver);
            json.WriteNumber("status", row.Status);
            json.WriteNumber("features", row.Features);
        });
        WriteArray(json, "channels", report.Channels, row =>
        {
            json.WriteString("name", row.Name);
            json.WriteString("service", row.Service);
            json.WriteNumber("src", row.Source);
            json.WriteNumber("dst", row.Destination);
            json.WriteString("driver", row.Driver);
        });
    }

    private static void WriteTraffic(RunOptions options, RunReport report, Utf8JsonWriter json)
    {
        WriteArray(json, "messages", report.Traffic, row =>
        {
            json.WriteNumber("vdev", row.Vdev);
            json.WriteNumber("to_firmware", row.ToFirmware);
            json.WriteNumber("from_firmware", row.FromFirmware);
            json.WriteNumber("verified", row.Verified);
            json.WriteNumber("sent_again", row.SentAgain);
            json.WriteNumber("bad", row.Bad);
            json.WriteNumber("payload_size", MessageStream.MessageBytes);
            if (options.IsVirtual) json.WriteNull("messages_per_second");
            else json.WriteNumber("messages_per_second", Math.Round(row.MessagesPerSecond));
        });
        WriteArray(json, "streams", report.Streams, row =>
        {
            json.WriteNumber("vdev", row.Vdev);
            json.WriteString("kind", row.Kind);
            json.WriteString("interface", row.HostName);
            json.WriteNumber("to_firmware", row.ToFirmware);
            json.WriteNumber("from_firmware", row.FromFirmware);
            json.WriteNumber("verified", row.Verified);
            json.WriteNumber("sent_again", row.SentAgain);
            json.WriteNumber("bad", row.Bad);
            json.WriteNumber("payload_size", MessageStream.MessageBytes);
        });
        json.WriteNumber("pings", report.PingCount);
        json.WriteStartObject("kicks");
        json.WriteNumber("by_host", report.Kicks.FromHost);
        json.WriteNumber("by_firmware", report.Kicks.FromFirmware);
        json.WriteEndObject();
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> writeMembers)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            writeMembers(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> items)
    {
        json.WriteStartArray(name);
        foreach (string item in items) json.WriteStringValue(item);
        json.WriteEndArray();
    }
}
