using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>One entry of the descriptor table: a buffer that the driver lends to the device.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     8   Address  device address of the buffer
///    8     4   Length   bytes in the buffer
///   12     2   Flags    NEXT 1, WRITE 2, INDIRECT 4
///   14     2   Next     index into the same table; read only under NEXT
/// </code>
/// The driver writes it before it publishes the chain; the device copies it after, and uses only the copy.
/// Source: VIRTIO 1.3, 2.7.5; Linux include/uapi/linux/virtio_ring.h, struct vring_desc.
/// </remarks>
/// <param name="address">Device address of the buffer.</param>
/// <param name="lengthBytes">Bytes in the buffer.</param>
/// <param name="flags">Direction and chaining.</param>
/// <param name="next">Index of the next entry; 0 without <see cref="VringDescriptorFlags.Next"/>.</param>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public readonly struct VringDescriptor(ulong address, uint lengthBytes, VringDescriptorFlags flags, ushort next)
{
    /// <summary>Bytes of one entry on the wire.</summary>
    public const int SizeBytes = 16;

    // Two words, so that an entry is made, compared and copied in two registers.
    [FieldOffset(0)] private readonly Le64 _address = new(address);
    [FieldOffset(8)] private readonly Le64 _rest = new(lengthBytes | ((ulong)flags << 32) | ((ulong)next << 48));

    /// <summary>Device address of the buffer.</summary>
    public ulong Address => _address.Value;

    /// <summary>Length of the buffer, bytes.</summary>
    public uint LengthBytes => (uint)_rest.Value;

    /// <summary>Direction and chaining.</summary>
    public VringDescriptorFlags Flags => (VringDescriptorFlags)(ushort)(_rest.Value >> 32);

    /// <summary>Index of the next entry; meaningful only under <see cref="VringDescriptorFlags.Next"/>.</summary>
    public ushort Next => (ushort)(_rest.Value >> 48);

    /// <summary>Whether every bit is the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Is(in VringDescriptor other) => _rest.Value == other._rest.Value && _address.Value == other._address.Value;
}
