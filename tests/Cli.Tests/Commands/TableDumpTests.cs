using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using RemoteprocEmu.Board;
using Xunit;

namespace RemoteprocEmu.Cli.Tests.Commands;

public sealed partial class TableDumpTests
{
    public static TheoryData<string> Samples => [.. SampleImages.All.Select(sample => sample.Name)];

    [Fact]
    public void A_dump_shows_every_field_with_its_name_value_and_label()
    {
        RprocRun run = RprocRun.InProcess("table", "dump", "rpmsg-echo");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("", run.Error);
        Assert.StartsWith("rpmsg-echo.elf: ELF32 LSB, ARM, entry 0x", run.Lines[0], StringComparison.Ordinal);
        Assert.Contains("    num            16           Number of buffers", run.Lines);
        Assert.Contains("  name           trace:echo   Name", run.Lines);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void No_line_is_wider_than_100_columns(string sample)
    {
        foreach (string line in RprocRun.InProcess("table", "dump", sample).Lines) Assert.True(line.Length <= 100, line);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void The_section_is_where_readelf_sees_it(string sample)
    {
        using TemporaryFile file = new($"{sample}.elf", SampleImages.Find(sample)!.Read());
        string? sections = RunTool("readelf", "-S", "-W", file.Path);
        if (sections is null) return; // no binutils: the next test but one holds the numbers
        Match section = SectionLine().Match(sections);
        Assert.True(section.Success, sections);
        RprocRun run = RprocRun.InProcess("table", "dump", file.Path);
        Assert.Contains($"Resource table: {Hex(section, "size")} bytes at file offset 0x{Hex(section, "offset"):x}, " +
            $"run address 0x{Hex(section, "address"):x}, LSB", run.Lines);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Every_number_is_what_objdump_sees_in_the_bytes(string sample)
    {
        using TemporaryFile file = new($"{sample}.elf", SampleImages.Find(sample)!.Read());
        byte[]? bytes = Objdump(file.Path);
        RprocRun run = RprocRun.InProcess("table", "dump", file.Path, "--json");
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement table = document.RootElement.GetProperty("table");
        if (bytes is null) return;
        Assert.Equal(bytes.Length, table.GetProperty("size").GetInt32());
        if (bytes.Length == 0) return;

        int compared = Compare(bytes, table, 0, ["ver", "num", "reserved[0]", "reserved[1]"], sizeof(uint));
        foreach (JsonElement entry in table.GetProperty("entries").EnumerateArray())
        {
            int index = entry.GetProperty("index").GetInt32();
            int offset = entry.GetProperty("offset").GetInt32();
            Assert.Equal(Word(bytes, 16 + (4 * index)), (uint)offset);
            Assert.Equal(Word(bytes, offset), entry.GetProperty("type").GetUInt32());
            compared += 2 + CompareEntry(bytes, entry, entry.GetProperty("payload_offset").GetInt32());
        }

        Assert.True(compared > 6, "a table has fields");
    }

    [Fact]
    public void What_the_dump_shows_is_what_the_source_of_the_sample_says() // without binutils too
    {
        using JsonDocument document = JsonDocument.Parse(RprocRun.InProcess("table", "dump", "carveouts-fixed", "--json").Output);
        JsonElement[] entries = [.. document.RootElement.GetProperty("table").GetProperty("entries").EnumerateArray()];
        Assert.Equal([0, 0, 1, 3], entries.Select(entry => entry.GetProperty("type").GetInt32()));
        Assert.Equal("dsp-heap", entries[0].GetProperty("name").GetString());
        Assert.Equal(0x8000_0000u, entries[0].GetProperty("da").GetUInt32());
        Assert.Equal(0x10_0000u, entries[0].GetProperty("len").GetUInt32());
        Assert.Equal(0x4000_0000u, entries[2].GetProperty("da").GetUInt32());
        Assert.Equal([0x7FE0_0000u, 0x7FE0_4000u],
            entries[3].GetProperty("vring").EnumerateArray().Select(ring => ring.GetProperty("da").GetUInt32()));
    }

    [Fact]
    public void A_table_that_no_kernel_takes_is_shown_and_is_a_finding()
    {
        RprocRun run = RprocRun.InProcess("table", "dump", "empty-table");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("(rule RSC-003, -EINVAL)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_ELF_is_bad_input_named_with_offset_field_value_and_rule()
    {
        using TemporaryFile file = new("raw.bin", "This is no ELF file; it is long enough to be one, though."u8.ToArray());
        RprocRun run = RprocRun.InProcess("table", "dump", file.Path);
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("", run.Output);
        const string Fault = "offset 0x0: e_ident[EI_MAG] = 0x54686973: not an ELF file (expected 0x7f454c46; rule ELF-03, -EINVAL)";
        Assert.Equal($"rproc: {file.Path}: {Fault}\n", run.Error);
    }

    [Fact]
    public void An_ELF_file_without_a_table_is_bad_input()
    {
        byte[] bytes = SampleImages.All[0].Read();
        int name = bytes.AsSpan().IndexOf(".resource_table"u8);
        bytes[name] = (byte)'x';
        using TemporaryFile file = new("no-table.elf", bytes);
        RprocRun run = RprocRun.InProcess("table", "dump", file.Path);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("rule RSC-001, -EINVAL", run.Error, StringComparison.Ordinal);
    }

    private static int CompareEntry(byte[] bytes, JsonElement entry, int payload)
    {
        switch (entry.GetProperty("type").GetInt32())
        {
            case 0 or 1:
                Assert.Equal(Name(bytes, payload + 20), entry.GetProperty("name").GetString());
                return 1 + Compare(bytes, entry, payload, ["da", "pa", "len", "flags", "reserved"], sizeof(uint));
            case 2:
                Assert.Equal(Name(bytes, payload + 12), entry.GetProperty("name").GetString());
                return 1 + Compare(bytes, entry, payload, ["da", "len", "reserved"], sizeof(uint));
            case 3:
                int compared = Compare(bytes, entry, payload, ["id", "notifyid", "dfeatures", "gfeatures", "config_len"], sizeof(uint)) +
                    Compare(bytes, entry, payload + 20, ["status", "num_of_vrings", "reserved[0]", "reserved[1]"], sizeof(byte));
                int offset = payload + 24;
                foreach (JsonElement vring in entry.GetProperty("vring").EnumerateArray())
                {
                    compared += Compare(bytes, vring, offset, ["da", "align", "num", "notifyid", "pa"], sizeof(uint));
                    offset += 20;
                }

                if (!entry.TryGetProperty("config", out JsonElement config)) return compared;
                int configBytes = entry.GetProperty("config_len").GetInt32();
                Assert.Equal(Convert.ToHexStringLower(bytes.AsSpan(offset, configBytes)), config.GetString());
                return compared + 1;
            default:
                Assert.Equal(Convert.ToHexStringLower(bytes.AsSpan(payload)), entry.GetProperty("payload").GetString());
                return 1;
        }
    }

    private static int Compare(byte[] bytes, JsonElement element, int offset, string[] fields, int fieldBytes)
    {
        foreach (string field in fields)
        {
            uint expected = fieldBytes == sizeof(byte) ? bytes[offset] : Word(bytes, offset);
            Assert.Equal(expected, element.GetProperty(field).GetUInt32());
            offset += fieldBytes;
        }

        return fields.Length;
    }

    private static uint Word(byte[] bytes, int offset) => BitConverter.ToUInt32(bytes, offset);

    private static string Name(byte[] bytes, int offset) =>
        System.Text.Encoding.ASCII.GetString(bytes.AsSpan(offset, 32)).Split('\0')[0];

    private static ulong Hex(Match match, string group) =>
        ulong.Parse(match.Groups[group].Value, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>The bytes of the section as objdump prints them; null when there is no objdump. An empty section has no dump.</summary>
    private static byte[]? Objdump(string path)
    {
        string? dump = RunTool("objdump", "-s", "-j", ".resource_table", path);
        if (dump is null) return null;
        List<byte> bytes = [];
        foreach (string line in dump.Split('\n').Where(line => line.StartsWith(' ')))
        {
            // " 10020000 01000000 02000000 00000000 00000000  ....": the address's length varies, the columns of the words do not
            int words = line.IndexOf(' ', 1) + 1;
            bytes.AddRange(Convert.FromHexString(line.Substring(words, 35).Replace(" ", "", StringComparison.Ordinal)));
        }

        return [.. bytes];
    }

    private static string? RunTool(string tool, params string[] arguments)
    {
        try
        {
            ProcessStartInfo info = new(tool) { RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (string argument in arguments) info.ArgumentList.Add(argument);
            using Process process = Process.Start(info)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null; // not installed
        }
    }

    [GeneratedRegex(@"\.resource_table\s+\S+\s+(?<address>[0-9a-f]+)\s+(?<offset>[0-9a-f]+)\s+(?<size>[0-9a-f]+)")]
    private static partial Regex SectionLine();
}
