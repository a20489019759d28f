using System.Text;
using System.Text.Json;
using RemoteprocEmu.Firmware.ResourceTable;

namespace RemoteprocEmu.Firmware.Dump;

/// <summary>Shows a resource table whole, sound or broken: every field by its kernel name, as it stands in the file.</summary>
/// <remarks>
/// <code>
/// Entry 2: type 2 (RSC_TRACE) at offset 0x90, payload at 0x94
///   da             0x10008000   Device Address
///   len            0x400        Length
/// </code>
/// A broken part is followed by a line that names its rule. Large tables are cut: 256 entries, 8 rings a vdev, 256 bytes of a payload.
/// </remarks>
public static class ResourceTableDump
{
    /// <summary>The text form, each line ended by a line feed.</summary>
    /// <param name="section">The table; <see cref="ResourceTableSection.TryLocate"/> finds broken ones too.</param>
    public static string ToText(in ResourceTableSection section)
    {
        StringBuilder text = new();
        TableWalk.Walk(section, new TextDumpSink(text));
        return text.ToString();
    }

    /// <summary>The JSON form: one object.</summary>
    /// <param name="section">The table.</param>
    /// <param name="json">Written to, not flushed.</param>
    public static void WriteJson(in ResourceTableSection section, Utf8JsonWriter json) => TableWalk.Walk(section, new JsonDumpSink(json));
}
