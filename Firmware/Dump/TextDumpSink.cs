using System;
using System.Globalization;
using System.Text;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Dump;

/// <summary>The text form: one field a line, the kernel's name, the value, debugfs's label.</summary>
internal sealed class TextDumpSink(StringBuilder text) : ITableDumpSink
{
    private const int BytesPerLine = 32;

    private string _indent = "  ";

    public void BeginTable(in ResourceTableSection section) => Line(
        $"Resource table: {section.SizeBytes} bytes at file offset 0x{section.FileOffset:x}, run address 0x{section.Address.Value:x}, " +
        (section.ByteOrder == ElfByteOrder.Little ? "LSB" : "MSB"));

    public void BeginEntry(in ResourceEntry entry)
    {
        _indent = "  ";
        string type = $"type {(uint)entry.Type} ({entry.Type.KernelName()})";
        Line($"Entry {entry.Index}: {type} at offset 0x{entry.Offset:x}, payload at 0x{entry.PayloadOffset:x}");
    }

    public void Number(string name, string label, ulong value, bool hexadecimal) =>
        Field(name, hexadecimal ? $"0x{value:x}" : value.ToString(CultureInfo.InvariantCulture), label);

    public void Text(string name, string label, string value) => Field(name, value, label);

    public void Bytes(string name, string label, ReadOnlySpan<byte> value, int omittedBytes)
    {
        Field(name, Convert.ToHexStringLower(value[..Math.Min(value.Length, BytesPerLine)]), label);
        for (int i = BytesPerLine; i < value.Length; i += BytesPerLine)
            Field("", Convert.ToHexStringLower(value[i..Math.Min(value.Length, i + BytesPerLine)]), "");
        if (omittedBytes != 0) Field("", $"and {omittedBytes} bytes more", "");
    }

    public void BeginVrings() { }

    public void BeginVring(int index)
    {
        Line($"  vring[{index}]");
        _indent = "    ";
    }

    public void EndVring() => _indent = "  ";

    public void EndVrings() { }

    public void EndEntry() { }

    public void Fault(ResourceTableStatus status, int? entry)
    {
        string where = entry is null ? _indent : $"Entry {entry}: ";
        Line($"{where}fault: {status.Explanation()} (rule {status.RuleId()}, {status.ToErrno().Name()})");
    }

    public void Omitted(int entries) => Line($"{entries} entries more are not shown");

    public void EndTable() { }

    private void Field(string name, string value, string label) => Line($"{_indent}{name,-14} {value,-12} {label}".TrimEnd());

    private void Line(string line) => _ = text.Append(line).Append('\n'); // a builder returns itself
}
