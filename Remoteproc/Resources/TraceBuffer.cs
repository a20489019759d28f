using System;
using System.Text;
using RemoteprocEmu.Platform;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Remoteproc.Resources;

/// <summary>A buffer into which the firmware writes text: debugfs <c>trace0</c>, <c>trace1</c>, ...</summary>
/// <remarks>
/// Source: remoteproc_core.c, rproc_handle_trace; remoteproc_debugfs.c, rproc_trace_read. The address is looked up when it is read.
/// </remarks>
public sealed class TraceBuffer
{
    private static readonly NameSeries s_names = new("trace", "");

    private readonly Rproc _rproc;

    internal TraceBuffer(Rproc rproc, int index, DeviceAddress deviceAddress, uint lengthBytes, string entryName)
    {
        _rproc = rproc;
        Name = s_names[index];
        DeviceAddress = deviceAddress;
        LengthBytes = lengthBytes;
        EntryName = entryName;
    }

    /// <summary>Its file's name in debugfs.</summary>
    public string Name { get; }

    /// <summary>The name in the table; the kernel ignores it.</summary>
    public string EntryName { get; }

    /// <summary>Where the firmware writes.</summary>
    public DeviceAddress DeviceAddress { get; }

    /// <summary>Size, bytes.</summary>
    public uint LengthBytes { get; }

    /// <summary>What the firmware wrote, up to the first NUL; a line of apology when the address resolves to nothing.</summary>
    public string Read()
    {
        if (_rproc.DaToVa(DeviceAddress, LengthBytes) is not { } memory) return $"Trace {EntryName} not available\n";
        ReadOnlySpan<byte> bytes = memory.Span;
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
