using System;
using RemoteprocEmu.Platform.Memory;

namespace RemoteprocEmu.Virtio.Device;

/// <summary>Memory that host and device see at the same time, as an <see cref="IDmaMemory"/> gave it.</summary>
/// <param name="owner">Who asked for it: <c>virtio0 buffers</c>.</param>
/// <param name="address">Its first byte, as the device sees it.</param>
/// <param name="memory">Its bytes, as the host sees them; they do not move.</param>
public sealed class DmaBuffer(string owner, PhysicalAddress address, Memory<byte> memory)
{
    /// <summary>Who asked for it.</summary>
    public string Owner { get; } = owner;

    /// <summary>Its first byte, as the device sees it: what goes into descriptors.</summary>
    public PhysicalAddress Address { get; } = address;

    /// <summary>Its bytes, as the host sees them.</summary>
    public Memory<byte> Memory { get; } = memory;

    /// <summary>Owner, place and size.</summary>
    public override string ToString() => $"{Owner} at {Address}, 0x{Memory.Length:x} bytes";
}
