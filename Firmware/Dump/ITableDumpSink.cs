using System;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Dump;

/// <summary>What a walk over a table for people tells: the text form and the JSON form listen.</summary>
internal interface ITableDumpSink
{
    void BeginTable(in ResourceTableSection section);

    void BeginEntry(in ResourceEntry entry);

    /// <summary>A field: the kernel's name, debugfs's label, the value.</summary>
    void Number(string name, string label, ulong value, bool hexadecimal);

    void Text(string name, string label, string value);

    void Bytes(string name, string label, ReadOnlySpan<byte> value, int omittedBytes);

    void BeginVrings();

    void BeginVring(int index);

    void EndVring();

    void EndVrings();

    void EndEntry();

    /// <summary>A fault of the table or of the entry begun last; or of an entry that has no bytes, by its index.</summary>
    void Fault(ResourceTableStatus status, int? entry);

    void Omitted(int entries);

    void EndTable();
}
