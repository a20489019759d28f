using System;
using System.Buffers.Binary;

namespace RemoteprocEmu.Virtio.Net;

/// <summary>The configuration space of a net device.</summary>
/// <remarks>
/// <code>
/// offset bytes field
///    0     6   mac                   with MAC
///    6     2   status                with STATUS: LINK_UP 1, ANNOUNCE 2
///    8     2   max_virtqueue_pairs   with MQ
///   10     2   mtu                   with MTU
/// </code>
/// Source: VIRTIO 1.3, 5.1.4; include/uapi/linux/virtio_net.h, struct virtio_net_config.
/// </remarks>
public static class VirtioNetConfig
{
    /// <summary>Offset of mac.</summary>
    public const int MacOffset = 0;

    /// <summary>Offset of status.</summary>
    public const int StatusOffset = 6;

    /// <summary>Offset of max_virtqueue_pairs.</summary>
    public const int QueuePairsOffset = 8;

    /// <summary>Offset of mtu.</summary>
    public const int MtuOffset = 10;

    /// <summary>Bytes of all of it.</summary>
    public const int SizeBytes = 12;

    /// <summary>VIRTIO_NET_S_LINK_UP.</summary>
    public const ushort LinkUp = 1;

    /// <summary>Makes one.</summary>
    /// <param name="mac">The address.</param>
    /// <param name="status">Whether the link is up.</param>
    /// <param name="mtu">The largest payload.</param>
    public static byte[] Create(MacAddress mac, ushort status = LinkUp, ushort mtu = 1500)
    {
        byte[] config = new byte[SizeBytes];
        mac.Write(config);
        BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(StatusOffset), status);
        BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(QueuePairsOffset), 1);
        BinaryPrimitives.WriteUInt16LittleEndian(config.AsSpan(MtuOffset), mtu);
        return config;
    }
}
