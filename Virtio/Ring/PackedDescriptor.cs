using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Ring;

/// <summary>One slot of a packed descriptor ring, or of an indirect table: a buffer that the driver lends, later a chain that the device
/// gives back.</summary>
/// <remarks>
/// <code>
/// offset bytes field     available                          used
///    0     8   Address   device address of the buffer       -
///    8     4   Length    bytes in the buffer                bytes written, under WRITE
///   12     2   Id        the buffer's, in its last slot     the buffer's
///   14     2   Flags     NEXT WRITE INDIRECT AVAIL USED     WRITE AVAIL USED
/// </code>
/// Who writes a slot writes its flags last; who reads it reads them first. In a table only Address, Length and WRITE count.
/// Source: VIRTIO 1.3, 2.8.13; Linux include/uapi/linux/virtio_ring.h, struct vring_packed_desc.
/// </remarks>
/// <param name="address">Device address of the buffer.</param>
/// <param name="lengthBytes">Bytes in the buffer.</param>
/// <param name="id">The buffer's id.</param>
/// <param name="flags">Direction, chaining, and whose turn it is.</param>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
public readonly struct PackedDescriptor(ulong address, uint lengthBytes, ushort id, PackedDescriptorFlags flags)
{
    /// <summary>Bytes of one slot on the wire.</summary>
    public const int SizeBytes = 16;

    internal const int LengthOffset = 8;
    internal const int IdOffset = 12;
    internal const int FlagsOffset = 14;

    [FieldOffset(0)] private readonly Le64 _address = new(address);
    [FieldOffset(LengthOffset)] private readonly Le32 _length = new(lengthBytes);
    [FieldOffset(IdOffset)] private readonly Le16 _id = new(id);
    [FieldOffset(FlagsOffset)] private readonly Le16 _flags = new((ushort)flags);

    /// <summary>Device address of the buffer.</summary>
    public ulong Address => _address.Value;

    /// <summary>Length of the buffer, or bytes written, in bytes.</summary>
    public uint LengthBytes => _length.Value;

    /// <summary>The buffer's id.</summary>
    public ushort Id => _id.Value;

    /// <summary>Direction, chaining, and whose turn it is.</summary>
    public PackedDescriptorFlags Flags => (PackedDescriptorFlags)_flags.Value;
}
