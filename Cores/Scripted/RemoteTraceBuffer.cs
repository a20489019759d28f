using System;
using System.Text;
using RemoteprocEmu.Firmware.ResourceTable;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Cores.Scripted;

/// <summary>Text for people, in the buffer of the table's first trace entry: debugfs <c>trace0</c> on the host.</summary>
/// <remarks>
/// It does not wrap: when the buffer is full the newest text is dropped, for how the firmware booted is worth more than its latest
/// message. The last byte stays NUL. Without an entry, or with one that no memory is behind, all text is dropped.
/// </remarks>
public sealed class RemoteTraceBuffer
{
    private readonly RemoteMemory _memory;
    private readonly DeviceAddress _address;
    private readonly Action<string>? _onLine;

    internal RemoteTraceBuffer(RemoteMemory memory, RemoteTable table, Action<string>? onLine = null)
    {
        _memory = memory;
        _onLine = onLine;
        if (table.Traces.Count == 0) return;
        TraceEntry entry = table.Traces[0];
        _address = new DeviceAddress(entry.Da);
        CapacityBytes = (int)Math.Min(entry.LengthBytes, int.MaxValue);
    }

    /// <summary>Size of the buffer, its last NUL included, bytes; 0 when there is none.</summary>
    public int CapacityBytes { get; }

    /// <summary>Bytes written in this run.</summary>
    public int WrittenBytes { get; private set; }

    /// <summary>Bytes that found no room.</summary>
    public long DroppedBytes { get; private set; }

    /// <summary>Writes text; a character that is no ASCII becomes <c>?</c>.</summary>
    public void Write(ReadOnlySpan<char> text)
    {
        int room = Math.Max(0, CapacityBytes - 1 - WrittenBytes);
        ReadOnlySpan<char> fitting = text[..Math.Min(room, text.Length)];
        if (fitting.IsEmpty || !_memory.TrySlice(_address + (ulong)WrittenBytes, (ulong)fitting.Length, out Span<byte> bytes))
        {
            DroppedBytes += text.Length;
            return;
        }

        WrittenBytes += Encoding.ASCII.GetBytes(fitting, bytes);
        DroppedBytes += text.Length - fitting.Length;
    }

    /// <summary>Writes text and the end of the line.</summary>
    public void WriteLine(ReadOnlySpan<char> text)
    {
        Write(text);
        Write("\n");
        _onLine?.Invoke(text.ToString());
    }
}
