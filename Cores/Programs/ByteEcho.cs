using System;
using RemoteprocEmu.Virtio.Console;

namespace RemoteprocEmu.Cores.Programs;

/// <summary>Writes each byte back that comes over a serial port or console.</summary>
/// <remarks>Bytes that find no buffer of the host's wait, as many as a receive buffer holds; those that come then are lost, as on a
/// line without flow control.</remarks>
public sealed class ByteEcho
{
    /// <summary>Bytes that can wait.</summary>
    public const int CapacityBytes = 64 * 1024;

    private readonly RemoteConsole _console;
    private readonly byte[] _waiting = new byte[CapacityBytes];
    private int _count;
    private long _link;

    /// <summary>Serves one port; its device half is polled by the program.</summary>
    public ByteEcho(RemoteConsole console)
    {
        ArgumentNullException.ThrowIfNull(console);
        _console = console;
        console.Received = OnBytes;
    }

    /// <summary>Bytes that found no room.</summary>
    public long LostBytes { get; private set; }

    /// <summary>Writes bytes that had to wait for a buffer, as far as there are buffers now. To be called after each poll.</summary>
    public void WriteWaiting()
    {
        if (_console.LinkCount != _link) // another driver: its bytes are others
        {
            _link = _console.LinkCount;
            _count = 0;
        }

        if (_count == 0) return;
        _ = _console.TryWrite(_waiting.AsSpan(0, _count), out int sent); // what is left waits on
        _waiting.AsSpan(sent, _count - sent).CopyTo(_waiting);
        _count -= sent;
    }

    private void OnBytes(RemoteConsole console, ReadOnlySpan<byte> bytes)
    {
        WriteWaiting();
        if (_count == 0)
        {
            _ = console.TryWrite(bytes, out int sent); // what is left waits
            bytes = bytes[sent..];
        }

        int fitting = Math.Min(bytes.Length, CapacityBytes - _count);
        bytes[..fitting].CopyTo(_waiting.AsSpan(_count));
        _count += fitting;
        LostBytes += bytes.Length - fitting;
    }
}
