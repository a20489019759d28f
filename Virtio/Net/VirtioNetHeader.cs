using System.Runtime.InteropServices;
using RemoteprocEmu.Platform.Access;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>What stands before each frame in a buffer.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     1   flags        NEEDS_CSUM 1, DATA_VALID 2
///    1     1   gso_type     0 none
///    2     2   hdr_len
///    4     2   gso_size
///    6     2   csum_start
///    8     2   csum_offset
///   10     2   num_buffers  only with MRG_RXBUF or VERSION_1
/// </code>
/// Byte order: little-endian, which is the host's. Source: VIRTIO 1.3, 5.1.6; include/uapi/linux/virtio_net.h, struct virtio_net_hdr,
/// struct virtio_net_hdr_mrg_rxbuf.
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = SizeBytesLong)]
public readonly struct VirtioNetHeader(byte flags, byte gsoType, ushort bufferCount)
{
    /// <summary>Its size without num_buffers: legacy, and neither MRG_RXBUF.</summary>
    public const int SizeBytesShort = 10;

    /// <summary>Its size with num_buffers.</summary>
    public const int SizeBytesLong = 12;

    /// <summary>VIRTIO_NET_HDR_F_NEEDS_CSUM.</summary>
    public const byte NeedsChecksum = 1;

    [FieldOffset(0)] private readonly byte _flags = flags;
    [FieldOffset(1)] private readonly byte _gsoType = gsoType;
    [FieldOffset(10)] private readonly Le16 _bufferCount = new(bufferCount);

    /// <summary>flags.</summary>
    public byte Flags => _flags;

    /// <summary>gso_type; 0 for a frame as it goes over a wire.</summary>
    public byte GsoType => _gsoType;

    /// <summary>num_buffers; to be looked at under MRG_RXBUF only.</summary>
    public ushort BufferCount => _bufferCount.Value;
}
