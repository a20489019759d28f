using System;
using System.Text.Json;
using RemoteprocEmu.Firmware.Elf;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform;

namespace RemoteprocEmu.Firmware.Dump;

/// <summary>The JSON form: one object a table, the kernel's names as keys, numbers as numbers.</summary>
internal sealed class JsonDumpSink(Utf8JsonWriter json) : ITableDumpSink
{
    private bool _inEntries;

    public void BeginTable(in ResourceTableSection section)
    {
        json.WriteStartObject();
        json.WriteNumber("file_offset", section.FileOffset);
        json.WriteNumber("size", section.SizeBytes);
        json.WriteNumber("run_address", section.Address.Value);
        json.WriteString("byte_order", section.ByteOrder == ElfByteOrder.Little ? "LSB" : "MSB");
    }

    public void BeginEntry(in ResourceEntry entry)
    {
        BeginEntries();
        json.WriteStartObject();
        json.WriteNumber("index", entry.Index);
        json.WriteNumber("type", (uint)entry.Type);
        json.WriteString("type_name", entry.Type.KernelName());
        json.WriteNumber("offset", entry.Offset);
        json.WriteNumber("payload_offset", entry.PayloadOffset);
    }

    public void Number(string name, string label, ulong value, bool hexadecimal) => json.WriteNumber(name, value);

    public void Text(string name, string label, string value) => json.WriteString(name, value);

    public void Bytes(string name, string label, ReadOnlySpan<byte> value, int omittedBytes)
    {
        json.WriteString(name, Convert.ToHexStringLower(value));
        if (omittedBytes != 0) json.WriteNumber($"{name}_omitted_bytes", omittedBytes);
    }

    public void BeginVrings() => json.WriteStartArray("vring");

    public void BeginVring(int index) => json.WriteStartObject();

    public void EndVring() => json.WriteEndObject();

    public void EndVrings() => json.WriteEndArray();

    public void EndEntry() => json.WriteEndObject();

    public void Fault(ResourceTableStatus status, int? entry)
    {
        if (entry is int index)
        {
            BeginEntries();
            json.WriteStartObject();
            json.WriteNumber("index", index);
        }

        json.WriteStartObject("fault");
        json.WriteString("rule", status.RuleId());
        json.WriteString("errno", status.ToErrno().Name());
        json.WriteString("text", status.Explanation());
        json.WriteEndObject();
        if (entry is not null) json.WriteEndObject();
    }

    public void Omitted(int entries)
    {
        EndEntries();
        json.WriteNumber("omitted_entries", entries);
    }

    public void EndTable()
    {
        EndEntries();
        json.WriteEndObject();
    }

    private void BeginEntries()
    {
        if (_inEntries) return;
        _inEntries = true;
        json.WriteStartArray("entries");
    }

    private void EndEntries()
    {
        if (_inEntries) json.WriteEndArray();
        _inEntries = false;
    }
}
