using System;
using System.Buffers;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>Memory that host and device see at the same time, as an <see cref="IDmaMemory"/> gave it.</summary>
public sealed class DmaBuffer
{
    private readonly unsafe byte* _start;
    private readonly MemoryHandle _pin; // never let go: mapped memory does not move anyhow, and nothing else is given out

    /// <summary>Describes memory that an <see cref="IDmaMemory"/> is about to give out.</summary>
    /// <param name="owner">Who asked for it: <c>virtio0 buffers</c>.</param>
    /// <param name="address">Its first byte, as the device sees it.</param>
    /// <param name="memory">Its bytes, as the host sees them.</param>
    public unsafe DmaBuffer(string owner, PhysicalAddress address, Memory<byte> memory)
    {
        Owner = owner;
        Address = address;
        Memory = memory;
        _pin = memory.Pin();
        _start = (byte*)_pin.Pointer;
    }

    /// <summary>Who asked for it.</summary>
    public string Owner { get; }

    /// <summary>Its first byte, as the device sees it: what goes into descriptors.</summary>
    public PhysicalAddress Address { get; }

    /// <summary>Its bytes, as the host sees them.</summary>
    public Memory<byte> Memory { get; }

    /// <summary>Some of its bytes, without a virtual call on the way: for the path of each message.</summary>
    /// <param name="offset">From its start, bytes.</param>
    /// <param name="lengthBytes">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie inside.</exception>
    public unsafe Span<byte> Slice(int offset, int lengthBytes)
    {
        // SAFETY: the pin holds Memory.Length bytes in place at _start; Slice checks the range.
        return new Span<byte>(_start, Memory.Length).Slice(offset, lengthBytes);
    }

    /// <summary>Owner, place and size.</summary>
    public override string ToString() => $"{Owner} at {Address}, 0x{Memory.Length:x} bytes";
}
